/**
 * How many spans the traces of a file have. A trace is counted while it is remembered; in a template its frames are consecutive,
 * in a capture its spans may come back later.
 */

/** Traces that are remembered at a time. */
const OPEN_TRACES = 200_000;

export interface SpansPerTrace {
  count: number;
  spansPerTrace: { min: number; mean: number; max: number };
  /** Traces by number of spans: `from` to `to` inclusive, in powers of two; empty classes are left out. */
  distribution: { from: number; to: number; traces: number }[];
  /** A trace that came back after 200,000 others counts twice. */
  approximate: boolean;
}

export class TraceCounter {
  /** Least recently seen first. */
  readonly #open = new Map<string, number>();
  readonly #classes: number[] = [];
  #count = 0;
  #spans = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #approximate = false;

  /** traceId  any text that names the trace */
  add(traceId: string): void {
    const spans = this.#open.get(traceId) ?? 0;
    this.#open.delete(traceId);
    this.#open.set(traceId, spans + 1);
    if (this.#open.size <= OPEN_TRACES) return;
    const [oldest] = this.#open.keys();
    this.#close(this.#open.get(oldest!)!);
    this.#open.delete(oldest!);
    this.#approximate = true;
  }

  /** What was counted. Ends the counting. */
  result(): SpansPerTrace {
    for (const spans of this.#open.values()) this.#close(spans);
    this.#open.clear();
    const mean = this.#count > 0 ? this.#spans / this.#count : 0;
    const distribution = this.#classes.flatMap((traces, power) =>
      traces > 0 ? [{ from: 2 ** power, to: 2 ** (power + 1) - 1, traces }] : [],
    );
    return {
      count: this.#count,
      spansPerTrace: { min: this.#count > 0 ? this.#min : 0, mean, max: this.#max },
      distribution,
      approximate: this.#approximate,
    };
  }

  #close(spans: number): void {
    this.#count++;
    this.#spans += spans;
    this.#min = Math.min(this.#min, spans);
    this.#max = Math.max(this.#max, spans);
    const power = Math.floor(Math.log2(spans));
    while (this.#classes.length <= power) this.#classes.push(0);
    this.#classes[power]!++;
  }
}
