/**
 * The few messages that a target answers with, read from bytes that may be anything.
 *
 *   Export{Trace,Metrics,Logs}ServiceResponse  1 partial_success {1 rejected_* int64, 2 error_message string}
 *   google.rpc.Status                          1 code, 2 message, 3 repeated Any details {1 type_url, 2 value}
 *   google.rpc.RetryInfo                       1 Duration retry_delay {1 seconds int64, 2 nanos int32}
 *
 * Sources: opentelemetry-proto v1.11 collector/**; googleapis google/rpc/status.proto, error_details.proto.
 */
import { type Answer, MAX_RETRY_AFTER_MS, plainLine } from "../answer.ts";
import { BYTES, FieldCursor, VARINT, WireError } from "../message/wire.ts";

/** What a target said it did not take. */
export interface PartialSuccess {
  rejected: number;
  message: string;
}

/** The part of google.rpc.Status that matters to a sender. */
export interface ReplyStatus {
  message: string;
  /** RetryInfo.retry_delay in ms; undefined when the details hold none. */
  retryAfterMs: number | undefined;
}

/**
 * The answer in a reply of success, in either of OTLP's encodings.
 * The target has said yes, so a reply that cannot be read still means accepted, with a warning.
 */
export function answerOfSuccess(body: Buffer, json: boolean, address: string, wireBytes: number): Answer {
  if (body.length === 0) return { kind: "accepted", address, wireBytes };
  const partial = json ? readJsonPartialSuccess(body) : readPartialSuccess(body);
  if (!partial) return { kind: "accepted", warning: "the reply cannot be read", address, wireBytes };
  const { rejected, message } = partial;
  if (rejected > 0) return { kind: "partial", rejected, message, address, wireBytes };
  if (message !== "") return { kind: "accepted", warning: message, address, wireBytes };
  return { kind: "accepted", address, wireBytes };
}

/** Read an Export*ServiceResponse; undefined when the bytes are not one. */
export function readPartialSuccess(body: Uint8Array): PartialSuccess | undefined {
  return orUndefined(() => {
    const result: PartialSuccess = { rejected: 0, message: "" };
    for (const outer of fields(body)) {
      if (outer.field !== 1 || outer.wireType !== BYTES) continue;
      for (const inner of fields(body.subarray(outer.from, outer.to))) {
        if (inner.field === 1 && inner.wireType === VARINT) result.rejected = itemCount(inner.value);
        if (inner.field === 2 && inner.wireType === BYTES) result.message = text(body, outer.from, inner);
      }
    }
    return result;
  });
}

/** Read a google.rpc.Status with its RetryInfo; undefined when the bytes are not one. */
export function readStatus(body: Uint8Array): ReplyStatus | undefined {
  return orUndefined(() => {
    const status: ReplyStatus = { message: "", retryAfterMs: undefined };
    for (const field of fields(body)) {
      if (field.wireType !== BYTES) continue;
      if (field.field === 2) status.message = text(body, 0, field);
      if (field.field === 3) status.retryAfterMs ??= readRetryInfo(body.subarray(field.from, field.to));
    }
    return status;
  });
}

function readRetryInfo(any: Uint8Array): number | undefined {
  let typeUrl = "";
  let value: Uint8Array | undefined;
  for (const field of fields(any)) {
    if (field.field === 1 && field.wireType === BYTES) typeUrl = text(any, 0, field);
    if (field.field === 2 && field.wireType === BYTES) value = any.subarray(field.from, field.to);
  }
  if (!/(^|\/)google\.rpc\.RetryInfo$/.test(typeUrl)) return undefined;
  let delayMs = 0;
  for (const field of fields(value ?? new Uint8Array())) {
    if (field.field === 1 && field.wireType === BYTES) {
      delayMs = readDurationMs(value!.subarray(field.from, field.to));
    }
  }
  return delayMs;
}

/** google.protobuf.Duration in ms, rounded up; a negative one is no delay, and none is longer than MAX_RETRY_AFTER_MS. */
function readDurationMs(duration: Uint8Array): number {
  let seconds = 0;
  let nanos = 0;
  for (const field of fields(duration)) {
    if (field.field === 1 && field.wireType === VARINT) seconds = itemCount(field.value);
    if (field.field === 2 && field.wireType === VARINT) nanos = itemCount(field.value);
  }
  return Math.min(seconds * 1000 + Math.ceil(nanos / 1e6), MAX_RETRY_AFTER_MS);
}

function readJsonPartialSuccess(body: Buffer): PartialSuccess | undefined {
  const reply = parseJson(body);
  if (reply === undefined) return undefined;
  const partial = reply.partialSuccess;
  if (typeof partial !== "object" || partial === null) return { rejected: 0, message: "" };
  const parts = partial as Record<string, unknown>;
  const rejected = Number(parts.rejectedSpans ?? parts.rejectedDataPoints ?? parts.rejectedLogRecords ?? 0);
  const message = typeof parts.errorMessage === "string" ? plainLine(parts.errorMessage) : "";
  return { rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, message };
}

/** What the body of an error says, whatever it is: google.rpc.Status in protobuf or JSON, or the start of a text. */
export function readErrorText(body: Buffer, contentType: string): string {
  if (body.length === 0) return "";
  if (contentType.startsWith("application/x-protobuf")) return readStatus(body)?.message ?? "";
  const message = contentType.includes("json") ? parseJson(body)?.message : undefined;
  return plainLine(typeof message === "string" ? message : body.toString("utf8", 0, 1024));
}

function parseJson(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function* fields(message: Uint8Array): Generator<FieldCursor> {
  const cursor = new FieldCursor();
  cursor.enter(message, 0, message.length);
  while (cursor.next()) yield cursor;
}

/** Negative int64 numbers look like 2^63 and more to the cursor; no count is either. */
function itemCount(value: number): number {
  return value < 2 ** 53 ? value : 0;
}

function text(bytes: Uint8Array, base: number, field: FieldCursor): string {
  return plainLine(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
      "utf8",
      base + field.from,
      base + field.to,
    ),
  );
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
