/**
 * From what the processes know to what the view shows: rates, shares and recent latencies out of a row of snapshots.
 */
import { addCounts, COUNTER_INDEX, type Counter, type Counts, newCounts } from "../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../ledger/snapshot.ts";
import { type PerSignal, perSignal, type Signal } from "../otlp/signal.ts";
import { ProcessRates, type Rates, sumOfRates } from "./process-rates.ts";
import { percentilesOf, RecentLatencies, type Tally, tallyOf } from "./recent-latencies.ts";
import type { Sample, SignalSample } from "./sample.ts";

/** What a run is to do. */
export interface RunPlan {
  signals: readonly Signal[];
  /** Mean of the planned events per second between two moments of the run, ms; 0 = as fast as the target takes it. */
  plannedRate(fromMs: number, toMs: number): number;
  /** When the first limit is reached if the target keeps up; Infinity = never, or nobody can tell. */
  endMs: number;
  /** Which limit that is, in words. */
  endsBy: string;
  /** Items after which the run ends; Infinity without such a limit. */
  items: number;
}

type Merged = ReturnType<typeof mergeSnapshots>;
/** Of the last seconds, and of the run. */
interface Measured {
  recent: PerSignal<Tally>;
  run: PerSignal<Tally>;
}

/** Makes samples of one run; give it the snapshots of all processes, in the order in which they were looked at. */
export class Sampler {
  readonly #plan: RunPlan;
  readonly #latencies = perSignal(() => new RecentLatencies());
  /** By the process's first incarnation. */
  readonly #processes = new Map<string, ProcessRates>();
  #mostAlive = 1;

  constructor(plan: RunPlan) {
    this.#plan = plan;
  }

  /**
   * The state now. At the start, rates are averages of all the run.
   *
   * alive  processes that are there now
   */
  sample(snapshots: readonly Snapshot[], alive: number): Sample {
    this.#mostAlive = Math.max(this.#mostAlive, alive);
    const merged = mergeSnapshots(snapshots);
    const at = merged.elapsedMs;
    const rates = sumOfRates(
      snapshots.map((snapshot) => {
        const key = snapshot.incarnations[0] ?? "";
        const process = this.#processes.get(key) ?? new ProcessRates();
        this.#processes.set(key, process);
        return process.ratesAt(snapshot, at);
      }),
    );
    const run = perSignal((signal) => tallyOf(merged.latencies[signal]));
    const recent = perSignal((signal) => this.#latencies[signal].since(at, run[signal]));
    return this.#sampleOf(merged, rates, { recent, run }, alive);
  }

  /** The state at the end: averages over all the run. */
  lastSample(snapshots: readonly Snapshot[]): Sample {
    const merged = mergeSnapshots(snapshots);
    // Processes end at different moments, so the average is not the sum of theirs.
    const rates = new ProcessRates().ratesAt({ ...merged, latencies: perSignal(() => []) }, merged.elapsedMs);
    const run = perSignal((signal) => tallyOf(merged.latencies[signal]));
    const { remainingMs: _, ...sample } = this.#sampleOf(
      merged,
      rates,
      { recent: run, run },
      this.#mostAlive,
    );
    return { ...sample, targetRate: this.#plan.plannedRate(0, merged.elapsedMs), isOver: true };
  }

  #sampleOf(merged: Merged, rates: Rates, { recent, run }: Measured, alive: number): Sample {
    const { signals, plannedRate, endsBy } = this.#plan;
    const samples: Sample["signals"] = {};
    for (const signal of signals) {
      samples[signal] = signalSample(merged.counts[signal], rates.counts[signal], {
        recent: [recent[signal]],
        run: [run[signal]],
      });
    }
    const all = (tallies: PerSignal<Tally>) => signals.map((signal) => tallies[signal]);
    const sumOf = (counts: PerSignal<Counts>) => sumOfCounts(signals.map((signal) => counts[signal]));
    const total = sumOf(merged.counts);
    const at = merged.elapsedMs;
    return {
      elapsedMs: at,
      ...this.#whatIsLeft(at, total),
      endsBy,
      isOver: false,
      isPaused: merged.isPaused,
      targetRate: plannedRate(Math.max(0, at - rates.overMs), at),
      signals: samples,
      total: signalSample(total, sumOf(rates.counts), { recent: all(recent), run: all(run) }),
      lagMs: merged.lagMs,
      worstLagMs: merged.worstLagMs,
      inFlight: merged.inFlight,
      cpuShare: rates.cpu,
      rssBytes: merged.rssBytes,
      errors: merged.answers
        .map((answer) => ({ ...answer, perSecond: rates.answers.get(answer.code) ?? 0 }))
        .sort((a, b) => b.count - a.count),
      targets: Object.entries(merged.targets)
        .map(([address, { requests: _, ...counts }]) => ({
          address,
          requestRate: rates.targets.get(address) ?? 0,
          ...counts,
        }))
        .sort((a, b) => (a.address < b.address ? -1 : 1)),
      processes: alive,
    };
  }

  /** By the clock where the plan knows its end, else by the items. */
  #whatIsLeft(elapsedMs: number, total: Counts): Pick<Sample, "share" | "remainingMs"> {
    const { endMs, items } = this.#plan;
    if (Number.isFinite(endMs)) {
      const share = endMs > 0 ? Math.min(1, elapsedMs / endMs) : 1;
      return { share, remainingMs: Math.max(0, endMs - elapsedMs) };
    }
    if (!Number.isFinite(items)) return {};
    const share = items > 0 ? Math.min(1, total[COUNTER_INDEX.intended]! / items) : 1;
    return share > 0 ? { share, remainingMs: (elapsedMs * (1 - share)) / share } : { share };
  }
}

function sumOfCounts(parts: readonly Counts[]): Counts {
  const sum = newCounts();
  for (const part of parts) addCounts(sum, part);
  return sum;
}

/** rates  the same counters, per second */
function signalSample(
  counts: Counts,
  rates: Counts,
  latencies: { recent: readonly Tally[]; run: readonly Tally[] },
): SignalSample {
  const of = (counter: Counter) => counts[COUNTER_INDEX[counter]]!;
  return {
    rate: rates[COUNTER_INDEX.sent]!,
    intended: of("intended"),
    sent: of("sent"),
    accepted: of("accepted"),
    rejected: of("rejected"),
    failed: of("failed"),
    inDoubt: of("inDoubt"),
    unsent: of("unsent"),
    requests: of("requests"),
    retriedRequests: of("retriedRequests"),
    compressedRequests: of("compressedRequests"),
    compiledRequests: of("compiledRequests"),
    bodyBytes: of("bodyBytes"),
    wireBytes: of("wireBytes"),
    wireRate: rates[COUNTER_INDEX.wireBytes]!,
    recentMs: percentilesOf(latencies.recent),
    runMs: percentilesOf(latencies.run),
  };
}
