/**
 * Finding the slots of a logs body: the record's times, the ids of the span it belongs to, and both of them in text.
 */
import { FIXED64, FieldCursor, readFixed64 } from "../../otlp/message/wire.ts";
import {
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeFrozenSpanId,
} from "../../template/ids.ts";
import { TIME_TEXTS } from "../../template/slots.ts";
import { ABSOLUTE_TIMES, FreezeError } from "./freeze-error.ts";
import { freezeSpanId } from "./locate-traces.ts";
import type { SlotTable } from "./slot-table.ts";

const resourceLogs = new FieldCursor();
const scopeLogs = new FieldCursor();
const records = new FieldCursor();
const record = new FieldCursor();

const TIME_TEXT_BYTES = TIME_TEXTS.map(({ zero }) => Buffer.from(zero, "latin1"));
/** One of them stands in every time text for time 0, and hardly anywhere else: most records are searched for these only. */
const YEAR = Buffer.from("1970");
const SYSLOG_DAY = Buffer.from("Jan  1 ");
const KLOG_DAY = Buffer.from("0101 00:");

/** What locating needs to know of the template file around the body. */
export interface LogContext {
  /** Ordinal of the body's first record in the file. */
  firstRecord: number;
  /** How far before the base time a record lies, by its ordinal. */
  jitterNs: (record: number) => number;
  /** False: the ids of spans that records belong to are zeroed, which OTLP reads as absent. */
  isLinked: boolean;
}

/**
 * Note every slot of the body in `slots` and write into the body what of them is constant.
 * Returns how many records belong to a span.
 */
export function locateLogSlots(body: Buffer, slots: SlotTable, context: LogContext): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let ordinal = context.firstRecord;
  let linked = 0;
  resourceLogs.enter(body, 0, body.length);
  while (resourceLogs.next()) {
    scopeLogs.enter(body, resourceLogs.from, resourceLogs.to);
    while (scopeLogs.next()) {
      if (scopeLogs.field !== 2) continue;
      records.enter(body, scopeLogs.from, scopeLogs.to);
      while (records.next()) {
        if (records.field !== 2) continue;
        if (locateRecord(body, view, records.from, records.to, slots, context, ordinal++)) linked++;
      }
    }
  }
  return linked;
}

function locateRecord(
  body: Buffer,
  view: DataView,
  from: number,
  to: number,
  slots: SlotTable,
  { jitterNs, isLinked }: LogContext,
  ordinal: number,
): boolean {
  const fromBase = -jitterNs(ordinal);
  let traceIdAt = -1;
  let spanIdAt = -1;
  let times = 0;
  record.enter(body, from, to);
  while (record.next()) {
    if (record.field === 1 || record.field === 11) {
      checkTime(body, ordinal);
      slots.time(body, record.from, record.field === 1 ? fromBase : 0);
      times++;
    } else if (record.field === 9 && record.to - record.from === TRACE_ID_BYTES) traceIdAt = record.from;
    else if (record.field === 10 && record.to - record.from === SPAN_ID_BYTES) spanIdAt = record.from;
  }
  if (times !== 2) {
    throw new FreezeError(
      `log record ${ordinal}: must have time_unix_nano and observed_time_unix_nano, even when they are 0`,
    );
  }
  locateTimeTexts(body, from, to, slots, fromBase);
  if (traceIdAt < 0) return false;
  if (isLinked) locateIds(body, view, from, to, slots, traceIdAt, spanIdAt, ordinal);
  else eraseIds(body, from, to, traceIdAt, spanIdAt);
  return isLinked;
}

/** The cursor stands on a time of the record. */
function checkTime(body: Buffer, ordinal: number): void {
  if (record.wireType !== FIXED64) {
    throw new FreezeError(
      `log record ${ordinal}: field ${record.field} must be a fixed64, a time; is it a file of another signal?`,
    );
  }
  if (readFixed64(body, record.from) !== 0) throw new FreezeError(`log record ${ordinal}: ${ABSOLUTE_TIMES}`);
}

function locateTimeTexts(body: Buffer, from: number, to: number, slots: SlotTable, fromBase: number): void {
  const bytes = body.subarray(from, to);
  if (bytes.indexOf(YEAR) < 0 && bytes.indexOf(SYSLOG_DAY) < 0 && bytes.indexOf(KLOG_DAY) < 0) return;
  for (let format = 0; format < TIME_TEXT_BYTES.length; format++) {
    const text = TIME_TEXT_BYTES[format]!;
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) {
      slots.timeText(from + at, format, fromBase);
    }
  }
}

function locateIds(
  body: Buffer,
  view: DataView,
  from: number,
  to: number,
  slots: SlotTable,
  traceIdAt: number,
  spanIdAt: number,
  ordinal: number,
): void {
  const trace = readTemplateTraceId(body, traceIdAt);
  if (trace < 0) {
    const found = body.toString("hex", traceIdAt, traceIdAt + TRACE_ID_BYTES);
    throw new FreezeError(`log record ${ordinal}: trace id ${found} is not a template id`);
  }
  const bytes = body.subarray(from, to);
  for (const at of textsOf(bytes, body.toString("hex", traceIdAt, traceIdAt + TRACE_ID_BYTES))) {
    slots.traceIdText(trace, from + at);
  }
  body.fill(0, traceIdAt, traceIdAt + TRACE_ID_BYTES);
  slots.traceId(trace, traceIdAt);
  if (spanIdAt < 0) return;
  const frozen = new DataView(new ArrayBuffer(SPAN_ID_BYTES));
  writeFrozenSpanId(
    frozen,
    0,
    readTemplateSpanOrdinal(body, spanIdAt),
    readTemplateSpanCount(body, spanIdAt),
  );
  for (const at of textsOf(bytes, body.toString("hex", spanIdAt, spanIdAt + SPAN_ID_BYTES))) {
    body.write(Buffer.from(frozen.buffer).toString("hex"), from + at, "latin1");
    slots.spanIdText(trace, from + at);
  }
  freezeSpanId(body, view, spanIdAt, spanIdAt + SPAN_ID_BYTES, trace, slots);
}

function eraseIds(body: Buffer, from: number, to: number, traceIdAt: number, spanIdAt: number): void {
  const bytes = body.subarray(from, to);
  for (const [at, length] of [
    [traceIdAt, TRACE_ID_BYTES],
    [spanIdAt, SPAN_ID_BYTES],
  ] as const) {
    if (at < 0) continue;
    const text = body.toString("hex", at, at + length);
    for (const place of textsOf(bytes, text)) bytes.fill("0", place, place + text.length);
    body.fill(0, at, at + length);
  }
}

function* textsOf(bytes: Buffer, text: string): Generator<number> {
  for (
    let at = bytes.indexOf(text, 0, "latin1");
    at >= 0;
    at = bytes.indexOf(text, at + text.length, "latin1")
  ) {
    yield at;
  }
}
