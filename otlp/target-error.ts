/** What can be wrong with the description of a target, as stable codes. */
export type TargetErrorCode =
  | "bad_endpoint"
  | "bad_header"
  | "bad_tls_file"
  | "bad_compression"
  | "bad_environment";

/**
 * A target cannot be used as it was described: a mistake of the user's, found before anything is sent.
 * `message` is one line that says where, what was found and what to write; it never holds a header's value.
 */
export class TargetError extends Error {
  override readonly name = "TargetError";
  readonly code: TargetErrorCode;

  constructor(code: TargetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
