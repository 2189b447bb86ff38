import { type Answer, MAX_RETRY_AFTER_MS, plainLine } from "../../answer.ts";
import { nodeHttp } from "../node-http.ts";
import { answerOfSuccess, readErrorText } from "../reply.ts";
import type { ResponseHead } from "./response-head.ts";

/** Source: opentelemetry-proto v1.11 docs/specification.md, "Retryable Response Codes". */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * The answer in a complete HTTP response, or in one of refusal that broke off.
 *
 * body   what was read of it; empty when `whole` is false, i.e. when it was too long to keep
 */
export function answerOfResponse(
  { status, headers }: ResponseHead,
  body: Buffer,
  whole: boolean,
  address: string,
  wireBytes: number,
): Answer {
  const contentType = headers["content-type"] ?? "";
  if (status >= 200 && status < 300) {
    if (!whole) return { kind: "accepted", warning: "the reply is too long to be read", address, wireBytes };
    return answerOfSuccess(body, contentType.startsWith("application/json"), address, wireBytes);
  }
  const code = `http_${status}`;
  const message = describe(status, headers, readErrorText(body, contentType));
  if (!RETRYABLE.has(status)) return { kind: "permanent", code, message, address, wireBytes };
  const retryAfterMs = parseRetryAfter(headers["retry-after"], Date.now());
  if (retryAfterMs === undefined) return { kind: "retryable", code, message, address, wireBytes };
  return { kind: "retryable", retryAfterMs, code, message, address, wireBytes };
}

/** What servers say to plain text on a port for TLS: "Client sent an HTTP request to an HTTPS server." (Go), "... to HTTPS port" (nginx). */
const WANTS_TLS = /HTTP request .*to (an )?HTTPS (server|port)/;

function describe(status: number, headers: ResponseHead["headers"], text: string): string {
  const line = `${status} ${nodeHttp().STATUS_CODES[status] ?? ""}`.trim();
  if (status >= 300 && status < 400) return `${line}: redirects are not followed; use the address behind it`;
  if (WANTS_TLS.test(text)) return `${line}: write https://; the target says: ${text}`;
  if (text !== "") return `${line}: ${text}`;
  const challenge = headers["www-authenticate"];
  return challenge ? `${line}: ${plainLine(challenge)}` : line;
}

/** The three forms that recipients must take (RFC 9110, 5.6.7). Date.parse alone makes a year of any number behind a word. */
const HTTP_DATE =
  /^([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]+day, \d\d-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

/**
 * Milliseconds to wait that a Retry-After header asks for; undefined when it is absent or unreadable.
 * Seconds or an HTTP date (RFC 9110, 10.2.3); a date in the past is 0, and no wait is longer than MAX_RETRY_AFTER_MS.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), MAX_RETRY_AFTER_MS);
  if (!HTTP_DATE.test(text)) return undefined;
  // The oldest form does not name the zone that all three are in.
  const date = Date.parse(text.endsWith(" GMT") ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - nowMs), MAX_RETRY_AFTER_MS);
}
