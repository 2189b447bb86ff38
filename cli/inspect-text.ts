/** The summary of a file as text: aligned lines of 80 columns for people; `--json` is for programs. */
import { basename } from "node:path";
import { ITEM_NAMES } from "../otlp/signal.ts";
import { formText } from "../replayer/compile/compiled-files.ts";
import type { FrozenBeside } from "../replayer/freeze/frozen-beside.ts";
import type { AttributeSummary } from "../template/inspect/attributes.ts";
import type { BodyCompression } from "../template/inspect/compression.ts";
import type { FileSummary } from "../template/inspect/inspect-file.ts";
import { oneLine, printable } from "../terminal/cell.ts";
import { bytes, grouped } from "../terminal/figures.ts";

const WIDTH = 80;
/** Names that a list shows before it says how many more there are. */
const SHOWN_NAMES = 12;
/** Attributes that each of the two tables shows. */
const SHOWN_ATTRIBUTES = 20;
const LONGEST_SCOPE = 44;

type Row = [label: string, value: string];

/** A file, and what of it is frozen beside it. */
export type InspectedFile = FileSummary & { frozen: readonly FrozenBeside[] };

/** Lines of one summary, without a line break at the end. */
export function inspectText(summary: InspectedFile): string {
  const { file, signal, frames, items, bytes: size, bytesPerItem, sentBytesPerItem, compression } = summary;
  const rows: Row[] = [
    [ITEM_NAMES[signal], grouped(items)],
    ["frames", grouped(frames)],
    ["bytes", grouped(size)],
    [
      "bytes per item",
      `${bytesPerItem.toFixed(1)} in the file, ${sentBytesPerItem.toFixed(1)} as sent (resources shared)`,
    ],
    ...compression.sizes.map((each): Row => ["compression", ratios(each)]),
    ...comparison(summary),
    ...summary.frozen.flatMap(frozenRows),
    ...signalRows(summary),
    ["services", tally(summary.services)],
    ["scopes", tally(summary.scopes, ending)],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, value], index) => {
    const [first = "", ...more] = wrapped(value, WIDTH - width - 4);
    const name = label === rows[index - 1]?.[0] ? "" : label;
    return [`  ${name.padEnd(width)}  ${first}`, ...more.map((line) => `  ${"".padEnd(width)}  ${line}`)];
  });
  return [`${basename(file)}: ${signal}`, ...lines, ...attributeLines(summary)]
    .map((line) => line.trimEnd())
    .join("\n");
}

function ratios({ bytes: size, gzip, zstd }: Pick<BodyCompression, "bytes" | "gzip" | "zstd">): string {
  return `gzip-6 ${gzip.toFixed(1)}x, zstd-3 ${zstd.toFixed(1)}x on requests of ${bytes(size)}`;
}

/** A row for each compiled form, else one that says there is none. */
function frozenRows({ requests, items, compiled }: FrozenBeside): Row[] {
  const count = `${grouped(requests)} requests of ${grouped(Math.round(items / requests))} items`;
  if (compiled.length === 0) return [["frozen", `${count}, not compiled`]];
  return compiled.map((each) => [
    "frozen",
    `${count}, ${formText(each.form)}: ${each.bytesPerItem.toFixed(1)} B an item (${each.ratio.toFixed(1)}x), ${grouped(each.compressed)} of ${grouped(each.records)} compiled`,
  ]);
}

/** What spans of real programs came to, beside those of a file that has enough of them; docs/inspect.md says where it is from. */
const DEMO_CAPTURE: { bytesPerSpan: number; sizes: Pick<BodyCompression, "bytes" | "gzip" | "zstd">[] } = {
  bytesPerSpan: 482,
  sizes: [
    { bytes: 156_000, gzip: 7.3, zstd: 8.6 },
    { bytes: 2_300_000, gzip: 6.9, zstd: 10.1 },
  ],
};

function comparison({ signal, compression }: FileSummary): Row[] {
  const { bytesPerSpan, sizes } = DEMO_CAPTURE;
  const comparable = sizes.slice(0, compression.sizes.length);
  if (signal !== "traces" || (compression.sizes[0]?.bytes ?? 0) < sizes[0]!.bytes * 0.9) return [];
  return [
    `a capture of the OpenTelemetry Demo had ${bytesPerSpan} bytes per span;`,
    ...comparable.map(ratios),
  ].map((text): Row => ["to compare", text]);
}

function signalRows({ traces, metrics, logs }: FileSummary): Row[] {
  if (traces) {
    const { tree, spansPerTrace } = traces;
    return [
      [
        "traces",
        `${about(traces.approximate)}${grouped(traces.count)}, ${grouped(traces.roots)} root spans${tree.orphans > 0 ? `, ${grouped(tree.orphans)} spans without their parent` : ""}`,
      ],
      ["spans per trace", spread(spansPerTrace)],
      [
        "",
        traces.distribution.map(({ from, to, traces: n }) => `${range(from, to)}: ${grouped(n)}`).join(", "),
      ],
      ["levels per trace", spread(tree.depth)],
      ["spans per level", levels(tree.spansPerLevel)],
      [
        "children",
        `mean ${tree.children.mean.toFixed(1)}, max ${grouped(tree.children.max)}; ${grouped(tree.leaves)} spans have none`,
      ],
      ["kinds", tally(traces.kinds)],
      ["roles", tally(traces.roles)],
      ["span names", `${grouped(Object.keys(traces.names).length)}: ${tally(traces.names)}`],
      ["status", tally(traces.status)],
      ["events", traces.events > 0 ? tally(traces.eventNames) : "none"],
      [
        "links",
        traces.links > 0 ? `${grouped(traces.links)} on ${grouped(traces.spansWithLinks)} spans` : "none",
      ],
    ];
  }
  if (metrics) {
    const { series, seriesPerMetric } = metrics;
    return [
      ["metrics", grouped(metrics.names)],
      ["series", `${about(series.approximate)}${grouped(series.count)}`],
      ["series per metric", `${about(seriesPerMetric.approximate)}${spread(seriesPerMetric)}`],
      ["kinds", tally(metrics.kinds)],
      ["temporality", tally(metrics.temporality)],
      ["units", tally(metrics.units, (unit) => (unit === "1" ? '"1"' : unit || "(none)"))],
    ];
  }
  if (logs) {
    const { distinctBodies } = logs;
    return [
      ["severities", tally(logs.severities)],
      ["bodies", tally(logs.bodies)],
      ["distinct texts", `${about(distinctBodies.approximate)}${grouped(distinctBodies.count)}`],
      ["linked", `${grouped(logs.linked)} (${(logs.linkedShare * 100).toFixed(1)} %) belong to a trace`],
      ["linked by scope", tally(logs.linkedByScope, ending)],
    ];
  }
  return [];
}

/** Two tables: the attributes with most values, and of the others those on most items. Faults come first. */
function attributeLines({ attributes, uncountedAttributes }: FileSummary): string[] {
  const all = Object.entries(attributes);
  const byValues = all.toSorted(
    ([, a], [, b]) =>
      Number(b.types.length > 1) - Number(a.types.length > 1) || b.distinct - a.distinct || b.items - a.items,
  );
  const varied = byValues.slice(0, SHOWN_ATTRIBUTES);
  const frequent = all.filter((entry) => !varied.includes(entry)).slice(0, SHOWN_ATTRIBUTES);
  const lines = [`  attributes: ${grouped(all.length)} keys, those with most values first`, ...table(varied)];
  if (frequent.length > 0) lines.push("  of the others, those that occur most", ...table(frequent));
  const rest = all.length - varied.length - frequent.length;
  if (rest > 0) lines.push(`    and ${grouped(rest)} more; --json has all`);
  if (uncountedAttributes > 0)
    lines.push(`    ${grouped(uncountedAttributes)} attributes of further keys were not counted`);
  return lines;
}

/** Columns: values, occurrences, types, where; the key takes what is left of 80. */
function table(entries: readonly [string, AttributeSummary][]): string[] {
  const cells = entries.map(([key, { types, items, on, distinct, approximate }]) => ({
    key,
    values: `${approximate ? "~" : ""}${grouped(distinct)}`,
    items: grouped(items),
    types: types.join("|"),
    on: `${Object.keys(on).join(", ")}${types.length > 1 ? "  ! more than one type" : ""}`,
  }));
  const widest = (column: keyof (typeof cells)[number], least: string) =>
    Math.max(least.length, ...cells.map((cell) => cell[column].length));
  const [values, items, types] = [
    widest("values", "values"),
    widest("items", "times"),
    widest("types", "type"),
  ];
  const on = Math.min(22, widest("on", "on"));
  const key = Math.min(widest("key", "key"), WIDTH - 4 - values - items - types - on - 8);
  const line = (cell: (typeof cells)[number]) =>
    `    ${oneLine(cell.key, key).padEnd(key)}  ${cell.values.padStart(values)}  ${cell.items.padStart(items)}  ${cell.types.padEnd(types)}  ${cell.on}`;
  return [{ key: "key", values: "values", items: "times", types: "type", on: "on" }, ...cells].map(line);
}

/** Text broken behind commas and semicolons into lines of at most `width`; longer parts stay whole. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=[,;]) /)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= width) lines[lines.length - 1] += ` ${part}`;
    else lines.push(part);
  }
  return lines;
}

/** The end of a long name, which tells more of a scope than its beginning. */
function ending(name: string): string {
  return name.length <= LONGEST_SCOPE ? name : `…${name.slice(1 - LONGEST_SCOPE)}`;
}

function tally(counts: Record<string, number>, name = (key: string) => key || "(none)"): string {
  // Objects put keys that are numbers first, whatever their counts.
  const entries = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  const shown = entries
    .slice(0, SHOWN_NAMES)
    .map(([key, count]) => `${printable(name(key))} ${grouped(count)}`);
  if (entries.length > SHOWN_NAMES) shown.push(`and ${grouped(entries.length - SHOWN_NAMES)} more`);
  return shown.length > 0 ? shown.join(", ") : "none";
}

function levels(spans: readonly number[]): string {
  const shown = spans.slice(0, SHOWN_NAMES).map((count, index) => `${index + 1}: ${grouped(count)}`);
  if (spans.length > SHOWN_NAMES) {
    const rest = spans.slice(SHOWN_NAMES).reduce((sum, count) => sum + count, 0);
    shown.push(`${range(SHOWN_NAMES + 1, spans.length)}: ${grouped(rest)}`);
  }
  return shown.join(", ");
}

function spread({ min, mean, max }: { min: number; mean: number; max: number }): string {
  return `min ${grouped(min)}, mean ${mean.toFixed(1)}, max ${grouped(max)}`;
}

function range(from: number, to: number): string {
  return from === to ? grouped(from) : `${grouped(from)}-${grouped(to)}`;
}

/** Marks an estimate. */
function about(isApproximate: boolean): string {
  return isApproximate ? "about " : "";
}
