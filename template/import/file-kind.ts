/** What a template or capture file is written in, and how large its requests may be. */
import { closeSync, openSync, readSync } from "node:fs";
import { ImportError } from "./import-error.ts";

/** Largest message of a capture: what OTLP recommends as the limit of a request. */
export const MAX_CAPTURE_FRAME_BYTES = 64 * 1024 * 1024;

/**
 * Whether a file holds JSON: its first character that is not blank opens an object or an array. As the length of a frame, these
 * bytes would stand for more than 1 GiB. Throws ImportError on an empty file.
 */
export function isJson(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(4096);
    const bytes = readSync(fd, head, 0, head.length, 0);
    if (bytes === 0) {
      throw new ImportError("bad_template_file", `${path}: the file is empty; generate it again`);
    }
    return /^(\uFEFF)?\s*[{[]/.test(head.toString("utf8", 0, bytes));
  } finally {
    closeSync(fd);
  }
}
