import { plainLine } from "../../answer.ts";

/** What the status line and the header fields of a response say. */
export interface ResponseHead {
  status: number;
  /** By lower-case name. Repeated fields are joined by a comma, but for those that can be there once: the first counts. */
  headers: Readonly<Record<string, string | undefined>>;
  /** How the body ends: after so many bytes, by its own framing, or with the connection. */
  bodyBytes: number | "chunked" | "until_end";
  /** Whether the connection may carry another request. */
  keepsAlive: boolean;
  /** For how long, in ms, as the Keep-Alive field promises; Infinity where it promises nothing. */
  keepAliveMs: number;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/;
/** Token characters, a colon at once, any text without line ends (RFC 9112, 5). */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;
const FIRST_COUNTS = new Set(["content-type", "retry-after"]);

/**
 * Read a head, from its status line to the empty line, CRLF included. The sentence that says what is wrong with it, if it is not
 * one or leaves doubt about where the answer ends.
 * Source: RFC 9112, 4 to 6.
 */
export function parseHead(text: string): ResponseHead | string {
  const lines = text.split("\r\n");
  const statusLine = STATUS_LINE.exec(lines[0]!);
  if (!statusLine) return `the answer is not HTTP/1.1, it begins with ${shown(lines[0]!)}`;
  const headers: Record<string, string> = Object.create(null);
  // The end is the empty line's.
  for (const line of lines.slice(1, -2)) {
    const field = FIELD.exec(line);
    if (!field) return `the answer has the malformed header line ${shown(line)}`;
    const name = field[1]!.toLowerCase();
    const before = headers[name];
    if (before === undefined) headers[name] = field[2]!;
    else if (!FIRST_COUNTS.has(name)) headers[name] = `${before}, ${field[2]}`;
  }
  const status = Number(statusLine[2]);
  if (status === 101) return "the answer switches to another protocol, which was not asked for";
  const bodyBytes = bodyBytesOf(status, headers["content-length"], headers["transfer-encoding"]);
  if (typeof bodyBytes === "object") return bodyBytes.problem;
  const connection = tokens(headers.connection);
  const keepAliveMs = keepAliveMsOf(headers["keep-alive"]);
  const persists = statusLine[1] === "1" ? !connection.includes("close") : connection.includes("keep-alive");
  const keepsAlive = persists && bodyBytes !== "until_end" && keepAliveMs > 0;
  return { status, headers, bodyBytes, keepsAlive, keepAliveMs };
}

function bodyBytesOf(
  status: number,
  length: string | undefined,
  encoding: string | undefined,
): ResponseHead["bodyBytes"] | { problem: string } {
  if (length !== undefined && encoding !== undefined) {
    return { problem: "the answer has both a content-length and a transfer-encoding" };
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return { problem: `the answer has the content-length ${shown(length)}` };
  }
  if (encoding !== undefined && encoding.toLowerCase() !== "chunked") {
    return { problem: `the answer has the transfer-encoding ${shown(encoding)}, which was not asked for` };
  }
  if (status < 200 || status === 204 || status === 304) return 0;
  if (encoding !== undefined) return "chunked";
  return length === undefined ? "until_end" : Number(length);
}

function tokens(field: string | undefined): string[] {
  return field === undefined ? [] : field.toLowerCase().split(/[ \t]*,[ \t]*/);
}

/** A second less than promised: a request that leaves at the last moment would meet a closed connection. */
function keepAliveMsOf(field: string | undefined): number {
  const seconds = field === undefined ? undefined : /(?:^|[ ,])timeout=(\d{1,9})/i.exec(field)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 - 1000;
}

function shown(text: string): string {
  return JSON.stringify(plainLine(text).slice(0, 40));
}
