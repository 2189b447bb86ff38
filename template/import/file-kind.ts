/** What a template or capture file is written in, and how large its requests may be. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ImportError } from "./import-error.ts";

/** Largest message of a capture: what OTLP recommends as the limit of a request. */
export const MAX_CAPTURE_FRAME_BYTES = 64 * 1024 * 1024;

/** First bytes of compressed files, as the Collector's file exporter or a user may have made them; longer than any frame as a length. */
const PACKED: [string, Buffer][] = [
  ["gzip", Buffer.from([0x1f, 0x8b, 0x08])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];

/**
 * Whether a file holds JSON: its first character that is not blank opens an object or an array. As the length of a frame, these
 * bytes would stand for more than 1 GiB. Throws ImportError on an empty or compressed file and on a directory.
 */
export function isJson(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    if (fstatSync(fd).isDirectory()) {
      throw new ImportError(
        "bad_template_file",
        `${path}: is a directory, a file is needed; name one that is in it (.pb or .json)`,
      );
    }
    const head = Buffer.alloc(4096);
    const bytes = readSync(fd, head, 0, head.length, 0);
    if (bytes === 0) {
      throw new ImportError("bad_template_file", `${path}: the file is empty; generate it again`);
    }
    const packed = PACKED.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
    if (packed) {
      throw new ImportError("bad_template_file", `${path}: is compressed (${packed[0]}); unpack it first`);
    }
    return /^(\uFEFF)?\s*[{[]/.test(head.toString("utf8", 0, bytes));
  } finally {
    closeSync(fd);
  }
}
