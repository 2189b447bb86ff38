/**
 * The report: one JSON document that says what became of everything. Its fields are a contract that people script against;
 * docs/report.schema.json is made from the schema here.
 */
import { z } from "zod";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { COUNTERS, type Counter, type Counts } from "./counts.ts";
import { Latencies } from "./latency.ts";
import { addAnswer, addTarget, mergeSnapshots, type Snapshot } from "./snapshot.ts";

const count = z.number().nonnegative();

const latencyMs = z
  .strictObject({ p50: count, p90: count, p99: count, p999: count, max: count })
  .describe("Milliseconds from the moment a request was due to its final answer");

const signalReport = z.strictObject({
  intended: count.describe("Items that the schedule asked for: unsent + dropped + sent"),
  unsent: count.describe("Items that were due but never sent"),
  dropped: count.describe("Items left out when freezing, being larger than a request may be"),
  sent: count.describe("Items sent, once each however often retried: accepted + rejected + failed + inDoubt"),
  accepted: count,
  rejected: count.describe("Items refused in a partial success"),
  failed: count.describe("Items refused for good, or still refused when retries were used up"),
  inDoubt: count.describe("Items whose last try got no answer: the target may have them"),
  requests: count,
  retriedRequests: count,
  bodyBytes: count.describe("Request bodies before compression, every try"),
  wireBytes: count.describe("Request bodies as they left, compressed, every try"),
  latencyMs,
  latencyHistogram: z
    .string()
    .describe("HdrHistogram of microseconds, compressed, base64: merge these, not the percentiles"),
});

const targetReport = z.strictObject({
  requests: count,
  accepted: count,
  rejected: count,
  failed: count,
  inDoubt: count,
});

export const reportSchema = z
  .strictObject({
    version: z.string().describe("Release of Stampede"),
    startedAt: z.string().describe("Wall-clock time of the first request, RFC 3339"),
    signals: z.strictObject({
      traces: signalReport.optional(),
      metrics: signalReport.optional(),
      logs: signalReport.optional(),
    }),
    lagMs: count.describe("The furthest that sending fell behind its schedule"),
    durationMs: count,
    cpuSeconds: count.describe("Of all processes of this replica"),
    maxRssBytes: count.describe("Sum over its processes"),
    incarnations: z.array(z.string().regex(/^[0-9a-f]{12}$/)),
    replicas: z.int().min(1).describe("Replicas of the fleet, as this one knew it"),
    targets: z.record(z.string(), targetReport),
    answers: z.array(z.strictObject({ code: z.string(), count, message: z.string() })),
    notes: z.array(z.string()),
    balanced: z.boolean().describe("Whether both identities hold for every signal"),
    config: z.unknown().describe("Resolved settings, secrets masked"),
    exitCode: z.int(),
  })
  .describe("What became of every item of a Stampede run");

/** The whole document. */
export type Report = z.infer<typeof reportSchema>;
export type SignalReport = z.infer<typeof signalReport>;

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

/** The sum of the reports of several replicas of one fleet. */
export function mergeReports(reports: readonly Report[]): Report {
  const [first] = reports;
  if (!first) throw new RangeError("no reports to merge");
  const merged = structuredClone(first);
  for (const report of reports.slice(1)) {
    for (const signal of SIGNALS) {
      const [into, from] = [merged.signals[signal], report.signals[signal]];
      if (!from) continue;
      if (!into) merged.signals[signal] = structuredClone(from);
      else addSignal(into, from);
    }
    merged.startedAt = merged.startedAt < report.startedAt ? merged.startedAt : report.startedAt;
    merged.lagMs = Math.max(merged.lagMs, report.lagMs);
    merged.durationMs = Math.max(merged.durationMs, report.durationMs);
    merged.cpuSeconds += report.cpuSeconds;
    merged.maxRssBytes += report.maxRssBytes;
    merged.incarnations.push(...report.incarnations);
    for (const [address, counts] of Object.entries(report.targets))
      addTarget(merged.targets, address, counts);
    for (const answer of report.answers) addAnswer(merged.answers, answer);
    for (const note of report.notes) if (!merged.notes.includes(note)) merged.notes.push(note);
  }
  return settle(merged);
}

/** Differences of the two identities of a signal; both 0 when they hold. */
export function imbalance(counts: Pick<SignalReport, Exclude<Counter, "requests">>): {
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

function signalReportOf(counts: Counts, encoded: readonly string[]): SignalReport {
  const latencies = new Latencies();
  for (const histogram of encoded) latencies.addEncoded(histogram);
  const numbers = Object.fromEntries(COUNTERS.map((name, index) => [name, counts[index]!])) as Record<
    Counter,
    number
  >;
  return { ...numbers, latencyMs: latencies.summary(), latencyHistogram: latencies.encode() };
}

function addSignal(into: SignalReport, from: SignalReport): void {
  for (const counter of COUNTERS) into[counter] += from[counter];
  const latencies = new Latencies();
  latencies.addEncoded(into.latencyHistogram);
  latencies.addEncoded(from.latencyHistogram);
  into.latencyMs = latencies.summary();
  into.latencyHistogram = latencies.encode();
}
