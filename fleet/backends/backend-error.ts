/** What keeps a fleet from being given a backend; `message` is one line for the user and holds no secret. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  readonly code:
    | "unknown_backend"
    | "repeated_backend"
    | "missing_variable"
    | "empty_variable"
    | "backend_clash"
    | "bad_backend_file";

  constructor(code: BackendError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
