/** What a gRPC status means to a client. */
import { GRPC_CODES } from "../../grpc-codes.ts";

/** Name of a status; of an unknown one its number, as the target wrote it. */
export function statusName(code: number): string {
  return GRPC_CODES[code] ?? `${code}`;
}

/**
 * The status that stands for an HTTP status, when something in between answers that does not speak gRPC.
 * Source: grpc/doc/http-grpc-status-mapping.md.
 */
export function statusOfHttp(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

const RESOURCE_EXHAUSTED = 8;

/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE = new Set([1, 4, 10, 11, 14, 15]);

/**
 * Whether a request with this status may be tried again; RESOURCE_EXHAUSTED only when the target says when (RetryInfo).
 * Source: opentelemetry-proto v1.11 docs/specification.md, "Failures".
 */
export function isRetryable(code: number, hasRetryInfo: boolean): boolean {
  return RETRYABLE.has(code) || (code === RESOURCE_EXHAUSTED && hasRetryInfo);
}
