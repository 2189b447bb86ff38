/**
 * Foreign log records to template frames: times become zero, in the fields and in text, and the ids of the span that a record
 * belongs to become that span's template ids, in text too.
 */
import type Long from "long";
import type { Message } from "../../otlp/message/schema.ts";
import { readTemplateTraceId, SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";
import { TIME_TEXTS } from "../slots.ts";
import { formatTime } from "../time-text.ts";
import { hexOf, idText, templateSpanId, templateTraceId } from "./foreign-ids.ts";
import { EnvelopeRegistry, type FrameFile, type PlacedItem, writeItems } from "./frame-packer.ts";
import type { ReadRequest } from "./json-requests.ts";
import type { ImportNotes } from "./notes.ts";
import type { SpanIndex } from "./span-index.ts";
import { refuseAbsolute } from "./template-time.ts";

/** Records of a frame: as many as a collector would put into a request. */
const FRAME_RECORDS = 500;

/**
 * Convert all requests.
 *
 * spans  where the traces' import put each span; undefined when the traces needed none: then template ids stay as they are
 * Throws ImportError.
 */
export function importLogs(
  requests: Iterable<ReadRequest>,
  file: FrameFile,
  notes: ImportNotes,
  spans: SpanIndex | undefined,
): void {
  const envelopes = new EnvelopeRegistry();
  let frame: PlacedItem<"logs">[] = [];
  for (const read of requests) {
    if (read.signal !== "logs") continue;
    for (const placed of envelopes.items("logs", read.request)) {
      const record = placed.item;
      refuseAbsolute(record.timeUnixNano, read.place);
      refuseAbsolute(record.observedTimeUnixNano, read.place);
      zeroTimes(record);
      if (!relink(record, spans)) {
        notes.count("log records belong to spans that are not in the traces file; they were unlinked");
      }
      frame.push(placed);
      if (frame.length < FRAME_RECORDS) continue;
      writeItems("logs", frame, file);
      frame = [];
    }
  }
  writeItems("logs", frame, file);
}

function zeroTimes(record: Message<"LogRecord">): void {
  const time = record.timeUnixNano;
  delete record.timeUnixNano; // written as zero
  delete record.observedTimeUnixNano;
  if (time === undefined || time.isZero()) return;
  const texts = TIME_TEXTS.map(({ zero }, format) => [timeText(format, time), zero] as const);
  replaceTexts(record, texts);
}

function timeText(format: number, time: Long): string {
  const seconds = time.divide(1_000_000_000);
  return formatTime(format, seconds.toNumber(), time.subtract(seconds.multiply(1_000_000_000)).toNumber());
}

/** Give a record its span's template ids; false when it belongs to a span that is not known, which leaves it without ids. */
function relink(record: Message<"LogRecord">, spans: SpanIndex | undefined): boolean {
  const traceId = idText(record.traceId, TRACE_ID_BYTES);
  const spanId = idText(record.spanId, SPAN_ID_BYTES);
  const isTemplate = traceId !== undefined && readTemplateTraceId(record.traceId!, 0) >= 0;
  if (isTemplate && spans === undefined) return true;
  const target = traceId === undefined ? undefined : spans?.find(traceId, spanId);
  const [oldTrace, oldSpan] = [hexOf(record.traceId), hexOf(record.spanId)];
  delete record.traceId;
  delete record.spanId;
  if (traceId === undefined || target === undefined) return traceId === undefined;
  record.traceId = templateTraceId(target.traceOrdinal);
  const texts = [[oldTrace, hexOf(record.traceId)] as const];
  if (spanId !== undefined) {
    record.spanId = templateSpanId(target.spanOrdinal, target.spanCount);
    texts.push([oldSpan, hexOf(record.spanId)]);
  }
  replaceTexts(record, texts);
  return true;
}

/** Replace texts in the body and the attributes' values, at any depth. */
function replaceTexts(record: Message<"LogRecord">, texts: readonly (readonly [string, string])[]): void {
  const visit = (value: Message<"AnyValue"> | undefined): void => {
    if (value?.stringValue !== undefined) {
      for (const [from, to] of texts)
        if (from !== "") value.stringValue = value.stringValue.replaceAll(from, to);
    }
    for (const element of value?.arrayValue?.values ?? []) visit(element);
    for (const entry of value?.kvlistValue?.values ?? []) visit(entry.value);
  };
  visit(record.body);
  for (const attribute of record.attributes ?? []) visit(attribute.value);
}
