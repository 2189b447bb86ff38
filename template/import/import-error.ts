/** A file cannot be taken as templates. `message` is one line: file, place, what is wrong, what to do. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: "bad_template_file" | "wrong_signal" | "absolute_times" | "scattered_trace";

  constructor(code: ImportError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
