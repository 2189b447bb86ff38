import type { GrpcCode } from "../otlp/grpc-codes.ts";
import type { ExportRequest } from "../otlp/server/handler.ts";

type Protocol = ExportRequest["protocol"];

/** How a fault turns a whole request away. */
export interface SinkRefusal {
  code: GrpcCode;
  /** Where HTTP has another word than the one that stands for the code. */
  httpStatus?: number;
  text: string;
  /** The protocols over which OTLP lets a client send such a request again. */
  comesAgain: readonly Protocol[];
}

const BOTH: readonly Protocol[] = ["grpc", "http"];
const NEITHER: readonly Protocol[] = [];

/**
 * The faults that are a status and nothing more. The HTTP statuses of codes that may be retried are the Collector's.
 *
 * Sources: opentelemetry-proto 1.11, docs/specification.md, "Failures"; the Collector's receiver/otlpreceiver/internal/errors.
 */
export const REFUSALS = {
  unavailable: { code: "UNAVAILABLE", text: "unavailable", comesAgain: BOTH },
  throttled: { code: "RESOURCE_EXHAUSTED", text: "throttled", comesAgain: BOTH },
  throttled_date: { code: "RESOURCE_EXHAUSTED", text: "throttled", comesAgain: BOTH },
  exhausted: { code: "RESOURCE_EXHAUSTED", text: "exhausted", comesAgain: ["http"] },
  too_large: { code: "RESOURCE_EXHAUSTED", httpStatus: 413, text: "too large", comesAgain: NEITHER },
  gateway_timeout: { code: "DEADLINE_EXCEEDED", text: "gateway timeout", comesAgain: BOTH },
  aborted: { code: "ABORTED", httpStatus: 503, text: "aborted", comesAgain: BOTH },
  cancelled: { code: "CANCELLED", httpStatus: 503, text: "cancelled", comesAgain: BOTH },
  out_of_range: { code: "OUT_OF_RANGE", httpStatus: 503, text: "out of range", comesAgain: BOTH },
  data_loss: { code: "DATA_LOSS", httpStatus: 503, text: "data loss", comesAgain: BOTH },
  invalid: { code: "INVALID_ARGUMENT", text: "invalid", comesAgain: NEITHER },
  unauthenticated: { code: "UNAUTHENTICATED", text: "unauthenticated", comesAgain: NEITHER },
  internal: { code: "INTERNAL", text: "internal error", comesAgain: NEITHER },
  unknown: { code: "UNKNOWN", httpStatus: 599, text: "unknown error", comesAgain: NEITHER },
} as const satisfies Record<string, SinkRefusal>;

/** Name of a fault that is a refusal. */
export type RefusalName = keyof typeof REFUSALS;

/** Whether a fault is a refusal. */
export function isRefusal(name: string): name is RefusalName {
  return Object.hasOwn(REFUSALS, name);
}
