/**
 * The shape of the traces of a file: how many spans each has, and what trees they form. A trace is judged when it is over: in a
 * template that is when the next one begins; a capture's spans may come back later, so its traces stay open while there is room.
 */
import type { Message } from "../../otlp/message/schema.ts";
import { readTemplateSpanOrdinal, readTemplateTraceId, SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";

/** Spans of all open traces that are remembered, some 100 bytes each, a template's some 40. A larger trace has levels for its first so many spans. */
const OPEN_SPANS = 600_000;

export interface TraceShapesSummary {
  count: number;
  spansPerTrace: { min: number; mean: number; max: number };
  /** Traces by number of spans: `from` to `to` inclusive, in powers of two; empty classes are left out. */
  distribution: { from: number; to: number; traces: number }[];
  /** A trace that came back after it was forgotten counts twice. */
  approximate: boolean;
  roots: number;
  tree: {
    /** Levels of a trace: 1 is a root alone. */
    depth: { min: number; mean: number; max: number };
    /** Spans on each level, roots first. */
    spansPerLevel: number[];
    /** Of spans that have any. */
    children: { mean: number; max: number };
    /** Spans without children. */
    leaves: number;
    /** Spans whose parent is not in the file, or not beside them in memory; they count as tops. */
    orphans: number;
  };
}

/** Level of a span whose level is being found. */
const ON_PATH = 0xffff_ffff;

/** What tells a span from others of its trace: its ordinal in a template's trace, elsewhere its id as text. */
type SpanKey = number | string;
const NO_PARENT = "";

/** A trace that may go on. Spans have indices in order of appearance. */
interface OpenTrace {
  isTemplate: boolean;
  spans: number;
  indices: Map<SpanKey, number>;
  /** Of each span's parent. */
  parents: SpanKey[];
}

export class TraceShapes {
  readonly #room: number;
  /** Least recently seen first. */
  readonly #open = new Map<string, OpenTrace>();
  #openSpans = 0;
  readonly #spans = new Spread();
  readonly #depth = new Spread();
  readonly #children = new Spread();
  readonly #classes: number[] = [];
  readonly #levels: number[] = [];
  #roots = 0;
  #leaves = 0;
  #orphans = 0;
  #approximate = false;

  /** room  spans of all open traces that are remembered */
  constructor(room = OPEN_SPANS) {
    this.#room = room;
  }

  add(span: Message<"Span">): void {
    const trace = this.#traceOf(span.traceId);
    trace.spans++;
    const parent = keyOf(span.parentSpanId, trace);
    if (parent === NO_PARENT) this.#roots++;
    if (trace.parents.length >= this.#room) {
      this.#approximate = true;
      return;
    }
    trace.indices.set(keyOf(span.spanId, trace), trace.parents.length);
    trace.parents.push(parent);
    this.#openSpans++;
    while (this.#openSpans > this.#room && this.#open.size > 1) {
      const [oldest] = this.#open.keys();
      this.#close(oldest!);
      this.#approximate = true;
    }
  }

  /** What was counted. Ends the counting. */
  result(): TraceShapesSummary {
    for (const id of [...this.#open.keys()]) this.#close(id);
    const { count, ...spansPerTrace } = this.#spans.result();
    const { count: _, ...depth } = this.#depth.result();
    const { mean, max } = this.#children.result();
    const distribution = this.#classes.flatMap((traces, power) =>
      traces > 0 ? [{ from: 2 ** power, to: 2 ** (power + 1) - 1, traces }] : [],
    );
    return {
      count,
      spansPerTrace,
      distribution,
      approximate: this.#approximate,
      roots: this.#roots,
      tree: {
        depth,
        spansPerLevel: this.#levels,
        children: { mean, max },
        leaves: this.#leaves,
        orphans: this.#orphans,
      },
    };
  }

  #latest: OpenTrace | undefined;
  #latestId = "";

  #traceOf(id: Uint8Array | undefined): OpenTrace {
    const text = textOf(id);
    if (this.#latest !== undefined && text === this.#latestId) return this.#latest;
    // The traces of a template are consecutive.
    const isTemplate = id?.length === TRACE_ID_BYTES && readTemplateTraceId(id, 0) >= 0;
    if (isTemplate && this.#latest !== undefined) this.#close(this.#latestId);
    const trace = this.#open.get(text) ?? { isTemplate, spans: 0, indices: new Map(), parents: [] };
    this.#open.delete(text);
    this.#open.set(text, trace);
    this.#latest = trace;
    this.#latestId = text;
    return trace;
  }

  #close(id: string): void {
    const trace = this.#open.get(id);
    if (trace === undefined) return;
    this.#open.delete(id);
    this.#openSpans -= trace.parents.length;
    if (id === this.#latestId) this.#latest = undefined;
    this.#spans.add(trace.spans);
    const power = Math.floor(Math.log2(trace.spans));
    while (this.#classes.length <= power) this.#classes.push(0);
    this.#classes[power]!++;
    this.#closeTree(trace);
  }

  #closeTree({ indices, parents }: OpenTrace): void {
    const levels = new Uint32Array(parents.length);
    const children = new Uint32Array(parents.length);
    const path: number[] = [];
    let depth = 0;
    for (let span = 0; span < parents.length; span++) {
      // Up to a span whose level is known, then down again. A circle of parents ends where it began.
      let at: number | undefined = span;
      while (at !== undefined && levels[at] === 0) {
        path.push(at);
        levels[at] = ON_PATH;
        const parent: SpanKey = parents[at]!;
        at = parent === NO_PARENT ? undefined : indices.get(parent);
        if (at !== undefined) children[at]!++;
        else if (parent !== NO_PARENT) this.#orphans++;
      }
      let level = at === undefined || levels[at] === ON_PATH ? 0 : levels[at]!;
      while (path.length > 0) levels[path.pop()!] = ++level;
      depth = Math.max(depth, level);
    }
    for (let span = 0; span < parents.length; span++) {
      const level = levels[span]! - 1;
      while (this.#levels.length <= level) this.#levels.push(0);
      this.#levels[level]!++;
      if (children[span]! > 0) this.#children.add(children[span]!);
      else this.#leaves++;
    }
    this.#depth.add(depth);
  }
}

/** Least, mean and greatest of some numbers. */
export class Spread {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** All zero when there were none. */
  result(): { count: number; min: number; mean: number; max: number } {
    if (this.#count === 0) return { count: 0, min: 0, mean: 0, max: 0 };
    return { count: this.#count, min: this.#min, mean: this.#sum / this.#count, max: this.#max };
  }
}

/** Small integers take a fraction of the room of texts. */
function keyOf(id: Uint8Array | undefined, { isTemplate }: OpenTrace): SpanKey {
  return isTemplate && id?.length === SPAN_ID_BYTES ? readTemplateSpanOrdinal(id, 0) : textOf(id);
}

/** An id as text, to be compared; absent ones are empty. */
function textOf(id: Uint8Array | undefined): string {
  if (id === undefined || id.length === 0) return "";
  return (Buffer.isBuffer(id) ? id : Buffer.from(id)).toString("latin1");
}
