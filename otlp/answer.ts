/**
 * What became of one try to send one request. Every way a try can end is one of these five; nothing is thrown.
 *
 * accepted   the target has all of it
 * partial    the target has all but `rejected` items; never to be retried (opentelemetry-proto, docs/specification.md)
 * retryable  the target refused all of it for now
 * permanent  the target refused all of it for good
 * lost       no answer came: `sent` tells whether the target may have it
 */
export type Answer = Accepted | Partial | Retryable | Permanent | Lost;

/** What every answer says about its try. */
interface Try {
  /** Where the try went: ip:port of the connection, or the endpoint's host:port when there was none. */
  address: string;
  /** Bytes of this try's body as they were handed to the connection: compressed, with gRPC's five bytes of framing. */
  wireBytes: number;
}

export interface Accepted extends Try {
  kind: "accepted";
  /** What the target had to say all the same: one line of plain text. */
  warning?: string;
}

export interface Partial extends Try {
  kind: "partial";
  /** Items (spans, data points, log records) that the target did not take, >= 1; as it says, so unchecked. */
  rejected: number;
  message: string;
}

export interface Retryable extends Try {
  kind: "retryable";
  /** The target asks not to be tried again before this much time has passed: Retry-After or RetryInfo. 0..MAX_RETRY_AFTER_MS */
  retryAfterMs?: number;
  /** `http_503`, `grpc_unavailable`, ... */
  code: string;
  message: string;
}

export interface Permanent extends Try {
  kind: "permanent";
  /** `http_400`, `grpc_invalid_argument`, ... */
  code: string;
  message: string;
}

export interface Lost extends Try {
  kind: "lost";
  /**
   * false: no connection stood, or the target says that it did not look at it, so it certainly does not have it.
   * true: a connection was there to write to, so the target may have it: in doubt if no later try is answered.
   */
  sent: boolean;
  /**
   * `unreachable`, `timeout`, `connection_lost`, `closed` (the transport was closed meanwhile), or `refused_stream`: the target
   * ends the connection in good order or has enough streams, and did not look at this one (HTTP/2).
   */
  code: LostCode;
  message: string;
}

export type LostCode = "unreachable" | "timeout" | "connection_lost" | "refused_stream" | "closed";

/** A day. What a target asks for beyond it is an error of its own, or a timer's overflow of ours: those end at 2^31 ms. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

const MAX_TEXT = 300;

/** A peer's text as one printable line of bounded length: it ends up in terminals and reports. */
export function plainLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  // A cut may fall between the halves of a character.
  return (line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line).toWellFormed();
}
