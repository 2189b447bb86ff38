import { Pass } from "./pass.ts";
import { PassRuns } from "./pass-runs.ts";
import type { SpanOutcome } from "./trace-block.ts";

/** What arrived from one incarnation. Times are milliseconds on the verifier's clock. */
export class Incarnation {
  readonly id: number;
  readonly firstAt: number;
  lastAt: number;
  spans = 0;
  /** Traces that arrived whole. */
  completeTraces = 0;
  /** Highest pass that a span came for; -1 while there is none. */
  highestPass = -1;
  /** Traces of a pass, as far as known: one more than the highest ordinal ever seen. */
  tracesPerPass = 0;
  readonly open = new Map<number, Pass>();
  readonly done = new PassRuns();
  #lastPass: Pass | undefined;

  constructor(id: number, now: number) {
    this.id = id;
    this.firstAt = now;
    this.lastAt = now;
  }

  /** Note one span. "unverifiable" when its trace was given up to save memory. */
  addSpan(
    pass: number,
    ordinal: number,
    span: number,
    spanCount: number,
    parent: number,
    now: number,
  ): SpanOutcome | "unverifiable" {
    this.lastAt = now;
    this.spans++;
    if (ordinal >= this.tracesPerPass) this.tracesPerPass = ordinal + 1;
    const state = this.#passOf(pass, ordinal, now);
    if (state === undefined) return this.done.find(pass)!.settled ? "unverifiable" : "duplicate";
    if (state.isSettled(ordinal)) return "unverifiable";
    const outcome = state.add(ordinal, span, spanCount, parent, now);
    if (pass > this.highestPass) {
      this.highestPass = pass;
      for (const earlier of this.open.values()) this.#finish(earlier);
    }
    if (outcome === "completed") {
      this.completeTraces++;
      this.#finish(state);
    }
    return outcome;
  }

  /** Note that a log record points to a trace, which may have come, may come later, or never. */
  addLink(pass: number, ordinal: number, now: number): void {
    this.lastAt = now;
    const block = this.#passOf(pass, ordinal, now)?.blockOf(ordinal, now);
    if (block !== undefined) block.links[ordinal % block.links.length]!++;
  }

  /** The pass, taken up anew if need be; undefined when it is finished and held this trace. */
  #passOf(number: number, ordinal: number, now: number): Pass | undefined {
    const last = this.#lastPass;
    if (last !== undefined && last.number === number && !last.done) return last;
    let pass = this.open.get(number);
    if (pass === undefined) {
      const run = this.done.find(number);
      if (run !== undefined && ordinal < run.traces) return undefined;
      pass = new Pass(number, now, run?.traces ?? 0);
      if (run !== undefined) this.done.remove(number);
      this.open.set(number, pass);
    }
    this.#lastPass = pass;
    return pass;
  }

  /** A pass whose traces are all here goes into a run, once a later pass tells how many there had to be. */
  #finish(pass: Pass): void {
    if (pass.number >= this.highestPass) return;
    if (pass.closedTraces < this.tracesPerPass) return;
    pass.done = true;
    this.open.delete(pass.number);
    this.done.add(pass.number, this.tracesPerPass, pass.settledBlocks > 0, pass.firstAt);
  }
}
