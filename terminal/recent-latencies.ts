/**
 * Percentiles for the live view, of the run and of its last seconds: the difference between now and some seconds ago. It is asked for
 * several times a second in the process that sends, so it counts into buckets instead of making histograms anew: a tenth of the time.
 */
import type { LatencyCounts } from "../ledger/latency.ts";
import type { LatencySample } from "./sample.ts";

/** How far back "recent" goes, and how often a mark to go back to is made. */
const WINDOW_MS = 10_000;
const MARK_MS = 2000;

/**
 * How often each latency was measured: 128 buckets for every power of two of microseconds, so that a bucket's middle is at most
 * 0.4 % off. Latencies are below 2^32 us (ledger/latency.ts).
 */
export type Tally = Float64Array;

/** Where nothing was measured, as in a process that is idle. */
const NOTHING: Tally = new Float64Array(0);

const BITS = 7;
const BUCKETS = (32 - BITS + 1) << BITS;

/** One signal's latencies over the run. */
export class RecentLatencies {
  readonly #marks: { atMs: number; tally: Tally }[] = [];

  /** What was measured in about the last ten seconds; in the first ten, since the start. `tally` is since the start, and kept. */
  since(elapsedMs: number, tally: Tally): Tally {
    const marks = this.#marks;
    while (marks.length > 1 && marks[1]!.atMs <= elapsedMs - WINDOW_MS) marks.shift();
    const [oldest] = marks;
    const latest = marks.at(-1)?.atMs ?? 0;
    if (elapsedMs - latest >= MARK_MS) marks.push({ atMs: elapsedMs, tally });
    if (tally === NOTHING || oldest === undefined || oldest.atMs > elapsedMs - WINDOW_MS + MARK_MS)
      return tally;
    return tally.map((count, bucket) => Math.max(0, count - (oldest.tally[bucket] ?? 0)));
  }
}

/** All that was measured by several processes. */
export function tallyOf(measured: readonly LatencyCounts[]): Tally {
  if (measured.every((counts) => counts.length === 0)) return NOTHING;
  const tally = new Float64Array(BUCKETS);
  for (const counts of measured) {
    for (const [us, count] of counts) tally[bucketOf(us)]! += count;
  }
  return tally;
}

/** What percentilesOf adds up in. */
const sum: Tally = new Float64Array(BUCKETS);

/** Percentiles of tallies taken together; NaN when they are empty. */
export function percentilesOf(tallies: readonly Tally[]): LatencySample {
  sum.fill(0);
  let total = 0;
  for (const tally of tallies) {
    for (let bucket = 0; bucket < tally.length; bucket++) {
      sum[bucket]! += tally[bucket]!;
      total += tally[bucket]!;
    }
  }
  const at = (share: number) => {
    if (total === 0) return Number.NaN;
    let seen = 0;
    const bucket = sum.findIndex((count) => {
      seen += count;
      return seen >= share * total;
    });
    return middleOf(bucket) / 1000;
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Below 2^(BITS + 1) us each has a bucket of its own. */
function bucketOf(us: number): number {
  const exponent = Math.max(0, 31 - Math.clz32(us) - BITS);
  return (exponent << BITS) + (us >>> exponent);
}

function middleOf(bucket: number): number {
  const exponent = Math.max(0, (bucket >>> BITS) - 1);
  return (bucket - (exponent << BITS)) * 2 ** exponent + (2 ** exponent - 1) / 2;
}
