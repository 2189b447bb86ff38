/**
 * Making the report of a replica from the final snapshots of its processes.
 */
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { type Counter, type Counts, namedCounts } from "./counts.ts";
import { Latencies, type LatencyCounts } from "./latency.ts";
import type { Report, SignalReport } from "./report-schema.ts";
import { mergeSnapshots, type Snapshot } from "./snapshot.ts";

export type { Report, SignalReport } from "./report-schema.ts";

/** What a report says besides the numbers of the snapshots. */
export interface ReportContext {
  version: string;
  startedAt: string;
  replicas: number;
  config: unknown;
  /** Signals that this run was to send. */
  signals: readonly Signal[];
}

/** The report of one replica from the final snapshots of its processes. */
export function makeReport(snapshots: readonly Snapshot[], context: ReportContext): Report {
  const merged = mergeSnapshots(snapshots);
  const signals: Report["signals"] = {};
  for (const signal of SIGNALS) {
    if (context.signals.includes(signal)) {
      signals[signal] = signalReportOf(merged.counts[signal], merged.latencies[signal]);
    }
  }
  const { signals: _, ...head } = context;
  const report: Report = {
    version: head.version,
    startedAt: head.startedAt,
    signals,
    lagMs: Math.round(merged.worstLagMs),
    durationMs: Math.round(merged.elapsedMs),
    cpuSeconds: merged.cpuSeconds,
    maxRssBytes: merged.maxRssBytes,
    incarnations: merged.incarnations,
    replicas: head.replicas,
    targets: merged.targets,
    answers: merged.answers.sort((a, b) => b.count - a.count),
    notes: merged.notes,
    balanced: true,
    config: head.config,
    exitCode: 0,
  };
  return settle(report);
}

/** Differences of the two identities of a signal; both 0 when they hold. */
export function imbalance(counts: Pick<SignalReport, Counter>): {
  intended: number;
  sent: number;
} {
  return {
    intended: counts.intended - counts.unsent - counts.dropped - counts.sent,
    sent: counts.sent - counts.accepted - counts.rejected - counts.failed - counts.inDoubt,
  };
}

function settle(report: Report): Report {
  const signals = SIGNALS.map((signal) => report.signals[signal]).filter((one) => one !== undefined);
  report.balanced = signals.every((signal) => {
    const { intended, sent } = imbalance(signal);
    return intended === 0 && sent === 0;
  });
  const lost = signals.reduce((sum, s) => sum + s.rejected + s.failed + s.inDoubt + s.dropped, 0);
  report.exitCode = lost > 0 || !report.balanced ? 1 : 0;
  return report;
}

function signalReportOf(counts: Counts, measured: readonly LatencyCounts[]): SignalReport {
  const latencies = new Latencies();
  for (const counts of measured) latencies.add(counts);
  const numbers = namedCounts(counts);
  return {
    ...numbers,
    ...packingOf(numbers),
    latencyMs: latencies.summary(),
    latencyCountsUs: latencies.counts(),
  };
}

/** How bodies left, and what that saved. */
function packingOf(counts: Record<Counter, number>): Pick<SignalReport, "mode" | "ratio" | "bytesPerItem"> {
  const { compiledRequests, compressedRequests, bodyBytes, wireBytes, sent } = counts;
  const isCompressed = compressedRequests > 0 ? "compressed" : "plain";
  return {
    mode: compiledRequests > 0 ? "compiled" : isCompressed,
    ratio: wireBytes > 0 ? bodyBytes / wireBytes : 1,
    bytesPerItem: sent > 0 ? wireBytes / sent : 0,
  };
}
