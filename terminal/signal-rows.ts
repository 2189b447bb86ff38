/** What became of the items of each signal, how long requests took, and what they weigh: the tables of the live view. */
import { SIGNALS } from "../otlp/signal.ts";
import type { Row } from "./cell.ts";
import { bytes, grouped, milliseconds, si } from "./figures.ts";
import { compressedText } from "./packing.ts";
import type { LatencySample, Sample, SignalSample } from "./sample.ts";
import { type Column, type ColumnGroup, type Line, tableRows } from "./table.ts";

/** Exact where that leaves a blank before it, else with an SI prefix. */
export function fittingCount(count: number, width: number): string {
  const exact = grouped(count);
  return exact.length < width ? exact : si(count);
}

const plain = (
  title: string,
  width: number,
  importance: number,
  text: Column<SignalSample>["text"],
): Column<SignalSample> => ({ title, width, tone: "plain", importance: () => importance, text });

/** A count that ought to be zero: it is pressing when it is not. */
const trouble = (
  title: string,
  key: "rejected" | "failed" | "inDoubt" | "unsent",
  width: number,
  tone: "bad" | "warning",
): Column<SignalSample> => ({
  title,
  width,
  tone,
  importance: (values) => (values.some((value) => value[key] > 0) ? 8 : 4),
  text: (value, room) => fittingCount(value[key], room),
});

const latency = (
  title: string,
  importance: number,
  of: (value: SignalSample) => number,
): Column<SignalSample> => plain(title, 9, importance, (value) => milliseconds(of(value)));

const ITEMS: ColumnGroup<SignalSample> = {
  title: "items",
  columns: [
    plain("rate/s", 9, 10, ({ rate }) => si(rate)),
    plain("sent", 13, 5, ({ sent }, width) => fittingCount(sent, width)),
    plain("accepted", 13, 9, ({ accepted }, width) => fittingCount(accepted, width)),
    trouble("rejected", "rejected", 9, "bad"),
    trouble("failed", "failed", 7, "bad"),
    trouble("doubt", "inDoubt", 7, "warning"),
    trouble("unsent", "unsent", 7, "warning"),
  ],
};

const percentiles = (of: (value: SignalSample) => LatencySample): Column<SignalSample>[] => [
  latency("p50", 9, (value) => of(value).p50),
  latency("p90", 6, (value) => of(value).p90),
  latency("p99", 10, (value) => of(value).p99),
];

const RECENT: ColumnGroup<SignalSample> = {
  title: "latency, last 10 s",
  columns: [...percentiles(({ recentMs }) => recentMs), latency("run p99", 5, ({ runMs }) => runMs.p99)],
};

const WHOLE_RUN: ColumnGroup<SignalSample> = {
  title: "latency, whole run",
  columns: percentiles(({ runMs }) => runMs),
};

const WIRE: ColumnGroup<SignalSample> = {
  title: "on the wire",
  columns: [
    plain("wire/s", 9, 8, ({ wireRate }) => bytes(wireRate)),
    plain("ratio", 7, 7, ratioText),
    plain("compressed", 14, 4, compressedText),
  ],
};

function ratioText({ bodyBytes, wireBytes, compressedRequests }: SignalSample): string {
  return compressedRequests === 0 ? "-" : `${(bodyBytes / wireBytes).toFixed(1)} x`;
}

/** From here on both tables stand side by side, as one. */
export const ONE_TABLE_WIDTH = 154;

/** What stands in the tables: all signals and their sum, or the sum alone. */
export type Lines = "signals" | "sum";

/** Both tables in one. */
export function oneTable(sample: Sample, width: number, lines: Lines, labelWidth: number): Row[] {
  return tableRows([ITEMS, latencyGroup(sample), WIRE], linesOf(sample, lines), {
    labelWidth,
    width,
    hasTitles: lines === "signals",
  });
}

/** What became of the items. */
export function itemTable(sample: Sample, width: number, lines: Lines, labelWidth: number): Row[] {
  return tableRows([ITEMS], linesOf(sample, lines), { labelWidth, width });
}

/** How long requests took, and what they weigh. */
export function requestTable(sample: Sample, width: number, lines: Lines, labelWidth: number): Row[] {
  const corner = sample.isOver ? "" : "last 10 s";
  return tableRows([latencyGroup(sample), WIRE], linesOf(sample, lines), { labelWidth, width, corner });
}

function latencyGroup({ isOver }: Sample): ColumnGroup<SignalSample> {
  return isOver ? WHOLE_RUN : RECENT;
}

function linesOf({ signals, total }: Sample, lines: Lines): Line<SignalSample>[] {
  const present = SIGNALS.flatMap((name): Line<SignalSample>[] => {
    const value = signals[name];
    return value ? [{ label: name, tone: "plain", value }] : [];
  });
  if (present.length === 1) return present;
  const sum: Line<SignalSample> = { label: "total", tone: "strong", value: total };
  return lines === "sum" ? [sum] : [...present, sum];
}
