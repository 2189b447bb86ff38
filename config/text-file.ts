/**
 * The text of a config file, bounded in size.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { ConfigError } from "./problem.ts";

/** Configs are written by hand: a larger file is not one, and is refused before it is parsed. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** Read a whole file as UTF-8. Throws ConfigError when it cannot be read, is larger than MAX_CONFIG_BYTES, or is no text. */
export function readText(file: string): string {
  let bytes: Buffer;
  try {
    const fd = openSync(file, "r");
    try {
      // Read by the byte limit, not by the file's size: pipes and devices have none.
      const buffer = Buffer.allocUnsafe(MAX_CONFIG_BYTES + 1);
      let length = 0;
      while (length < buffer.length) {
        const got = readSync(fd, buffer, length, buffer.length - length, null);
        if (got === 0) break;
        length += got;
      }
      bytes = buffer.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new ConfigError([{ file, path: "", message: readFailure(error as NodeJS.ErrnoException) }]);
  }
  if (bytes.length > MAX_CONFIG_BYTES) {
    throw new ConfigError([
      { file, path: "", message: "larger than 1 MiB; a config is a short text file, is this one?" },
    ]);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {}
  throw new ConfigError([{ file, path: "", message: "is not UTF-8 text; a config is a YAML file" }]);
}

function readFailure(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "may not be read; check its permissions";
    case "EISDIR":
      return "is a directory; name a YAML file";
    case "ENOTDIR":
      return "no such file: a part of this path is a file";
    default:
      return `cannot be read (${error.code ?? error.message})`;
  }
}
