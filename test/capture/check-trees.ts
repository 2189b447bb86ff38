/** Whole traces: large ones are trees of many levels, and processes are entered where the flags say so. */
import { CallCheck, type CallCounts } from "./check-calls.ts";
import { within } from "./map-within.ts";
import { CONSUMER, KNOWS_PARENT, REMOTE_PARENT, SERVER, type SpanTable } from "./span-table.ts";
import type { Violations } from "./violations.ts";

export interface TreeCounts extends CallCounts {
  /** Levels of a trace, a lone root having 1. */
  levels: { mean: number; largest: number };
  /** Children of a span that has any. */
  children: { mean: number; largest: number };
  /** Traces of some size with two levels: one span does all there is. */
  flat: number;
  /** Spans that overlap their elder sibling: parallel work. */
  parallel: number;
}

/** One trace: rows by span id. */
export interface TraceRows {
  traceId: string;
  rows: ReadonlyMap<string, number>;
}

/** Traces of this many spans and more must be trees. */
const SOME_SPANS = 12;
const MANY_SPANS = 1000;
const LEVELS_OF_SOME = 3;
/** A request that queries in a loop has two levels, so that some of the small traces may. */
const FLAT_SHARE = 0.1;
const LEVELS_OF_MANY = 6;
/** Of a large trace's spans, at most this share below one span. */
const WIDEST_SHARE = 0.02;

export class TreeCheck {
  readonly #shape: Omit<TreeCounts, keyof CallCounts> = {
    levels: { mean: 0, largest: 0 },
    children: { mean: 0, largest: 0 },
    flat: 0,
    parallel: 0,
  };
  /** The check of what spans of one trace say of each other. */
  readonly calls: CallCheck;
  readonly #table: SpanTable;
  readonly #violations: Violations;
  #traces = 0;
  /** Traces that are large enough to have levels. */
  #some = 0;
  #levels = 0;
  #parents = 0;
  #children = 0;

  constructor(table: SpanTable, violations: Violations) {
    this.#table = table;
    this.#violations = violations;
    this.calls = new CallCheck(table, violations);
  }

  get counts(): TreeCounts {
    return { ...this.#shape, ...this.calls.counts };
  }

  /** Check one trace, all of whose spans came. */
  check({ traceId, rows }: TraceRows): void {
    const children = new Map<number, number[]>();
    for (const row of rows.values()) {
      const parent = rows.get(this.#table.parents[row]!);
      if (parent !== undefined) within(children, parent, (): number[] => []).push(row);
    }
    const where = (row: number) => () => this.#describe(traceId, rows, row);
    for (const row of rows.values()) {
      if (this.#table.parents[row] === "") this.#checkLength(row, where(row));
    }
    for (const row of rows.values()) {
      const parent = rows.get(this.#table.parents[row]!);
      const own = children.get(row) ?? [];
      this.#checkFlags(row, parent, where(row));
      if (parent !== undefined) this.calls.checkParent(row, parent, where(row));
      this.calls.checkChildren(row, own, where(row));
      this.#measureChildren(own);
    }
    this.#checkShape(traceId, rows, children);
  }

  finish(): void {
    const counts = this.#shape;
    counts.levels.mean = round(this.#levels / Math.max(1, this.#traces));
    counts.children.mean = round(this.#children / Math.max(1, this.#parents));
    // One service alone calls nobody.
    if (counts.flat <= FLAT_SHARE * this.#some || this.calls.counts.calls === 0) return;
    const example = () => `${counts.flat} of ${this.#some} traces of ${SOME_SPANS} spans and more`;
    this.#violations.add("many traces are flat", example);
  }

  /** Of a million lengths in nanoseconds one is whole milliseconds: a root that lasts so was cut to measure. */
  #checkLength(root: number, where: () => string): void {
    const nanos = this.#table.ends[root]! - this.#table.starts[root]!;
    if (nanos % 1_000_000n === 0n)
      this.#violations.add("a root lasts whole milliseconds", () => `${nanos} ns: ${where()}`);
  }

  #checkFlags(row: number, parent: number | undefined, where: () => string): void {
    const table = this.#table;
    const entersProcess = table.is(row, SERVER) || table.is(row, CONSUMER);
    const isRemote = table.is(row, REMOTE_PARENT);
    if (table.parents[row] === "") {
      if (isRemote) this.#violations.add("a root's flags name a remote parent", where);
    } else if (entersProcess && !(table.is(row, KNOWS_PARENT) && isRemote)) {
      this.#violations.add("a server's or consumer's flags do not name its parent remote", where);
    } else if (!entersProcess && isRemote && parent !== undefined) {
      this.#violations.add("a local child's flags name its parent remote", where);
    }
  }

  #measureChildren(children: readonly number[]): void {
    const { starts, ends } = this.#table;
    if (children.length === 0) return;
    this.#parents++;
    this.#children += children.length;
    this.#shape.children.largest = Math.max(this.#shape.children.largest, children.length);
    let latestEnd = 0n;
    for (const child of children) {
      if (starts[child]! < latestEnd) this.#shape.parallel++;
      if (ends[child]! > latestEnd && !this.#table.is(child, CONSUMER)) latestEnd = ends[child]!;
    }
  }

  #checkShape(
    traceId: string,
    rows: TraceRows["rows"],
    children: ReadonlyMap<number, readonly number[]>,
  ): void {
    const levels = this.#levelsOf(rows, children);
    const size = rows.size;
    this.#traces++;
    this.#levels += levels;
    this.#shape.levels.largest = Math.max(this.#shape.levels.largest, levels);
    const example = () => `trace ${traceId}: ${levels} levels of ${size} spans`;
    if (size >= SOME_SPANS) this.#some++;
    if (size >= SOME_SPANS && levels < LEVELS_OF_SOME) this.#shape.flat++;
    if (size < MANY_SPANS) return;
    if (levels < LEVELS_OF_MANY) this.#violations.add("a large trace is flat", example);
    let widest = 0;
    for (const own of children.values()) widest = Math.max(widest, own.length);
    if (widest > WIDEST_SHARE * size) {
      this.#violations.add("a large trace is wide", () => `${example()}, ${widest} below one`);
    }
  }

  /** Levels below the spans whose parents did not come, roots included. */
  #levelsOf(rows: TraceRows["rows"], children: ReadonlyMap<number, readonly number[]>): number {
    let level = [...rows.values()].filter((row) => !rows.has(this.#table.parents[row]!));
    let levels = 0;
    while (level.length > 0) {
      levels++;
      level = level.flatMap((row) => children.get(row) ?? []);
    }
    return levels;
  }

  #describe(traceId: string, rows: TraceRows["rows"], row: number): string {
    const table = this.#table;
    const spanId = [...rows].find(([, other]) => other === row)?.[0];
    const service = table.texts.text(table.services[row]!);
    return `${table.role(row)} span ${spanId} of ${service} in trace ${traceId}`;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
