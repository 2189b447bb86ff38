/**
 * Spans: each id once, every parent received, one root per trace, and times that hold: start, end, events, children in
 * parents. Some 150 bytes are kept per span until the end, as a parent may come later than its child.
 */
import type { AttributeTypes } from "./attributes.ts";
import { TreeCheck, type TreeCounts } from "./check-trees.ts";
import type { DataCheck } from "./data-check.ts";
import { type Origin, originOf } from "./origin.ts";
import type { Received, Span, TraceRequest } from "./requests.ts";
import { factsOf } from "./span-facts.ts";
import { CONSUMER, SpanTable } from "./span-table.ts";
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
  /** Of traces that came whole, when data is checked. */
  trees?: TreeCounts;
}

export interface TraceRules {
  /** The top spans of a trace may name a parent that was never sent, one per trace. */
  rootless: boolean;
  /** Spans that end within this many ns before the last of all may miss what a cut run did not send any more. */
  tail: bigint;
}

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
  /** Trace of the span that has it. */
  from: string;
  traceId: string;
  spanId: string;
  /** Of the span that has the link. */
  row: number;
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
  readonly #table = new SpanTable();
  /** Reads the spans as data; absent: only what OTLP demands is checked. */
  readonly #data: DataCheck | undefined;
  #lastEnd = 0n;

  constructor(
    rules: TraceRules,
    window: TimeWindow,
    types: AttributeTypes,
    violations: Violations,
    data?: DataCheck,
  ) {
    this.#data = data;
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
      this.#data?.resource("traces", resource ?? {}, where);
      const origin = originOf(resource ?? {});
      for (const { scope, spans } of scopeSpans ?? []) {
        if (scope) this.#types.check(scope, where);
        this.#data?.scope(scope, origin, where);
        for (const span of spans ?? []) this.#addSpan(span, origin);
      }
    }
    this.#window.end(where);
  }

  /** Whether this span has come; for records that belong to it. Call when all requests are added. */
  has(traceId: string, spanId: string): boolean {
    return this.#traces.get(traceId)?.rows.has(spanId) ?? false;
  }

  /** Check what can be said only when all spans are known. */
  finish(): void {
    const trees = this.#data && new TreeCheck(this.#table, this.#violations);
    for (const [traceId, trace] of this.#traces) {
      if (this.#finishTrace(traceId, trace)) trees?.check({ traceId, rows: trace.rows });
    }
    for (const { traceId, spanId, row } of this.#links) {
      const linked = this.#traces.get(traceId)?.rows.get(spanId);
      if (linked !== undefined) trees?.calls.checkLink(row, linked, () => `${traceId} ${spanId}`);
      else if (this.#isTail(this.#table.ends[row]!)) this.counts.tail++;
      else this.#violations.add("a link names a span that was not received", () => `${traceId} ${spanId}`);
    }
    if (!trees) return;
    trees.finish();
    this.counts.trees = trees.counts;
  }

  /** All trace ids, and all span ids of one of them. */
  get traceIds(): IterableIterator<string> {
    return this.#traces.keys();
  }

  /** Trace ids of the spans that have a link, and those that the links name. */
  *linkedTraces(): Generator<[string, string]> {
    for (const { from, traceId } of this.#links) yield [from, traceId];
  }

  spanIds(traceId: string): Iterable<string> {
    return this.#traces.get(traceId)?.rows.keys() ?? [];
  }

  #addSpan(span: Span, origin: Origin): void {
    const { traceId, spanId } = span;
    const where = () => `span ${spanId} of trace ${traceId} (${origin.service}: ${span.name})`;
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
    const facts = factsOf(span);
    const row = this.#table.push(span, facts, this.counts.requests, origin);
    this.counts.spans++;
    trace.rows.set(spanId, row);
    this.#data?.span(span, facts, origin, where);
    const [start, end] = [this.#table.starts[row]!, this.#table.ends[row]!];
    this.#window.add(start, where);
    this.#window.add(end, where);
    if (start > end) this.#violations.add("a span ends before it starts", where);
    if (end > trace.lastEnd) trace.lastEnd = end;
    if (end > this.#lastEnd) this.#lastEnd = end;
    this.#checkEvents(span, start, end, where);
    for (const link of span.links ?? []) {
      this.counts.links++;
      this.#types.check(link, where);
      this.#links.push({ from: traceId, traceId: link.traceId, spanId: link.spanId, row });
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

  /** True when all of the trace came that was to come. */
  #finishTrace(traceId: string, { rows, isSplit, lastEnd }: Trace): boolean {
    this.counts.traces++;
    if (isSplit) this.counts.splitTraces++;
    this.counts.largestTrace = Math.max(this.counts.largestTrace, rows.size);
    // Where byte 5 of its times would carry, a request steps back by its own length, so that they agree in it.
    this.#window.checkMoment(lastEnd, () => `trace ${traceId} ended at ${lastEnd}`, this.#window.maxAge);
    let roots = 0;
    const absent = new Set<string>();
    for (const [spanId, row] of rows) {
      const parent = this.#table.parents[row]!;
      if (parent === "") roots++;
      else if (!rows.has(parent)) absent.add(parent);
      else this.#checkInside(row, rows.get(parent)!, () => `span ${spanId} of trace ${traceId}`);
    }
    this.counts.roots += roots;
    if (roots > 1) this.#violations.add("a trace has several roots", () => `${traceId}: ${roots}`);
    if (absent.size === 0 && roots === 1) return true;
    if (this.#rules.rootless && roots === 0 && absent.size === 1) {
      this.counts.neverSentParents++;
      return true;
    }
    if (this.#isTail(lastEnd)) this.counts.tail++;
    else if (absent.size > 0) {
      const example = () => `trace ${traceId} of ${rows.size} spans: ${[...absent].slice(0, 3).join(", ")}`;
      this.#violations.add("a parent was not received", example);
    } else if (roots === 0)
      this.#violations.add("a trace has no root", () => `${traceId} of ${rows.size} spans`);
    return false;
  }

  #checkInside(row: number, parent: number, where: () => string): void {
    const { requests, starts, ends } = this.#table;
    if (requests[row] !== requests[parent]) this.counts.parentsElsewhere++;
    // What a consumer does happens after its message was sent, and may go on when the sender is done.
    if (this.#table.is(row, CONSUMER)) return;
    const [start, end] = [starts[row]!, ends[row]!];
    if (start < starts[parent]! || end > ends[parent]!) {
      const example = () => `${where()}: ${start} to ${end} in ${starts[parent]} to ${ends[parent]}`;
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
