/** A report in words, for a person at a terminal: what was there, then what is wrong with it. */
import type { CaptureReport } from "./check-capture.ts";
import type { DataCounts } from "./data-check.ts";

/** Lines of text, ending in the verdict. */
export function summaryOf(report: CaptureReport, maxRssBytes: number): string {
  const lines: string[] = [];
  const { traces, metrics, logs, data, origins } = report;
  if (traces) {
    lines.push(
      `traces   ${n(traces.spans)} spans, ${n(traces.traces)} traces, ${n(traces.requests)} requests`,
      `         largest ${n(traces.largestTrace)} spans; ${n(traces.splitTraces)} over several requests; ${n(traces.events)} events, ${n(traces.links)} links`,
    );
    if (origins) {
      lines.push(
        `         ${n(origins.completeTraces)} complete, ${n(origins.incompleteTraces)} incomplete, ${origins.passes} passes of ${origins.incarnations.length} incarnations`,
      );
    }
    if (traces.trees) lines.push(...treeLines(traces.trees));
  }
  if (data && traces) {
    lines.push(
      `         roles: ${list(data.roles)}`,
      `         ${n(data.spanNames)} span names; ${percent(data.errorShare)} failed, ${n(data.exceptions)} exceptions`,
    );
  }
  if (metrics) {
    lines.push(
      `metrics  ${n(metrics.points)} points, ${n(metrics.series)} series, ${n(metrics.names)} names, ${n(metrics.requests)} requests`,
      `         points by kind: ${list(metrics.pointsByKind)}; ${metrics.fewestPoints} to ${metrics.mostPoints} a series`,
    );
  }
  if (data && metrics) lines.push(...metricLines(data));
  if (logs) {
    lines.push(
      `logs     ${n(logs.records)} records, ${n(logs.linked)} of spans, ${n(logs.requests)} requests; times in text: ${list(logs.textTimes)}`,
    );
  }
  if (data && logs) lines.push(...recordLines(data));
  if (data) {
    const { services, pods, nodes, hosts, sharedPods } = data.objects;
    lines.push(
      `objects  ${services} services, ${pods} pods (${sharedPods} in several signals), ${nodes} nodes, ${hosts} hosts`,
    );
  }
  lines.push(
    `         ${n(report.attributeKeys)} attribute keys; checked within ${n(Math.round(maxRssBytes / 2 ** 20))} MiB`,
  );
  lines.push("", ...violationLines(report));
  return `${lines.join("\n")}\n`;
}

function treeLines(trees: NonNullable<NonNullable<CaptureReport["traces"]>["trees"]>): string[] {
  return [
    `         levels ${trees.levels.mean} in the mean, ${trees.levels.largest} at most; children ${trees.children.mean} and ${n(trees.children.largest)}; ${n(trees.parallel)} spans parallel to an elder; ${n(trees.flat)} traces flat`,
    `         ${n(trees.calls)} calls answered, ${n(trees.unanswered)} not, ${n(trees.retries)} sent again, ${n(trees.forwardedUnchanged)} of ${n(trees.forwarded)} passed on unchanged; ${n(trees.consumers)} consumers, ${n(trees.outlasting)} outlast the sender, ${n(trees.beforeTheirMessage)} links to what was sent later`,
    `         failed clients: ${n(trees.failedClients)}, ${n(trees.failedClientsWithServer)} with a server's span, ${n(trees.failedClientsWithFailedServer)} of which failed`,
    `         failed servers: ${n(trees.failedServers)}, by a child ${n(trees.failedServersByChild)}, by themselves ${n(trees.failedServersByThemselves)}`,
  ];
}

function metricLines({ metrics }: DataCounts): string[] {
  const { min, mean, max } = metrics.seriesPerMetric;
  return [
    `         series per metric ${min} to ${max}, ${mean} in the mean; ${metrics.catalogued} of ${metrics.names} names catalogued`,
    `         units: ${list(metrics.units)}`,
    `         comparisons: ${n(Object.values(metrics.comparisons).reduce((sum, one) => sum + one, 0))} by ${Object.keys(metrics.comparisons).length} rules; ${n(metrics.oneBucketHistograms)} of ${n(metrics.fullHistograms)} full histograms in one bucket`,
  ];
}

function recordLines({ records }: DataCounts): string[] {
  return [
    `         kinds: ${list(records.kinds)}; linked: ${list(records.linkedByKind)}; compared with their spans: ${n(records.compared)}`,
    `         severities: ${list(records.severities)}; ${n(records.exceptions)} exceptions, ${n(records.linkedExceptions)} of spans; ${n(records.bodies)} bodies without their digits`,
  ];
}

function violationLines({ ok, violations }: CaptureReport): string[] {
  if (ok) return ["nothing is wrong"];
  const lines = [`WRONG: ${Object.keys(violations).length} rules broken`];
  const byCount = Object.entries(violations).sort((a, b) => b[1].count - a[1].count);
  for (const [rule, { count, examples }] of byCount) {
    lines.push(`${n(count).padStart(10)}  ${rule}`);
    for (const example of examples.slice(0, 2)) lines.push(`            ${example.slice(0, 300)}`);
  }
  return lines;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name === "" ? '""' : name} ${n(count)}`)
    .join(", ");
}

function n(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
