/** The summary of a file as text: aligned lines for people; `--json` is for programs. */
import { basename } from "node:path";
import { ITEM_NAMES } from "../otlp/signal.ts";
import type { FileSummary } from "../template/inspect/inspect-file.ts";

/** Names that a list shows before it says how many more there are. */
const SHOWN_NAMES = 12;
const SHOWN_ATTRIBUTES = 40;

/** Lines of one summary, without a line break at the end. */
export function inspectText(summary: FileSummary): string {
  const { file, signal, frames, items, bytes, bytesPerItem, compression } = summary;
  const rows: [string, string][] = [
    [ITEM_NAMES[signal], number(items)],
    ["frames", number(frames)],
    ["bytes", `${number(bytes)} (${bytesPerItem.toFixed(1)} per item)`],
    [
      "compression",
      `gzip ${compression.gzip.toFixed(1)}x, zstd ${compression.zstd.toFixed(1)}x (bodies of 512 KiB)`,
    ],
    ...signalRows(summary),
    ["services", tally(summary.services)],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
  return [`${basename(file)}: ${signal}`, ...lines, ...attributeLines(summary)].join("\n");
}

function signalRows({ traces, metrics, logs }: FileSummary): [string, string][] {
  if (traces) {
    const { min, mean, max } = traces.spansPerTrace;
    return [
      ["traces", `${about(traces.approximate)}${number(traces.count)}, ${number(traces.roots)} root spans`],
      ["spans per trace", `min ${number(min)}, mean ${mean.toFixed(1)}, max ${number(max)}`],
      [
        "  distribution",
        traces.distribution.map(({ from, to, traces: n }) => `${range(from, to)}: ${number(n)}`).join("  "),
      ],
      ["kinds", tally(traces.kinds)],
      ["status", tally(traces.status)],
      ["events, links", `${number(traces.events)}, ${number(traces.links)}`],
    ];
  }
  if (metrics) {
    return [
      ["metrics", number(metrics.names)],
      ["series", `${about(metrics.series.approximate)}${number(metrics.series.count)}`],
      ["kinds", tally(metrics.kinds)],
      ["temporality", tally(metrics.temporality)],
      ["units", tally(metrics.units, (unit) => unit || "(none)")],
    ];
  }
  if (logs) {
    return [
      ["severities", tally(logs.severities)],
      ["linked", `${number(logs.linked)} (${(logs.linkedShare * 100).toFixed(1)} %) belong to a trace`],
    ];
  }
  return [];
}

function attributeLines({ attributes, uncountedAttributes }: FileSummary): string[] {
  const all = Object.entries(attributes);
  const faults = all.filter(([, { types }]) => types.length > 1);
  const shown = [...faults, ...all.filter(([, { types }]) => types.length <= 1)].slice(0, SHOWN_ATTRIBUTES);
  const width = Math.max(0, ...shown.map(([key]) => key.length));
  const typeWidth = Math.max(0, ...shown.map(([, { types }]) => types.join("|").length));
  const lines = shown.map(([key, { types, items, distinct, approximate }]) => {
    const fault = types.length > 1 ? "  ! more than one type" : "";
    const values = `${about(approximate)}${number(distinct)} ${distinct === 1 ? "value" : "values"}`;
    return `    ${key.padEnd(width)}  ${types.join("|").padEnd(typeWidth)}  on ${number(items)}, ${values}${fault}`;
  });
  const rest = all.length - shown.length;
  if (rest > 0) lines.push(`    and ${number(rest)} more; --json has all`);
  if (uncountedAttributes > 0)
    lines.push(`    ${number(uncountedAttributes)} attributes of further keys were not counted`);
  return [`  attributes  ${number(all.length)} keys`, ...lines];
}

function tally(counts: Record<string, number>, name = (key: string) => key): string {
  const entries = Object.entries(counts);
  const shown = entries.slice(0, SHOWN_NAMES).map(([key, count]) => `${name(key)} ${number(count)}`);
  if (entries.length > SHOWN_NAMES) shown.push(`and ${number(entries.length - SHOWN_NAMES)} more`);
  return shown.length > 0 ? shown.join(", ") : "none";
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function range(from: number, to: number): string {
  return from === to ? number(from) : `${number(from)}-${number(to)}`;
}

/** Marks an estimate. */
function about(isApproximate: boolean): string {
  return isApproximate ? "about " : "";
}
