import { TargetError } from "../target-error.ts";
import type { Headers } from "./contract.ts";
import { nodeHttp } from "./node-http.ts";

/** How requests of ours name their sender. */
export const USER_AGENT = "stampede";

/** Headers that the protocols set themselves: a user's value would break every request. */
const RESERVED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The user's headers as they are written into a request. Values travel byte for byte as UTF-8: heads are written as latin1, so
 * each byte becomes one character.
 * Throws TargetError that names the header, never its value.
 */
export function httpHeaders(headers: Headers): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    checkName(name, () => nodeHttp().validateHeaderName(name));
    const bytes = Buffer.from(value, "utf8").toString("latin1");
    checkValue(name, () => nodeHttp().validateHeaderValue(name, bytes));
    result[name.toLowerCase()] = bytes;
  }
  return result;
}

/** Run a check of a header's name, and refuse the names that the protocols set themselves. Throws TargetError. */
export function checkName(name: string, check: () => void): void {
  if (RESERVED.has(name.toLowerCase())) {
    throw new TargetError("bad_header", `header "${name}" is set by the protocol itself; leave it out`);
  }
  try {
    check();
  } catch {
    throw new TargetError("bad_header", `header "${name}": the name has characters that no header may have`);
  }
}

/** Run a check of a header's value. Throws TargetError without it. */
export function checkValue(name: string, check: () => void): void {
  try {
    check();
  } catch {
    // No `cause`: its message may hold the value, and values are secrets.
    throw new TargetError(
      "bad_header",
      `header "${name}": the value has characters that cannot be sent (a line break?)`,
    );
  }
}
