/**
 * One log record as bytes. Times are zero and present; ids, where a record belongs to a span, are template ids.
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES, writeTemplateTraceId } from "../../template/ids.ts";
import { TIME_TEXTS } from "../../template/slots.ts";
import { ITEM_FIELD } from "../frame-groups.ts";
import { hex8 } from "../scenario/wording.ts";
import type { SampledSpan } from "../span-sample.ts";

/** Field of an attribute in a log record. */
export const LOG_ATTRIBUTES = 6;

/** Texts of a record's own time, 1970 as long as it is a template, by the names that template/slots.ts gives them. */
export const TIME_TEXT = Object.fromEntries(TIME_TEXTS.map(({ name, zero }) => [name, zero])) as {
  [name in (typeof TIME_TEXTS)[number]["name"]]: string;
};

/** OTLP severity numbers of the usual levels. */
export const SEVERITY = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

export type Level = keyof typeof SEVERITY;

/** W3C flag "sampled"; log records carry only the low 8 bits. */
const SAMPLED = 1;

/** Both ids of a record as encoded fields, 9 and 10; what differs from record to record is written over. */
const ids = new Uint8Array([
  0x4a,
  TRACE_ID_BYTES,
  ...new Uint8Array(16),
  0x52,
  SPAN_ID_BYTES,
  ...new Uint8Array(8),
]);
const idView = new DataView(ids.buffer);
writeTemplateTraceId(ids, 2, 0);
const TRACE_ORDINAL_AT = 2 + TRACE_ID_BYTES - 8;
const SPAN_COUNT_AT = 2 + TRACE_ID_BYTES + 2;
const ID_PREFIX = Buffer.from(ids.subarray(2, TRACE_ORDINAL_AT)).toString("hex");

/**
 * The head of a record: its time and its severity, for `beginRecord`.
 *
 * severity  OTLP's number, 1 to 24
 * text      the source's own spelling of it
 */
export function recordHead(severity: number, text: string): Uint8Array {
  const writer = new ProtoWriter(64);
  writer.fixed64(1, 0);
  writer.varint(2, severity);
  writer.string(3, text);
  return writer.finish();
}

/** Begin a record, up to its body; attributes may follow. */
export function beginRecord(writer: ProtoWriter, head: Uint8Array, body: string): void {
  writer.begin(ITEM_FIELD, 2);
  writer.raw(head);
  writer.begin(5, body.length < 120 ? 1 : 2);
  writer.string(1, body);
  writer.end();
}

/** Write the name of an event: the record is one then. */
export function writeEventName(writer: ProtoWriter, name: string): void {
  writer.string(12, name);
}

/** End a record. `span`: the one it belongs to. */
export function endRecord(writer: ProtoWriter, span: SampledSpan | undefined): void {
  if (span) {
    writer.fixed32(8, SAMPLED);
    // As template/ids.ts lays them out: the ordinal of the trace; the count of its spans, and the span's ordinal plus one.
    idView.setUint32(TRACE_ORDINAL_AT, Math.floor(span.trace / 2 ** 32));
    idView.setUint32(TRACE_ORDINAL_AT + 4, span.trace >>> 0);
    idView.setUint32(SPAN_COUNT_AT, span.spanCount);
    idView.setUint32(SPAN_COUNT_AT + 4, span.ordinal + 1);
    writer.raw(ids);
  }
  writer.fixed64(11, 0);
  writer.end();
}

/** The template trace id of a span in hex: a text slot. */
export function traceIdText({ trace }: SampledSpan): string {
  return ID_PREFIX + hex8(Math.floor(trace / 2 ** 32)) + hex8(trace >>> 0);
}

/** The template span id in hex: a text slot. */
export function spanIdText({ spanCount, ordinal }: SampledSpan): string {
  return hex8(spanCount) + hex8(ordinal + 1);
}
