/**
 * One log record as bytes. Times are zero and present; ids, where a record belongs to a span, are template ids.
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import {
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "../../template/ids.ts";
import { TIME_TEXTS } from "../../template/slots.ts";
import { ITEM_FIELD } from "../frame-groups.ts";
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

const traceId = new Uint8Array(TRACE_ID_BYTES);
const spanId = new Uint8Array(SPAN_ID_BYTES);

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

/** Write the name of an event: the record is one then. After the ids. */
export function writeEventName(writer: ProtoWriter, name: string): void {
  writer.string(12, name);
}

/** End a record. `span`: the one it belongs to. */
export function endRecord(writer: ProtoWriter, span: SampledSpan | undefined): void {
  if (span) {
    writer.fixed32(8, SAMPLED);
    writeTemplateTraceId(traceId, 0, span.trace);
    writer.bytes(9, traceId);
    writeTemplateSpanId(spanId, 0, span.ordinal, span.spanCount);
    writer.bytes(10, spanId);
  }
  writer.fixed64(11, 0);
  writer.end();
}

/** The template trace id of a span in hex: a text slot. */
export function traceIdText(span: SampledSpan): string {
  writeTemplateTraceId(traceId, 0, span.trace);
  return Buffer.from(traceId.buffer).toString("hex");
}

/** The template span id in hex: a text slot. */
export function spanIdText(span: SampledSpan): string {
  writeTemplateSpanId(spanId, 0, span.ordinal, span.spanCount);
  return Buffer.from(spanId.buffer).toString("hex");
}
