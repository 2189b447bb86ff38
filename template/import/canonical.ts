/**
 * Whether a file is a template as docs/template-format.md has it, told by its first frames. Freezing checks the rest.
 *
 * Every replayer asks this of its inputs when it starts, so it walks bytes: decoding would load protobufjs, 50 MB of it.
 */
import { recognizeSignal } from "../../otlp/message/recognize.ts";
import { BYTES, FieldCursor, readFixed64, WireError } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";
import { MAX_FRAME_BYTES, readFrames } from "../frames.ts";
import { readTemplateSpanOrdinal, readTemplateTraceId, SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";
import { MAX_CAPTURE_FRAME_BYTES } from "./file-kind.ts";
import { ImportError } from "./import-error.ts";

const CHECKED_FRAMES = 32;

/**
 * Whether the first frames can be frozen as they are. Throws ImportError when they are of another signal; bytes that are no
 * protobuf are not canonical, reading them tells why.
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
        const ordinal = traceOrdinal(message);
        if (ordinal < 0 || (ordinal !== traces && ordinal !== traces - 1)) return false;
        traces = ordinal + 1;
      } else if (!everyItem(message, signal === "logs" ? isLogTemplate : isMetricTemplate)) return false;
    }
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
  return true;
}

/** The error for a file that holds something else than what it was given for. */
export function wrongSignal(place: string, found: Signal, expected: Signal): ImportError {
  return new ImportError(
    "wrong_signal",
    `${place}: holds ${found}, ${expected} are needed; give it as input.${found}, or another file as input.${expected}`,
  );
}

/** Tells of the message in bytes[from, to) whether it is in template form. */
type Check = (bytes: Uint8Array, from: number, to: number) => boolean;

/** Cursors by depth of nesting: request, resource, scope, item, and what an item holds. */
const [request, resource, scope, item, part, point, buckets] = Array.from(
  { length: 7 },
  () => new FieldCursor(),
) as [FieldCursor, FieldCursor, FieldCursor, FieldCursor, FieldCursor, FieldCursor, FieldCursor];

function everyItem(message: Uint8Array, check: Check): boolean {
  request.enter(message, 0, message.length);
  while (request.next()) {
    resource.enter(message, request.from, request.to);
    while (resource.next()) {
      if (resource.field !== 2) continue;
      scope.enter(message, resource.from, resource.to);
      while (scope.next()) {
        if (scope.field === 2 && !check(message, scope.from, scope.to)) return false;
      }
    }
  }
  return true;
}

/** The ordinal of the one trace in a frame; -1 when the frame is not in template form. */
function traceOrdinal(message: Uint8Array): number {
  let ordinal = -1;
  const isTemplate = everyItem(message, (bytes, from, to) => {
    const found = traceOrdinalOfSpan(bytes, from, to);
    if (found < 0 || (ordinal >= 0 && found !== ordinal)) return false;
    ordinal = found;
    return true;
  });
  return isTemplate ? ordinal : -1;
}

/** The trace ordinal of a span with template ids and all its times, else -1. */
function traceOrdinalOfSpan(bytes: Uint8Array, from: number, to: number): number {
  let ordinal = -1;
  let isNamed = false;
  let times = 0;
  item.enter(bytes, from, to);
  while (item.next()) {
    if (item.field === 1 && item.to - item.from === TRACE_ID_BYTES)
      ordinal = readTemplateTraceId(bytes, item.from);
    else if (item.field === 2 && item.to - item.from === SPAN_ID_BYTES) {
      isNamed = readTemplateSpanOrdinal(bytes, item.from) >= 0;
    } else if (item.field === 7 || item.field === 8) times++;
    else if (item.field === 11 && !hasField(bytes, item.from, item.to, 1)) return -1;
  }
  return isNamed && times === 2 ? ordinal : -1;
}

function hasField(bytes: Uint8Array, from: number, to: number, field: number): boolean {
  part.enter(bytes, from, to);
  while (part.next()) if (part.field === field) return true;
  return false;
}

function isLogTemplate(bytes: Uint8Array, from: number, to: number): boolean {
  let zeroTimes = 0;
  item.enter(bytes, from, to);
  while (item.next()) {
    if ((item.field === 1 || item.field === 11) && readFixed64(bytes, item.from) === 0) zeroTimes++;
    else if (item.field === 9 && item.to > item.from) {
      if (item.to - item.from !== TRACE_ID_BYTES || readTemplateTraceId(bytes, item.from) < 0) return false;
    }
  }
  return zeroTimes === 2;
}

const [GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY] = [5, 7, 9, 10, 11];
/** Field of the exemplars in each kind's points. */
const EXEMPLARS: Record<number, number> = {
  [GAUGE!]: 5,
  [SUM!]: 5,
  [HISTOGRAM!]: 8,
  [EXPONENTIAL_HISTOGRAM!]: 11,
};

function isMetricTemplate(bytes: Uint8Array, from: number, to: number): boolean {
  item.enter(bytes, from, to);
  while (item.next()) {
    const kind = item.field;
    if (kind === SUMMARY) return false;
    if (EXEMPLARS[kind] === undefined || item.wireType !== BYTES) continue;
    part.enter(bytes, item.from, item.to);
    while (part.next()) {
      if (part.field === 1 && !isPointTemplate(kind, bytes, part.from, part.to)) return false;
    }
  }
  return true;
}

/** Fields 2 and 3 are the start time and the time in the points of every kind. */
function isPointTemplate(kind: number, bytes: Uint8Array, from: number, to: number): boolean {
  let zeroTimes = 0;
  point.enter(bytes, from, to);
  while (point.next()) {
    if (point.field === EXEMPLARS[kind]) return false;
    if (point.field === 3 && readFixed64(bytes, point.from) === 0) zeroTimes++;
    else if (point.field === 2 && kind !== GAUGE && readFixed64(bytes, point.from) === 0) zeroTimes++;
    else if (kind === EXPONENTIAL_HISTOGRAM && point.field === 8) {
      buckets.enter(bytes, point.from, point.to);
      while (buckets.next())
        if (buckets.field === 2 && !isPadded(bytes, buckets.from, buckets.to)) return false;
    }
  }
  return zeroTimes === (kind === GAUGE ? 1 : 2);
}

/** Whether the bytes are varints padded to three bytes. */
function isPadded(bytes: Uint8Array, from: number, to: number): boolean {
  if ((to - from) % 3 !== 0) return false;
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80 !== (at - from) % 3 < 2) return false;
  return true;
}
