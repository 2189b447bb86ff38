/**
 * Whether a file is a template as docs/template-format.md has it, told by its first frames. Freezing checks the rest.
 */
import { DecodeError, decodeRequest } from "../../otlp/message/decode.ts";
import { recognizeSignal } from "../../otlp/message/recognize.ts";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import { BYTES, FieldCursor, WireError } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";
import { MAX_FRAME_BYTES, readFrames } from "../frames.ts";
import { readTemplateSpanOrdinal, readTemplateTraceId, SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";
import { ImportError } from "./import-error.ts";
import { MAX_CAPTURE_FRAME_BYTES } from "./read-requests.ts";

const CHECKED_FRAMES = 32;

/**
 * Whether the first frames can be frozen as they are. Throws ImportError when they are of another signal; frames that cannot be
 * decoded are not canonical, reading them tells why.
 */
export function isCanonical(path: string, signal: Signal): boolean {
  let traces = 0;
  try {
    for (const { message, index, position } of readFrames(path, MAX_CAPTURE_FRAME_BYTES)) {
      if (index >= CHECKED_FRAMES) break;
      const found = recognizeSignal(message);
      if (found === undefined || message.length > MAX_FRAME_BYTES) return false;
      if (found !== signal) throw wrongSignal(`${path}: byte ${position} (frame ${index})`, found, signal);
      if (signal === "traces") {
        const ordinal = traceOrdinal(decodeRequest(signal, message));
        if (ordinal < 0 || (ordinal !== traces && ordinal !== traces - 1)) return false;
        traces = ordinal + 1;
      } else if (!isTemplateFrame(signal, message)) return false;
    }
  } catch (error) {
    if (error instanceof WireError || error instanceof DecodeError) return false;
    throw error;
  }
  return true;
}

function isTemplateFrame(signal: "metrics" | "logs", message: Uint8Array): boolean {
  if (signal === "logs") return isLogTemplate(decodeRequest(signal, message));
  return isMetricTemplate(decodeRequest(signal, message)) && hasPaddedBuckets(message);
}

/** The error for a file that holds something else than what it was given for. */
export function wrongSignal(place: string, found: Signal, expected: Signal): ImportError {
  return new ImportError(
    "wrong_signal",
    `${place}: holds ${found}, ${expected} are needed; give it as input.${found}, or another file as input.${expected}`,
  );
}

/** The ordinal of the one trace in a frame; -1 when the frame is not in template form. */
function traceOrdinal(request: RequestOf<"traces">): number {
  let ordinal = -1;
  for (const { scopeSpans } of request.resourceSpans ?? []) {
    for (const span of scopeSpans?.flatMap((scope) => scope.spans ?? []) ?? []) {
      const trace = span.traceId?.length === TRACE_ID_BYTES ? readTemplateTraceId(span.traceId, 0) : -1;
      if (trace < 0 || (ordinal >= 0 && trace !== ordinal) || !isSpanTemplate(span)) return -1;
      ordinal = trace;
    }
  }
  return ordinal;
}

function isSpanTemplate(span: Message<"Span">): boolean {
  if (span.spanId?.length !== SPAN_ID_BYTES || readTemplateSpanOrdinal(span.spanId, 0) < 0) return false;
  if (span.startTimeUnixNano === undefined || span.endTimeUnixNano === undefined) return false;
  return (span.events ?? []).every((event) => event.timeUnixNano !== undefined);
}

function isLogTemplate(request: RequestOf<"logs">): boolean {
  const records =
    request.resourceLogs?.flatMap((r) => r.scopeLogs?.flatMap((s) => s.logRecords ?? []) ?? []) ?? [];
  return records.every((record) => {
    const id = record.traceId;
    const isLinkTemplate =
      id === undefined || (id.length === TRACE_ID_BYTES && readTemplateTraceId(id, 0) >= 0);
    return isLinkTemplate && record.timeUnixNano?.isZero() && record.observedTimeUnixNano?.isZero();
  });
}

function isMetricTemplate(request: RequestOf<"metrics">): boolean {
  const metrics =
    request.resourceMetrics?.flatMap((r) => r.scopeMetrics?.flatMap((s) => s.metrics ?? []) ?? []) ?? [];
  return metrics.every((metric) => {
    if (metric.summary !== undefined) return false;
    const timed = [metric.sum, metric.histogram, metric.exponentialHistogram].flatMap(
      (data) => data?.dataPoints ?? [],
    );
    const points = [...timed, ...(metric.gauge?.dataPoints ?? [])];
    return (
      points.every((point) => point.timeUnixNano?.isZero() && point.exemplars === undefined) &&
      timed.every((point) => point.startTimeUnixNano?.isZero())
    );
  });
}

/** Fields on the way from a metrics request to the bucket counts of exponential histograms. */
const BUCKETS_PATH = [1, 2, 2, 10, 1, 8, 2];

function hasPaddedBuckets(message: Uint8Array): boolean {
  const cursors = BUCKETS_PATH.map(() => new FieldCursor());
  const check = (from: number, to: number, depth: number): boolean => {
    if (depth === BUCKETS_PATH.length) return isPadded(message, from, to);
    const cursor = cursors[depth]!;
    cursor.enter(message, from, to);
    while (cursor.next()) {
      if (cursor.field !== BUCKETS_PATH[depth] || cursor.wireType !== BYTES) continue;
      if (!check(cursor.from, cursor.to, depth + 1)) return false;
    }
    return true;
  };
  return check(0, message.length, 0);
}

function isPadded(message: Uint8Array, from: number, to: number): boolean {
  if ((to - from) % 3 !== 0) return false;
  for (let at = from; at < to; at++) if (message[at]! >= 0x80 !== (at - from) % 3 < 2) return false;
  return true;
}
