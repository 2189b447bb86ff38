/**
 * Finding the slots of a traces body: ids of spans, parents and links, times of spans and events.
 */
import { FieldCursor, readFixed64 } from "../../otlp/message/wire.ts";
import {
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeFrozenSpanId,
} from "../../template/ids.ts";
import { FreezeError } from "./freeze-error.ts";
import type { SlotTable } from "./slot-table.ts";

/** Tells, for a trace of the batch, which template offset (ns) is to lie at the base time: its end plus its jitter. */
export type TraceAlignment = (ordinal: number) => number;

const resourceSpans = new FieldCursor();
const scopeSpans = new FieldCursor();
const spans = new FieldCursor();
const span = new FieldCursor();
const part = new FieldCursor();

/** Note every slot of the body in `slots` and write into the body what of them is constant. */
export function locateTraceSlots(body: Buffer, slots: SlotTable, alignment: TraceAlignment): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  resourceSpans.enter(body, 0, body.length);
  while (resourceSpans.next()) {
    scopeSpans.enter(body, resourceSpans.from, resourceSpans.to);
    while (scopeSpans.next()) {
      if (scopeSpans.field !== 2) continue;
      spans.enter(body, scopeSpans.from, scopeSpans.to);
      while (spans.next())
        if (spans.field === 2) locateSpan(body, view, spans.from, spans.to, slots, alignment);
    }
  }
}

function locateSpan(
  body: Buffer,
  view: DataView,
  from: number,
  to: number,
  slots: SlotTable,
  alignment: TraceAlignment,
): void {
  const ordinal = traceOrdinalOf(body, from, to);
  const zero = alignment(ordinal);
  span.enter(body, from, to);
  while (span.next()) {
    switch (span.field) {
      case 1:
        freezeTraceId(body, span.from, ordinal, slots);
        break;
      case 2:
      case 4:
        if (span.to > span.from) freezeSpanId(body, view, span.from, span.to, ordinal, slots);
        break;
      case 7:
      case 8:
        slots.time(body, span.from, readFixed64(body, span.from) - zero);
        break;
      case 11:
        part.enter(body, span.from, span.to);
        while (part.next()) {
          if (part.field === 1) slots.time(body, part.from, readFixed64(body, part.from) - zero);
        }
        break;
      case 13:
        locateLink(body, view, span.from, span.to, slots);
        break;
    }
  }
}

function locateLink(body: Buffer, view: DataView, from: number, to: number, slots: SlotTable): void {
  const ordinal = traceOrdinalOf(body, from, to);
  part.enter(body, from, to);
  while (part.next()) {
    if (part.field === 1) freezeTraceId(body, part.from, ordinal, slots);
    if (part.field === 2) freezeSpanId(body, view, part.from, part.to, ordinal, slots);
  }
}

/** Trace ordinal of a span or link, both of which hold their trace id in field 1. */
function traceOrdinalOf(body: Buffer, from: number, to: number): number {
  part.enter(body, from, to);
  while (part.next()) {
    if (part.field !== 1) continue;
    const ordinal = part.to - part.from === TRACE_ID_BYTES ? readTemplateTraceId(body, part.from) : -1;
    if (ordinal < 0) {
      throw new FreezeError(`trace id ${body.toString("hex", part.from, part.to)} is not a template id`);
    }
    return ordinal;
  }
  throw new FreezeError("a span or link has no trace id");
}

function freezeTraceId(body: Buffer, offset: number, ordinal: number, slots: SlotTable): void {
  body.fill(0, offset, offset + TRACE_ID_BYTES);
  slots.traceId(ordinal, offset);
}

/** Turn a template span id into its frozen form, in place. Shared with log records. */
export function freezeSpanId(
  body: Buffer,
  view: DataView,
  from: number,
  to: number,
  ordinal: number,
  slots: SlotTable,
): void {
  if (to - from !== SPAN_ID_BYTES) {
    throw new FreezeError(`a span id must have 8 bytes, found ${to - from}`);
  }
  writeFrozenSpanId(view, from, readTemplateSpanOrdinal(body, from), readTemplateSpanCount(body, from));
  slots.spanId(ordinal, from);
}
