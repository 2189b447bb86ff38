/** What is said of files that hold wall-clock times. */
export const ABSOLUTE_TIMES = "times are absolute: this is a recording, not a template";

/** A template breaks the contract of docs/template-format.md. The caller adds the file's name. */
export class FreezeError extends Error {
  override readonly name = "FreezeError";
  readonly code = "bad_template";
}
