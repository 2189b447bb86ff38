/**
 * A look ahead over the traces of a template file: how large each is and when it ends, before any of it is frozen.
 */
import { FIXED64, FieldCursor, readFixed64, WireError } from "../../otlp/message/wire.ts";
import { readFrames } from "../../template/frames.ts";
import { readTemplateTraceId, TRACE_ID_BYTES } from "../../template/ids.ts";
import { ABSOLUTE_TIMES, FreezeError } from "./freeze-error.ts";

/** One trace of a template file. The object is new for each trace. */
export interface ScannedTrace {
  ordinal: number;
  /** Consecutive frames that hold it. */
  frames: number;
  firstFrameSpans: number;
  spans: number;
  /** The latest end of a span, or time of an event, in nanoseconds from the trace's start. */
  endNs: number;
  /** Upper bound of its encoded size inside a request. */
  bytesBound: number;
}

const request = new FieldCursor();
const resourceSpans = new FieldCursor();
const scopeSpans = new FieldCursor();
const span = new FieldCursor();
const event = new FieldCursor();

/** The assembler counts 5 bytes for tag and length of an envelope, which take 2 or more in the frame. */
const ENVELOPE_SLACK_BYTES = 3;

/** Walk the traces in file order. Throws FreezeError when ids are not template ids or a frame holds two traces. */
export function* scanTraces(path: string): Generator<ScannedTrace> {
  let trace: ScannedTrace | undefined;
  for (const { message, index } of readFrames(path)) {
    const frame = scanOrExplain(message, index);
    if (trace && trace.ordinal === frame.ordinal) {
      trace.frames++;
      trace.spans += frame.spans;
      trace.endNs = Math.max(trace.endNs, frame.endNs);
      trace.bytesBound += frame.bytesBound;
      continue;
    }
    if (trace) yield trace;
    const expected: number = trace ? trace.ordinal + 1 : 0;
    if (frame.ordinal !== expected) {
      throw new FreezeError(
        `frame ${index}: trace ordinals count from 0 in file order; expected ${expected}, found ${frame.ordinal}`,
      );
    }
    trace = frame;
  }
  if (trace) yield trace;
}

function scanOrExplain(message: Buffer, index: number): ScannedTrace {
  try {
    return scanFrame(message, index);
  } catch (error) {
    if (error instanceof WireError)
      throw new FreezeError(`frame ${index}: ${error.message}`, { cause: error });
    throw error;
  }
}

function scanFrame(message: Buffer, index: number): ScannedTrace {
  const trace: ScannedTrace = {
    ordinal: -1,
    frames: 1,
    firstFrameSpans: 0,
    spans: 0,
    endNs: 0,
    bytesBound: message.length,
  };
  request.enter(message, 0, message.length);
  while (request.next()) {
    trace.bytesBound += ENVELOPE_SLACK_BYTES;
    resourceSpans.enter(message, request.from, request.to);
    while (resourceSpans.next()) {
      if (resourceSpans.field !== 2) continue;
      trace.bytesBound += ENVELOPE_SLACK_BYTES;
      scopeSpans.enter(message, resourceSpans.from, resourceSpans.to);
      while (scopeSpans.next()) {
        if (scopeSpans.field === 2) scanSpan(message, scopeSpans.from, scopeSpans.to, trace, index);
      }
    }
  }
  if (trace.spans === 0)
    throw new FreezeError(`frame ${index}: has no spans; is it a file of another signal?`);
  trace.firstFrameSpans = trace.spans;
  return trace;
}

function scanSpan(message: Buffer, from: number, to: number, trace: ScannedTrace, index: number): void {
  let times = 0;
  span.enter(message, from, to);
  while (span.next()) {
    if (span.field === 1) {
      const ordinal = span.to - span.from === TRACE_ID_BYTES ? readTemplateTraceId(message, span.from) : -1;
      if (ordinal < 0) {
        throw new FreezeError(
          `frame ${index}: trace id ${message.toString("hex", span.from, span.to)} is not a template id`,
        );
      }
      if (trace.ordinal >= 0 && trace.ordinal !== ordinal) {
        throw new FreezeError(
          `frame ${index}: a frame holds spans of one trace, found ${trace.ordinal} and ${ordinal}`,
        );
      }
      trace.ordinal = ordinal;
    } else if (span.field === 7 || span.field === 8) {
      trace.endNs = Math.max(trace.endNs, readOffset(message, span, index));
      times++;
    } else if (span.field === 11) {
      event.enter(message, span.from, span.to);
      while (event.next()) {
        if (event.field === 1) trace.endNs = Math.max(trace.endNs, readOffset(message, event, index));
      }
    }
  }
  if (times !== 2) {
    throw new FreezeError(`frame ${index}: a span must have a start and an end time, even when they are 0`);
  }
  trace.spans++;
}

/** A template time: nanoseconds since the trace began, which doubles hold exactly. */
function readOffset(message: Buffer, field: FieldCursor, index: number): number {
  if (field.wireType !== FIXED64) throw new FreezeError(`frame ${index}: a time must be a fixed64`);
  const offset = readFixed64(message, field.from);
  if (offset > Number.MAX_SAFE_INTEGER) throw new FreezeError(`frame ${index}: ${ABSOLUTE_TIMES}`);
  return offset;
}
