/**
 * Latencies of the last seconds, out of histograms that only grow: the difference between now and some seconds ago.
 */
import { Latencies, type LatencyCounts } from "../ledger/latency.ts";
import type { LatencySample } from "./sample.ts";

/** How far back "recent" goes, and how often a mark to go back to is made. */
const WINDOW_MS = 10_000;
const MARK_MS = 2000;

/** How often each latency (in us) was measured. */
type Tally = ReadonlyMap<number, number>;

/** One signal's latencies over the run. */
export class RecentLatencies {
  readonly #marks: { atMs: number; tally: Tally }[] = [];

  /**
   * What was measured in about the last ten seconds; in the first ten, since the start.
   *
   * measured  since the start, one histogram a process. One that has lost some (its process died) counts what is left
   */
  since(elapsedMs: number, measured: readonly LatencyCounts[]): LatencyCounts {
    const tally = tallyOf(measured);
    const marks = this.#marks;
    while (marks.length > 1 && marks[1]!.atMs <= elapsedMs - WINDOW_MS) marks.shift();
    const [oldest] = marks;
    const latest = marks.at(-1)?.atMs ?? 0;
    const isFull = oldest !== undefined && oldest.atMs <= elapsedMs - WINDOW_MS + MARK_MS;
    const recent: LatencyCounts = [];
    for (const [us, count] of tally) {
      const more = count - (isFull ? (oldest.tally.get(us) ?? 0) : 0);
      if (more > 0) recent.push([us, more]);
    }
    if (elapsedMs - latest >= MARK_MS) marks.push({ atMs: elapsedMs, tally });
    return recent;
  }
}

/** Percentiles of histograms taken together; NaN when they are empty. */
export function percentilesOf(measured: readonly LatencyCounts[]): LatencySample {
  if (measured.every((counts) => counts.length === 0))
    return { p50: Number.NaN, p90: Number.NaN, p99: Number.NaN };
  const latencies = new Latencies();
  for (const counts of measured) latencies.add(counts);
  const { p50, p90, p99 } = latencies.summary();
  return { p50, p90, p99 };
}

function tallyOf(measured: readonly LatencyCounts[]): Tally {
  const tally = new Map<number, number>();
  for (const counts of measured) {
    for (const [us, count] of counts) tally.set(us, (tally.get(us) ?? 0) + count);
  }
  return tally;
}
