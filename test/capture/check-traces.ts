/**
 * Spans: each id once, every parent received, one root per trace, and times that hold: start, end, events, children in
 * parents. Some 150 bytes are kept per span until the end, as a parent may come later than its child.
 */
import type { AttributeTypes } from "./attributes.ts";
import type { Received, Span, TraceRequest } from "./requests.ts";
import { nanos, type TimeWindow } from "./time-window.ts";
import type { Violations } from "./violations.ts";

export interface TraceCounts {
  requests: number;
  spans: number;
  traces: number;
  roots: number;
  events: number;
  links: number;
  /** Of traces that are spread over requests. */
  splitTraces: number;
  largestTrace: number;
  /** Children of a parent in another request. */
  parentsElsewhere: number;
  /** Parents that were never sent, where rootless traces are expected. */
  neverSentParents: number;
  /** What was not followed up because it belongs to the very end of the run. */
  tail: number;
}

export interface TraceRules {
  /** The top spans of a trace may name a parent that was never sent, one per trace. */
  rootless: boolean;
  /** Spans that end within this many ns before the last of all may miss what a cut run did not send any more. */
  tail: bigint;
}

const PRODUCER = 4;
const CONSUMER = 5;
const CHUNK = 1 << 16;
/** "stampede" in ASCII: an id that was never stamped. */
const TEMPLATE_TRACE_ID = "7374616d70656465";

interface Trace {
  /** Rows by span id. */
  rows: Map<string, number>;
  firstRequest: number;
  isSplit: boolean;
  lastEnd: bigint;
}

interface Link {
  traceId: string;
  spanId: string;
  end: bigint;
}

export class TraceCheck {
  readonly counts: TraceCounts = {
    requests: 0,
    spans: 0,
    traces: 0,
    roots: 0,
    events: 0,
    links: 0,
    splitTraces: 0,
    largestTrace: 0,
    parentsElsewhere: 0,
    neverSentParents: 0,
    tail: 0,
  };
  readonly #rules: TraceRules;
  readonly #window: TimeWindow;
  readonly #types: AttributeTypes;
  readonly #violations: Violations;
  readonly #traces = new Map<string, Trace>();
  readonly #links: Link[] = [];
  // Columns of spans.
  #starts = new BigInt64Array(CHUNK);
  #ends = new BigInt64Array(CHUNK);
  #requests = new Int32Array(CHUNK);
  #isAsync = new Uint8Array(CHUNK);
  readonly #parents: string[] = [];
  #lastEnd = 0n;

  constructor(rules: TraceRules, window: TimeWindow, types: AttributeTypes, violations: Violations) {
    this.#rules = rules;
    this.#window = window;
    this.#types = types;
    this.#violations = violations;
  }

  add({ request, file, line, writtenBy }: Received<TraceRequest>): void {
    this.counts.requests++;
    const where = () => `${file}:${line}`;
    this.#window.begin(writtenBy);
    for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
      if (resource) this.#types.check(resource, where);
      for (const { scope, spans } of scopeSpans ?? []) {
        if (scope) this.#types.check(scope, where);
        for (const span of spans ?? []) this.#addSpan(span);
      }
    }
    this.#window.end(where);
  }

  /** Whether this span has come; for records that belong to it. Call when all requests are added. */
  has(traceId: string, spanId: string): boolean {
    return this.#traces.get(traceId)?.rows.has(spanId) ?? false;
  }

  /** When the last span of all ended. */
  get lastEnd(): bigint {
    return this.#lastEnd;
  }

  /** Check what can be said only when all spans are known. */
  finish(): void {
    for (const [traceId, trace] of this.#traces) this.#finishTrace(traceId, trace);
    for (const { traceId, spanId, end } of this.#links) {
      if (this.has(traceId, spanId)) continue;
      if (this.#isTail(end)) this.counts.tail++;
      else this.#violations.add("a link names a span that was not received", () => `${traceId} ${spanId}`);
    }
  }

  /** All trace ids, and all span ids of one of them. */
  get traceIds(): IterableIterator<string> {
    return this.#traces.keys();
  }

  spanIds(traceId: string): Iterable<string> {
    return this.#traces.get(traceId)?.rows.keys() ?? [];
  }

  #addSpan(span: Span): void {
    const { traceId, spanId } = span;
    const where = () => `span ${spanId} of trace ${traceId}`;
    this.#checkIds(span, where);
    this.#types.check(span, where);
    let trace = this.#traces.get(traceId);
    if (!trace) {
      trace = { rows: new Map(), firstRequest: this.counts.requests, isSplit: false, lastEnd: 0n };
      this.#traces.set(traceId, trace);
    }
    trace.isSplit ||= trace.firstRequest !== this.counts.requests;
    if (trace.rows.has(spanId)) {
      this.#violations.add("a span came twice", where);
      return;
    }
    const row = this.#pushRow(span);
    trace.rows.set(spanId, row);
    const [start, end] = [this.#starts[row]!, this.#ends[row]!];
    this.#window.add(start, where);
    this.#window.add(end, where);
    if (start > end) this.#violations.add("a span ends before it starts", where);
    if (end > trace.lastEnd) trace.lastEnd = end;
    if (end > this.#lastEnd) this.#lastEnd = end;
    this.#checkEvents(span, start, end, where);
    for (const link of span.links ?? []) {
      this.counts.links++;
      this.#types.check(link, where);
      this.#links.push({ traceId: link.traceId, spanId: link.spanId, end });
    }
  }

  #checkIds({ traceId, spanId, parentSpanId }: Span, where: () => string): void {
    const isWrong =
      !isId(traceId, 32) ||
      !isId(spanId, 16) ||
      (parentSpanId !== undefined && parentSpanId !== "" && !isId(parentSpanId, 16));
    if (isWrong) this.#violations.add("an id is not whole, or zero", where);
    if (traceId.startsWith(TEMPLATE_TRACE_ID)) this.#violations.add("an id is a template's", where);
    if (parentSpanId === spanId) this.#violations.add("a span is its own parent", where);
  }

  #checkEvents({ events }: Span, start: bigint, end: bigint, where: () => string): void {
    for (const event of events ?? []) {
      this.counts.events++;
      this.#types.check(event, where);
      const time = nanos(event.timeUnixNano);
      this.#window.add(time, where);
      if (time < start || time > end) {
        const example = () => `event ${event.name} at ${time}, ${where()} ${start} to ${end}`;
        this.#violations.add("an event lies outside its span", example);
      }
    }
  }

  #pushRow(span: Span): number {
    const row = this.counts.spans++;
    if (row === this.#starts.length) this.#grow();
    this.#starts[row] = nanos(span.startTimeUnixNano);
    this.#ends[row] = nanos(span.endTimeUnixNano);
    this.#requests[row] = this.counts.requests;
    const isAsync = span.kind === PRODUCER || span.kind === CONSUMER || (span.links?.length ?? 0) > 0;
    this.#isAsync[row] = isAsync ? 1 : 0;
    this.#parents.push(span.parentSpanId ?? "");
    return row;
  }

  #grow(): void {
    const capacity = this.#starts.length * 2;
    const [starts, ends] = [new BigInt64Array(capacity), new BigInt64Array(capacity)];
    const [requests, isAsync] = [new Int32Array(capacity), new Uint8Array(capacity)];
    starts.set(this.#starts);
    ends.set(this.#ends);
    requests.set(this.#requests);
    isAsync.set(this.#isAsync);
    this.#starts = starts;
    this.#ends = ends;
    this.#requests = requests;
    this.#isAsync = isAsync;
  }

  #finishTrace(traceId: string, { rows, isSplit, lastEnd }: Trace): void {
    this.counts.traces++;
    if (isSplit) this.counts.splitTraces++;
    this.counts.largestTrace = Math.max(this.counts.largestTrace, rows.size);
    // Where byte 5 of its times would carry, a request steps back by its own length, so that they agree in it.
    this.#window.checkMoment(lastEnd, () => `trace ${traceId} ended at ${lastEnd}`, this.#window.maxAge);
    let roots = 0;
    const absent = new Set<string>();
    for (const [spanId, row] of rows) {
      const parent = this.#parents[row]!;
      if (parent === "") roots++;
      else if (!rows.has(parent)) absent.add(parent);
      else this.#checkInside(row, rows.get(parent)!, () => `span ${spanId} of trace ${traceId}`);
    }
    this.counts.roots += roots;
    if (roots > 1) this.#violations.add("a trace has several roots", () => `${traceId}: ${roots}`);
    if (absent.size === 0 && roots === 1) return;
    if (this.#rules.rootless && roots === 0 && absent.size === 1) this.counts.neverSentParents++;
    else if (this.#isTail(lastEnd)) this.counts.tail++;
    else if (absent.size > 0) {
      const example = () => `trace ${traceId} of ${rows.size} spans: ${[...absent].slice(0, 3).join(", ")}`;
      this.#violations.add("a parent was not received", example);
    } else if (roots === 0)
      this.#violations.add("a trace has no root", () => `${traceId} of ${rows.size} spans`);
  }

  #checkInside(row: number, parent: number, where: () => string): void {
    if (this.#requests[row] !== this.#requests[parent]) this.counts.parentsElsewhere++;
    if (this.#isAsync[row] === 1) return;
    const [start, end] = [this.#starts[row]!, this.#ends[row]!];
    if (start < this.#starts[parent]! || end > this.#ends[parent]!) {
      const example = () =>
        `${where()}: ${start} to ${end} in ${this.#starts[parent]} to ${this.#ends[parent]}`;
      this.#violations.add("a span lies outside its parent", example);
    }
  }

  #isTail(time: bigint): boolean {
    return time >= this.#lastEnd - this.#rules.tail && this.#rules.tail > 0n;
  }
}

function isId(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text);
}
