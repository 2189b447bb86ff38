/** A template breaks the contract of docs/template-format.md. The caller adds the file's name. */
export class FreezeError extends Error {
  override readonly name = "FreezeError";
  readonly code = "bad_template";
}
