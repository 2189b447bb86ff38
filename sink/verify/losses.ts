import type { Incarnation } from "./incarnation.ts";
import type { Pass } from "./pass.ts";
import { DescendingRanges } from "./ranges.ts";
import { BLOCK_TRACES, type TraceBlock } from "./trace-block.ts";

/** What did not arrive of one pass, or of several passes that are wholly absent. */
export interface PassLoss {
  pass: number;
  /** Last of several passes of which nothing came. */
  lastPass?: number;
  /** Ordinals of the traces of which nothing came: `12-15,20`. */
  traces: string;
  /** Ordinals of the traces of which some spans came and some did not. */
  incomplete: string;
}

/** What did not arrive from one incarnation: totals, and the lowest passes by name. */
export interface Loss {
  /** Traces of which nothing came. */
  traces: number;
  /** Traces of which some spans did not come. */
  incompleteTraces: number;
  /** Spans that did not come of incomplete traces. How many those of absent traces are, nobody here knows. */
  spans: number;
  /** Spans of incomplete traces that are named as a parent and did not come. */
  parents: number;
  passes: PassLoss[];
}

/** Passes named in a Loss, and ranges named of each; totals are exact beyond that. */
const MAX_PASSES = 50;
const MAX_RANGES = 40;

/** Collects a Loss from the highest pass to the lowest, and in a pass from the highest trace to the lowest. */
export class LossCollector {
  readonly #totals = { traces: 0, incompleteTraces: 0, spans: 0, parents: 0 };
  #passes: PassLoss[] = [];
  #absent = new DescendingRanges();
  #incomplete = new DescendingRanges();

  /** Traces from..to (inclusive) of the current pass are absent. */
  absent(from: number, to: number): void {
    this.#absent.add(from, to);
  }

  /** A trace of the current pass is incomplete. */
  incomplete(ordinal: number, block: TraceBlock): void {
    const slot = ordinal % BLOCK_TRACES;
    this.#incomplete.add(ordinal, ordinal);
    this.#totals.spans += block.missingSpans(slot);
    this.#totals.parents += block.missingParents(slot);
  }

  /** Whole passes from..to are absent. */
  absentPasses(from: number, to: number, tracesPerPass: number): void {
    this.#totals.traces += (to - from + 1) * tracesPerPass;
    const several = to > from ? { lastPass: to } : {};
    this.#push({ pass: from, ...several, traces: `0-${tracesPerPass - 1}`, incomplete: "" });
  }

  /** The current pass ends; the next one is lower. */
  endPass(pass: number): void {
    const [absent, incomplete] = [this.#absent, this.#incomplete];
    if (absent.count + incomplete.count === 0) return;
    this.#totals.traces += absent.count;
    this.#totals.incompleteTraces += incomplete.count;
    this.#push({ pass, traces: absent.text(MAX_RANGES), incomplete: incomplete.text(MAX_RANGES) });
    this.#absent = new DescendingRanges();
    this.#incomplete = new DescendingRanges();
  }

  result(): Loss {
    return { ...this.#totals, passes: this.#passes.slice(-MAX_PASSES).reverse() };
  }

  #push(loss: PassLoss): void {
    this.#passes.push(loss);
    if (this.#passes.length >= 4 * MAX_PASSES) this.#passes = this.#passes.slice(-MAX_PASSES);
  }
}

/** Several losses as one: totals added, passes one after the other. */
export function mergeLosses(losses: Loss[]): Loss {
  const merged: Loss = { traces: 0, incompleteTraces: 0, spans: 0, parents: 0, passes: [] };
  for (const loss of losses) {
    merged.traces += loss.traces;
    merged.incompleteTraces += loss.incompleteTraces;
    merged.spans += loss.spans;
    merged.parents += loss.parents;
    merged.passes.push(...loss.passes);
  }
  merged.passes.length = Math.min(merged.passes.length, MAX_PASSES);
  return merged;
}

/**
 * What an incarnation sent and did not arrive: "missing", or "doubtful" when it was sent less than `doubtMs` before the
 * incarnation fell silent, so that it may have been in flight at its end.
 *
 * A trace that did not arrive at all was sent, at the latest, when the next trace of its pass that did arrive came.
 * The last trace of the last pass, when it is a large one whose beginning came, is doubtful whenever it was sent: a trace that
 * is split over requests is cut where its sender stops.
 *
 * Expected are all passes from 0 below the highest one that was seen, each with as many traces as any had; of the
 * highest pass the traces below the highest one that was seen.
 */
export function findLosses(from: Incarnation, doubtMs: number): { missing: Loss; doubtful: Loss } {
  const missing = new LossCollector();
  const doubtful = new LossCollector();
  const doubtFrom = from.lastAt - doubtMs;
  const verdict = (sentAt: number) => (doubtMs > 0 && sentAt >= doubtFrom ? doubtful : missing);

  let sentBefore = from.lastAt;
  let runIndex = from.done.list.length - 1;
  const openPasses = [...from.open.values()]
    .filter((pass) => pass.number <= from.highestPass)
    .sort((a, b) => b.number - a.number);
  let openIndex = 0;
  let pass = from.highestPass;
  while (pass >= 0) {
    const open = openPasses[openIndex];
    const run = from.done.list[runIndex];
    if (open?.number === pass) {
      const expected = pass < from.highestPass ? from.tracesPerPass : open.highest + 1;
      const cut = pass === from.highestPass ? { ordinal: open.highest, collector: doubtful } : undefined;
      sentBefore = walkPass(open, expected, sentBefore, verdict, cut);
      openIndex++;
      pass--;
    } else if (run !== undefined && run.to === pass) {
      if (run.traces < from.tracesPerPass) {
        for (; pass >= run.from; pass--) {
          verdict(sentBefore).absent(run.traces, from.tracesPerPass - 1);
          missing.endPass(pass);
          doubtful.endPass(pass);
        }
      }
      sentBefore = Math.min(sentBefore, run.firstAt);
      runIndex--;
      pass = run.from - 1;
      continue;
    } else {
      const below = Math.max(open?.number ?? -1, run?.to ?? -1);
      verdict(sentBefore).absentPasses(below + 1, pass, from.tracesPerPass);
      pass = below;
      continue;
    }
    missing.endPass(pass + 1);
    doubtful.endPass(pass + 1);
  }
  return { missing: missing.result(), doubtful: doubtful.result() };
}

/** The trace that its sender may have stopped within, and who is told what it lacks. */
interface Cut {
  ordinal: number;
  collector: LossCollector;
}

/** Reports what one unfinished pass lacks; returns when, at the latest, its first trace was sent. */
function walkPass(
  pass: Pass,
  expected: number,
  sentBefore: number,
  verdict: (sentAt: number) => LossCollector,
  cut: Cut | undefined,
): number {
  let latest = sentBefore;
  for (let index = Math.ceil(expected / BLOCK_TRACES) - 1; index >= 0; index--) {
    const from = Math.max(index * BLOCK_TRACES, pass.completeBelow);
    const to = Math.min((index + 1) * BLOCK_TRACES, expected) - 1;
    const block = pass.open.get(index);
    const closed = pass.closed.get(index);
    if (block !== undefined) latest = walkBlock(block, from, to, latest, verdict, cut);
    else if (closed !== undefined) latest = Math.min(latest, closed.firstAt);
    else if (from <= to) verdict(latest).absent(from, to);
  }
  return latest;
}

/** Reports what traces from..to, all of one block, lack; returns when, at the latest, the first of them was sent. */
export function walkBlock(
  block: TraceBlock,
  from: number,
  to: number,
  sentBefore: number,
  verdict: (sentAt: number) => LossCollector,
  cut?: Cut,
): number {
  let latest = sentBefore;
  for (let ordinal = to; ordinal >= from; ordinal--) {
    const slot = ordinal % BLOCK_TRACES;
    if (block.spanCounts[slot] === 0) {
      verdict(latest).absent(ordinal, ordinal);
      continue;
    }
    const seenAt = block.seenAt[slot]!;
    latest = Math.min(latest, seenAt);
    if (block.isComplete(slot)) continue;
    const isCut = ordinal === cut?.ordinal && block.mayBeCut(slot);
    (isCut ? cut.collector : verdict(seenAt)).incomplete(ordinal, block);
  }
  return latest;
}
