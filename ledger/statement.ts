/**
 * Making statements: what a replica's processes know of their run, as the ledger service takes it.
 */
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { namedCounts } from "./counts.ts";
import { coarse, Latencies, type LatencyCounts } from "./latency.ts";
import type { Report } from "./report.ts";
import { mergeSnapshots, type Snapshot } from "./snapshot.ts";
import type { Statement } from "./statement-schema.ts";

/** What a statement says besides the numbers of the snapshots. */
export type StatementHead = Pick<
  Statement,
  "life" | "name" | "sequence" | "startedAt" | "state" | "share" | "processes"
> & {
  /** Signals that this run is to send. */
  signals: readonly Signal[];
};

/** As many of each as the service takes. */
const MOST_INCARNATIONS = 1000;
const MOST_TARGETS = 2000;
const MESSAGE_CHARACTERS = 500;

/**
 * The statement of one replica. Of the addresses beyond the most that it may have, the sum stands under `others`.
 *
 * report  with the last one; its latencies become coarse
 */
export function makeStatement(
  snapshots: readonly Snapshot[],
  { signals, ...head }: StatementHead,
  report?: Report,
): Statement {
  const merged = mergeSnapshots(snapshots);
  const statement: Statement = {
    version: 1,
    ...head,
    elapsedMs: merged.elapsedMs,
    signals: {},
    targets: boundedTargets(merged.targets),
    lagMs: merged.lagMs,
    worstLagMs: merged.worstLagMs,
    inFlight: merged.inFlight,
    plannedRate: merged.plannedRate,
    cpuSeconds: merged.cpuSeconds,
    rssBytes: merged.rssBytes,
    maxRssBytes: merged.maxRssBytes,
    incarnations: merged.incarnations.slice(-MOST_INCARNATIONS),
    answers: merged.answers.map(({ code, count, message }) => ({
      code: code.slice(0, 100),
      count,
      message: message.slice(0, MESSAGE_CHARACTERS),
    })),
  };
  for (const signal of SIGNALS) {
    if (!signals.includes(signal)) continue;
    const counts = merged.counts[signal];
    statement.signals[signal] = {
      ...namedCounts(counts),
      latencyUs: coarseSum(merged.latencies[signal]).flat(),
    };
  }
  if (report) statement.report = withCoarseLatencies(report);
  return statement;
}

function boundedTargets(targets: Statement["targets"]): Statement["targets"] {
  const entries = Object.entries(targets);
  if (entries.length <= MOST_TARGETS) return targets;
  const others = { requests: 0, accepted: 0, rejected: 0, failed: 0, inDoubt: 0 };
  for (const [, counts] of entries.slice(MOST_TARGETS - 1)) {
    for (const name of Object.keys(others) as (keyof typeof others)[]) others[name] += counts[name];
  }
  return { ...Object.fromEntries(entries.slice(0, MOST_TARGETS - 1)), others };
}

/** Coarse first: what is added up then is a tenth. */
function coarseSum(measured: readonly LatencyCounts[]): LatencyCounts {
  if (measured.length === 1) return coarse(measured[0]!);
  const sum = new Latencies();
  for (const counts of measured) sum.add(coarse(counts));
  return coarse(sum.counts());
}

function withCoarseLatencies(report: Report): Report {
  const signals: Report["signals"] = {};
  for (const signal of SIGNALS) {
    const counts = report.signals[signal];
    if (counts)
      signals[signal] = { ...counts, latencyCountsUs: coarse(counts.latencyCountsUs as LatencyCounts) };
  }
  return { ...report, signals };
}
