import { ITEM_NAMES, SIGNALS } from "../otlp/signal.ts";
import type { SinkReport } from "./report.ts";
import { FINDINGS, type FindingName } from "./verify/findings.ts";
import type { Loss } from "./verify/losses.ts";
import type { IncarnationReport, VerificationReport } from "./verify/report.ts";

/** Of a table that fits in 80 columns up to thousands of millions of items. */
const COLUMNS = [
  { title: "received", of: (counts: SignalCounts) => group(counts.received) },
  { title: "rejected", of: (counts: SignalCounts) => group(counts.rejected) },
  { title: "refused", of: (counts: SignalCounts) => group(counts.refused) },
  { title: "repeated", of: (counts: SignalCounts) => group(counts.repeated) },
  { title: "requests", of: (counts: SignalCounts) => group(counts.requests) },
  { title: "bodies", of: (counts: SignalCounts) => size(counts.bodyBytes) },
  { title: "on wire", of: (counts: SignalCounts) => size(counts.wireBytes) },
] as const;

type SignalCounts = SinkReport["signals"]["traces"];

/** Incarnations told one by one, those with losses first. */
const MAX_INCARNATIONS = 10;

/** The report as text for a terminal, without a line break at its end. */
export function reportText(report: SinkReport): string {
  const lines = [`received in ${(report.durationMs / 1000).toFixed(1)} s`, "", ...countLines(report), ""];
  const transports = Object.entries(report.transports).sort(([a], [b]) => a.localeCompare(b));
  for (const [name, counts] of transports) {
    lines.push(`${name}: ${group(counts.requests)} requests, ${group(counts.wireBytes)} bytes`);
  }
  const faults = Object.entries(report.faults).map(([name, times]) => `${name} ${group(times)}`);
  if (faults.length > 0) lines.push(`faults made: ${faults.join(", ")}`);
  const malformed = SIGNALS.reduce((sum, signal) => sum + report.signals[signal].malformedRequests, 0);
  if (malformed > 0) lines.push(`requests that are no OTLP: ${group(malformed)}`);
  lines.push(
    "",
    ...(report.verification === undefined ? ["not verified"] : verificationLines(report.verification)),
  );
  return lines.join("\n");
}

function countLines(report: SinkReport): string[] {
  const rows = SIGNALS.map((signal) => [
    ITEM_NAMES[signal],
    ...COLUMNS.map(({ of }) => of(report.signals[signal])),
  ]);
  const all = [["", ...COLUMNS.map(({ title }) => title)], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const width = widths.reduce((sum, each) => sum + each, 0);
  const gap = width + 2 * COLUMNS.length <= 80 ? "  " : " ";
  return all.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join(gap)
      .trimEnd(),
  );
}

function verificationLines(found: VerificationReport): string[] {
  const { traces, logs, metrics } = found;
  const lines = [
    `traces: ${group(traces.complete)} complete, from ${several(found.incarnations.length, "incarnation")}`,
    `logs: ${group(logs.linked)} linked to traces, ${group(logs.unlinked)} on their own, ` +
      `${group(logs.dangling)} whose trace is not here`,
    `metrics: ${group(metrics.series)} series, ${group(metrics.latePoints)} late points, ` +
      `${group(metrics.restarts)} restarts`,
  ];
  if (metrics.untrackedPoints > 0) {
    lines.push(`points of more series than are tracked, not compared: ${group(metrics.untrackedPoints)}`);
  }
  if (traces.unverifiableSpans > 0) {
    lines.push(`spans for traces that were given up to save memory: ${group(traces.unverifiableSpans)}`);
  }
  for (const [name, finding] of Object.entries(found.findings)) {
    lines.push(`FOUND ${group(finding.count)}: ${FINDINGS[name as FindingName]}`);
    for (const example of finding.examples) lines.push(`      ${example}`);
  }
  const losses = found.incarnations.filter(({ missing, doubtful }) => hasLoss(missing) || hasLoss(doubtful));
  for (const incarnation of losses.slice(0, MAX_INCARNATIONS)) lines.push(...incarnationLines(incarnation));
  if (losses.length > MAX_INCARNATIONS) {
    lines.push(`losses of ${losses.length - MAX_INCARNATIONS} more incarnations: see the JSON report`);
  }
  if (found.hint !== undefined) lines.push(found.hint);
  lines.push(verdict(found));
  return lines;
}

function incarnationLines(from: IncarnationReport): string[] {
  return [
    ...lossLines("MISSING", from, from.missing),
    ...lossLines("doubtful, in flight or not sent yet when it fell silent:", from, from.doubtful),
  ];
}

function lossLines(word: string, { incarnation, lastSeen }: IncarnationReport, loss: Loss): string[] {
  if (!hasLoss(loss)) return [];
  const parts = [];
  if (loss.traces > 0) parts.push(several(loss.traces, "trace"));
  if (loss.incompleteTraces > 0) {
    parts.push(`${several(loss.spans, "span")} of ${several(loss.incompleteTraces, "incomplete trace")}`);
  }
  const passes = loss.passes.map(({ pass, lastPass, traces, incomplete }) => {
    const name = lastPass === undefined ? `pass ${pass}` : `passes ${pass}-${lastPass}`;
    const what = [
      traces === "" ? "" : `traces ${traces}`,
      incomplete === "" ? "" : `parts of traces ${incomplete}`,
    ];
    return `      ${name}: ${what.filter((text) => text !== "").join("; ")}`;
  });
  return [`${word} ${parts.join(" and ")} from ${incarnation}, last seen ${lastSeen}`, ...passes];
}

function verdict(found: VerificationReport): string {
  const doubt = hasLoss(found.doubtful) ? "; what was under way at an end is in doubt" : "";
  return found.ok ? `verified: nothing missing, nothing double${doubt}` : `NOT VERIFIED: see above${doubt}`;
}

function hasLoss(loss: Omit<Loss, "passes">): boolean {
  return loss.traces > 0 || loss.incompleteTraces > 0;
}

function several(count: number, noun: string): string {
  return `${group(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function group(count: number): string {
  return count.toLocaleString("en-US");
}

const SIZE_PREFIXES = ["", "k", "M", "G", "T"];

/** `12.3 MB`: SI bytes, in three digits. */
function size(bytes: number): string {
  let scaled = bytes;
  let prefix = 0;
  // 999.5 would be rounded to 1000, which is the next prefix's 1.
  for (; scaled >= 999.5 && prefix < SIZE_PREFIXES.length - 1; prefix++) scaled /= 1000;
  return `${prefix === 0 ? scaled : scaled >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${SIZE_PREFIXES[prefix]}B`;
}
