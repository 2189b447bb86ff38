/**
 * From what the processes know to what the view shows: rates and shares out of two snapshots.
 */
import { COUNTER_INDEX, type Counter } from "../ledger/counts.ts";
import { Latencies } from "../ledger/latency.ts";
import type { mergeSnapshots } from "../ledger/snapshot.ts";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import type { Sample, SignalSample } from "./sample.ts";

/** The snapshots of all processes at one moment. */
export type MergedSnapshot = ReturnType<typeof mergeSnapshots>;

/** What a run is to do. */
export interface Plan {
  signals: readonly Signal[];
  /** Events per second of all signals; 0 = as fast as the target takes it. */
  targetRate: number;
  /** Until the first limit is reached; absent without a limit. */
  remainingMs?: number;
  processes: number;
}

/**
 * The sample at `current`.
 *
 * earlier  about a second before: rates and CPU are averages since then; absent at the start, for averages of all the run
 */
export function sampleOf(current: MergedSnapshot, earlier: MergedSnapshot | undefined, plan: Plan): Sample {
  const seconds = (current.elapsedMs - (earlier?.elapsedMs ?? 0)) / 1000;
  const perSecond = (amount: number) => (seconds > 0 ? Math.max(0, amount) / seconds : 0);
  const signals: Sample["signals"] = {};
  let retried = 0;
  const latencies = new Latencies();
  for (const signal of SIGNALS) {
    if (!plan.signals.includes(signal)) continue;
    const counts = current.counts[signal];
    const of = (counter: Counter) => counts[COUNTER_INDEX[counter]]!;
    const sentBefore = earlier?.counts[signal][COUNTER_INDEX.sent] ?? 0;
    signals[signal] = {
      rate: perSecond(of("sent") - sentBefore),
      intended: of("intended"),
      sent: of("sent"),
      accepted: of("accepted"),
      rejected: of("rejected"),
      failed: of("failed"),
      inDoubt: of("inDoubt"),
      unsent: of("unsent"),
    } satisfies SignalSample;
    retried += of("retriedRequests");
    for (const counts of current.latencies[signal]) latencies.add(counts);
  }
  const { p50, p99, max } = latencies.summary();
  return {
    elapsedMs: current.elapsedMs,
    ...(plan.remainingMs === undefined ? {} : { remainingMs: plan.remainingMs }),
    targetRate: plan.targetRate,
    signals,
    latencyMs: max > 0 ? { p50, p99 } : { p50: Number.NaN, p99: Number.NaN },
    lagMs: current.lagMs,
    inFlight: current.inFlight,
    cpuShare: perSecond(current.cpuSeconds - (earlier?.cpuSeconds ?? 0)),
    rssBytes: current.rssBytes,
    retried,
    errors: current.answers.toSorted((a, b) => b.count - a.count),
    processes: plan.processes,
  };
}
