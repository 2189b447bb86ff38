/** Snapshots for tests: what a test is not about stays as it is before the first request. */
import { perSignal } from "../otlp/signal.ts";
import { COUNTERS, type Counter, type Counts, newCounts } from "./counts.ts";
import type { Snapshot } from "./snapshot.ts";

/** Counts of one signal; what is not named is 0. */
export function countsOf(named: Partial<Record<Counter, number>> = {}): Counts {
  return Float64Array.from(COUNTERS, (counter) => named[counter] ?? 0);
}

/** A snapshot of a process that has done nothing yet, but for `parts`. */
export function testSnapshot(parts: Partial<Snapshot> = {}): Snapshot {
  return {
    elapsedMs: 0,
    counts: perSignal(newCounts),
    latencies: perSignal(() => []),
    lagMs: 0,
    worstLagMs: 0,
    inFlight: 0,
    share: 1,
    isPaused: false,
    plannedRate: 0,
    cpuSeconds: 0,
    rssBytes: 0,
    maxRssBytes: 0,
    incarnations: [],
    targets: {},
    answers: [],
    notes: [],
    ...parts,
  };
}
