/**
 * Foreign traces to template frames: spans are gathered per trace, ordered parents first, renamed and written trace by trace.
 *
 * A trace's spans may be spread over requests within a window of WINDOW_BYTES: traces stay open, and are written in the order of
 * their first span once the window is full. A trace that comes back after it was written is an error, since its span ids tell
 * how many spans it has. A trace of any size up to MAX_TRACE_BYTES may exceed the window.
 *
 * Links are resolved to traces that are written already, and, for what is still open at the end of the file, to all.
 */
import Long from "long";
import { decodeMessage } from "../../otlp/message/decode.ts";
import { encodeMessage } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import {
  NEVER_SENT_ORDINAL,
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
} from "../ids.ts";
import { hexOf, idText, templateSpanId, templateTraceId } from "./foreign-ids.ts";
import {
  type Envelope,
  EnvelopeRegistry,
  type FrameFile,
  type PlacedItem,
  writeItems,
} from "./frame-packer.ts";
import { ImportError } from "./import-error.ts";
import type { ReadRequest } from "./json-requests.ts";
import type { ImportNotes } from "./notes.ts";
import { orderSpans } from "./order-spans.ts";
import { SpanIndex } from "./span-index.ts";
import { refuseAbsolute } from "./template-time.ts";

/** Memory of the traces that wait for more spans. */
const WINDOW_BYTES = 64 * 1024 * 1024;
/** Largest trace. */
const MAX_TRACE_BYTES = 1024 * 1024 * 1024;
/** What a waiting span takes beside its bytes, roughly. */
const SPAN_OVERHEAD_BYTES = 800;
/** Bytes of spans that are put into one frame; below the limit, for resources and forced fields come on top. */
const FRAME_TARGET_BYTES = 768 * 1024;
const MAX_REMEMBERED_PLACES = 100_000;

/** A span that waits for the rest of its trace. Ids in latin1. */
interface WaitingSpan {
  bytes: Uint8Array;
  spanId: string;
  parentId: string | undefined;
  start: Long;
  envelope: Envelope;
  /** Index in the trace's spans; set when the trace is numbered. */
  parent: number;
}

interface WaitingTrace {
  traceId: string;
  spans: WaitingSpan[];
  bytes: number;
  lastPlace: string;
}

interface NumberedTrace {
  trace: WaitingTrace;
  ordinal: number;
  /** Indexes of the spans in template order. */
  order: number[];
  ordinalOf: Map<string, number>;
}

/** What an import may hold in memory; tests make it small. */
export interface ImportLimits {
  windowBytes?: number;
  rememberedSpans?: number;
}

/** Convert all requests; returns where each span went. Throws ImportError. */
export function importTraces(
  requests: Iterable<ReadRequest>,
  file: FrameFile,
  notes: ImportNotes,
  limits: ImportLimits = {},
): SpanIndex {
  const importer = new TraceImporter(file, notes, limits);
  for (const read of requests) {
    if (read.signal !== "traces") continue;
    for (const placed of importer.envelopes.items("traces", read.request)) importer.take(placed, read.place);
  }
  return importer.finish();
}

class TraceImporter {
  readonly envelopes = new EnvelopeRegistry();
  readonly #file: FrameFile;
  readonly #notes: ImportNotes;
  readonly #index: SpanIndex;
  readonly #windowBytes: number;
  /** In the order of their first spans. */
  readonly #waiting = new Map<string, WaitingTrace>();
  #waitingBytes = 0;
  #ordinal = 0;
  /** Where the last spans of traces stood that are written already; for messages. */
  readonly #lastPlaces = new Map<string, string>();

  constructor(file: FrameFile, notes: ImportNotes, limits: ImportLimits) {
    this.#file = file;
    this.#notes = notes;
    this.#windowBytes = limits.windowBytes ?? WINDOW_BYTES;
    this.#index = new SpanIndex(limits.rememberedSpans);
  }

  take({ item: span, envelope }: PlacedItem<"traces">, place: string): void {
    const traceId = idText(span.traceId, TRACE_ID_BYTES);
    const spanId = idText(span.spanId, SPAN_ID_BYTES);
    if (traceId === undefined || spanId === undefined) {
      this.#notes.count("spans without a valid trace id and span id were dropped");
      return;
    }
    const times = [
      span.startTimeUnixNano,
      span.endTimeUnixNano,
      ...(span.events ?? []).map((event) => event.timeUnixNano),
    ];
    for (const time of times) refuseAbsolute(time, place);
    const bytes = encodeMessage("Span", span);
    if (bytes.length > FRAME_TARGET_BYTES) {
      this.#notes.count(`spans larger than ${FRAME_TARGET_BYTES} bytes were dropped`);
      return;
    }
    const trace = this.#traceOf(traceId, place);
    const parentId = idText(span.parentSpanId, SPAN_ID_BYTES);
    trace.spans.push({
      bytes,
      spanId,
      parentId,
      start: span.startTimeUnixNano ?? Long.UZERO,
      envelope,
      parent: -1,
    });
    trace.lastPlace = place;
    trace.bytes += bytes.length + SPAN_OVERHEAD_BYTES;
    this.#waitingBytes += bytes.length + SPAN_OVERHEAD_BYTES;
    if (trace.bytes > MAX_TRACE_BYTES) {
      throw new ImportError(
        "bad_template_file",
        `${place}: trace ${hexOf(traceId)} is larger than ${MAX_TRACE_BYTES} bytes; split it`,
      );
    }
    this.#makeRoom(trace);
  }

  finish(): SpanIndex {
    const numbered = [...this.#waiting.values()].map((trace) => this.#number(trace));
    this.#waiting.clear();
    for (const trace of numbered) this.#write(trace);
    this.#notes.count(
      "spans and traces could not be remembered: links and logs that refer to them are unlinked",
      this.#index.forgotten,
    );
    return this.#index;
  }

  #traceOf(traceId: string, place: string): WaitingTrace {
    let trace = this.#waiting.get(traceId);
    if (trace !== undefined) return trace;
    const written = this.#index.find(traceId, undefined);
    if (written !== undefined) {
      throw new ImportError(
        "scattered_trace",
        `${place}: trace ${hexOf(traceId)} comes back; its first ${written.spanCount} spans ended at ${this.#lastPlaces.get(traceId) ?? "an earlier place"} and are written already; keep the spans of a trace within ${this.#windowBytes} bytes of each other`,
      );
    }
    trace = { traceId, spans: [], bytes: 0, lastPlace: place };
    this.#waiting.set(traceId, trace);
    return trace;
  }

  /** Write the oldest traces until the window holds the rest; `current` may still grow, so it stays and waits for its turn. */
  #makeRoom(current: WaitingTrace): void {
    while (this.#waitingBytes > this.#windowBytes) {
      const [oldest] = this.#waiting.values();
      if (oldest === undefined || oldest === current) return;
      this.#waiting.delete(oldest.traceId);
      this.#waitingBytes -= oldest.bytes;
      if (this.#lastPlaces.size < MAX_REMEMBERED_PLACES)
        this.#lastPlaces.set(oldest.traceId, oldest.lastPlace);
      this.#write(this.#number(oldest));
    }
  }

  /** Give a trace its ordinal and its spans theirs, and remember both. */
  #number(trace: WaitingTrace): NumberedTrace {
    const ordinal = this.#ordinal++;
    sortSpans(trace);
    const { spans, traceId } = trace;
    const indexOf = new Map<string, number>();
    for (const [index, { spanId }] of spans.entries()) {
      if (indexOf.has(spanId))
        this.#notes.count("spans had an id that stands twice in its trace; each got an id of its own");
      else indexOf.set(spanId, index);
    }
    for (const span of spans)
      span.parent = span.parentId === undefined ? -1 : (indexOf.get(span.parentId) ?? -1);
    const order = orderSpans(spans, (index) => {
      spans[index]!.parentId = undefined;
      this.#notes.count("spans whose parents form a ring became roots");
    });
    const ordinalOf = new Map<string, number>();
    this.#index.add(traceId, undefined, { traceOrdinal: ordinal, spanOrdinal: 0, spanCount: spans.length });
    for (const [spanOrdinal, index] of order.entries()) {
      const { spanId } = spans[index]!;
      if (ordinalOf.has(spanId)) continue;
      ordinalOf.set(spanId, spanOrdinal);
      this.#index.add(traceId, spanId, { traceOrdinal: ordinal, spanOrdinal, spanCount: spans.length });
    }
    return { trace, ordinal, order, ordinalOf };
  }

  #write(numbered: NumberedTrace): void {
    const { trace, order, ordinal, ordinalOf } = numbered;
    const spanCount = trace.spans.length;
    const zero = trace.spans.reduce(
      (least, { start }) => (start.lessThan(least) ? start : least),
      trace.spans[0]!.start,
    );
    const missing = new Map<string, number>();
    let frame: PlacedItem<"traces">[] = [];
    let frameBytes = 0;
    for (const [spanOrdinal, index] of order.entries()) {
      const { bytes, envelope, parentId } = trace.spans[index]!;
      if (frameBytes + bytes.length > FRAME_TARGET_BYTES) {
        writeItems("traces", frame, this.#file);
        frame = [];
        frameBytes = 0;
      }
      const span = decodeMessage("Span", bytes);
      span.traceId = templateTraceId(ordinal);
      span.spanId = templateSpanId(spanOrdinal, spanCount);
      if (parentId === undefined) delete span.parentSpanId;
      else span.parentSpanId = templateSpanId(parentOrdinal(parentId, ordinalOf, missing), spanCount);
      span.startTimeUnixNano = sinceZero(span.startTimeUnixNano, zero);
      span.endTimeUnixNano = sinceZero(span.endTimeUnixNano, zero);
      for (const event of span.events ?? []) event.timeUnixNano = sinceZero(event.timeUnixNano, zero);
      this.#resolveLinks(span);
      frame.push({ item: span, envelope });
      frameBytes += bytes.length;
    }
    writeItems("traces", frame, this.#file);
    this.#notes.count(
      "parents are not in the file: their spans lead to parents that are never sent",
      missing.size,
    );
  }

  #resolveLinks(span: Message<"Span">): void {
    if (span.links === undefined) return;
    span.links = span.links.filter((link) => {
      const traceId = idText(link.traceId, TRACE_ID_BYTES);
      const spanId = idText(link.spanId, SPAN_ID_BYTES);
      const target =
        traceId !== undefined && spanId !== undefined ? this.#index.find(traceId, spanId) : undefined;
      if (target === undefined) {
        this.#notes.count(
          "span links lead to spans that are not in the file, or far behind in it; they were dropped",
        );
        return false;
      }
      link.traceId = templateTraceId(target.traceOrdinal);
      link.spanId = templateSpanId(target.spanOrdinal, target.spanCount);
      return true;
    });
  }
}

/** By ordinal when the ids are template ids already (the OTLP/JSON twin of a template), else by start; stable. */
function sortSpans({ spans, traceId }: WaitingTrace): void {
  const ordinals =
    readTemplateTraceId(Buffer.from(traceId, "latin1"), 0) >= 0 ? templateOrdinals(spans) : undefined;
  if (ordinals !== undefined) spans.sort((a, b) => ordinals.get(a)! - ordinals.get(b)!);
  else spans.sort((a, b) => a.start.compare(b.start));
}

/** Each span's ordinal as its template id tells it; undefined when one is none, or tells another number of spans. */
function templateOrdinals(spans: readonly WaitingSpan[]): Map<WaitingSpan, number> | undefined {
  const ordinals = new Map<WaitingSpan, number>();
  for (const span of spans) {
    const id = Buffer.from(span.spanId, "latin1");
    if (readTemplateSpanCount(id, 0) !== spans.length) return undefined;
    ordinals.set(span, readTemplateSpanOrdinal(id, 0));
  }
  return ordinals;
}

/** Parents that are not there get ordinals of their own, of the kind that is never sent. */
function parentOrdinal(
  parentId: string,
  ordinalOf: Map<string, number>,
  missing: Map<string, number>,
): number {
  const ordinal = ordinalOf.get(parentId) ?? missing.get(parentId);
  if (ordinal !== undefined) return ordinal;
  const invented = NEVER_SENT_ORDINAL + missing.size;
  missing.set(parentId, invented);
  return invented;
}

function sinceZero(time: Long | undefined, zero: Long): Long {
  return time === undefined || time.lessThan(zero) ? Long.UZERO : time.subtract(zero);
}
