/**
 * What a server answers with, in protobuf and in JSON. Nothing here is hot: the common answer, plain success, is empty.
 *
 * Sources: opentelemetry/proto/collector/**, google/rpc/status.proto, google/rpc/error_details.proto.
 */
import protobuf from "protobufjs/minimal.js";
import { type GrpcCode, grpcNumber } from "../grpc-codes.ts";
import type { Signal } from "../signal.ts";

const { Writer } = protobuf;

const RETRY_INFO_TYPE = "type.googleapis.com/google.rpc.RetryInfo";

const REJECTED_FIELD: Record<Signal, string> = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
};

/** A refusal: code, one line for people, and how long to stay away, if that is known. */
export interface Refusal {
  code: GrpcCode;
  message: string;
  /** Milliseconds, >= 0. */
  retryAfterMs?: number;
}

/** Export*ServiceResponse with a partial success, as protobuf. The three responses have one layout. */
export function encodePartialSuccess(rejected: number, message: string): Uint8Array {
  const partial = Writer.create().uint32(0x08).int64(rejected).uint32(0x12).string(message).finish();
  return Writer.create().uint32(0x0a).bytes(partial).finish();
}

/** Export*ServiceResponse with a partial success, as OTLP/JSON: 64-bit numbers are strings. */
export function partialSuccessJson(signal: Signal, rejected: number, message: string): string {
  return JSON.stringify({
    partialSuccess: { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message },
  });
}

/** google.rpc.Status as protobuf, with RetryInfo among its details when there is a hint. */
export function encodeStatus(refusal: Refusal): Uint8Array {
  const writer = Writer.create()
    .uint32(0x08)
    .int32(grpcNumber(refusal.code))
    .uint32(0x12)
    .string(refusal.message);
  if (refusal.retryAfterMs !== undefined) writer.uint32(0x1a).bytes(encodeRetryInfo(refusal.retryAfterMs));
  return writer.finish();
}

/** google.rpc.Status as JSON. */
export function statusJson(refusal: Refusal): string {
  const details =
    refusal.retryAfterMs === undefined
      ? []
      : [{ "@type": RETRY_INFO_TYPE, retryDelay: `${refusal.retryAfterMs / 1000}s` }];
  return JSON.stringify({ code: grpcNumber(refusal.code), message: refusal.message, details });
}

/** google.protobuf.Any{type_url 1, value 2} of RetryInfo{retry_delay 1: Duration{seconds 1, nanos 2}}. */
function encodeRetryInfo(retryAfterMs: number): Uint8Array {
  const seconds = Math.floor(retryAfterMs / 1000);
  const nanos = Math.round((retryAfterMs - seconds * 1000) * 1e6);
  const duration = Writer.create().uint32(0x08).int64(seconds).uint32(0x10).int32(nanos).finish();
  const retryInfo = Writer.create().uint32(0x0a).bytes(duration).finish();
  return Writer.create().uint32(0x0a).string(RETRY_INFO_TYPE).uint32(0x12).bytes(retryInfo).finish();
}
