/** What does not go to plan, and where: requests, processes, addresses, kinds of errors. */
import { type Cell, cell, oneLine, plainText, type Row, type Tone } from "./cell.ts";
import { bytes, grouped, milliseconds, si } from "./figures.ts";
import type { ErrorSample, Sample, TargetSample } from "./sample.ts";
import { fittingCount } from "./signal-rows.ts";
import { type Column, tableRows } from "./table.ts";

/** Two rows: of requests, and of the processes that send them. */
export function healthRows(sample: Sample, labelWidth: number): Row[] {
  const { lagMs, worstLagMs, inFlight, total, cpuShare, rssBytes, processes } = sample;
  const label = (text: string) => cell(text.padEnd(labelWidth), "faint");
  const pair = (name: string, value: string, tone: Tone = "plain"): Cell[] => [
    cell(`${name} `, "faint"),
    cell(`${value}   `, tone),
  ];
  const lagTone = (ms: number): Tone => (ms >= 1000 ? "warning" : "plain");
  return [
    [
      label("requests"),
      ...pair("in flight", grouped(inFlight)),
      ...pair("retried", grouped(total.retriedRequests), total.retriedRequests > 0 ? "warning" : "plain"),
      ...pair("lag", milliseconds(lagMs), lagTone(lagMs)),
      ...(worstLagMs >= 1000 ? pair("at worst", milliseconds(worstLagMs), lagTone(worstLagMs)) : []),
    ],
    [
      label("process"),
      ...pair("cpu", `${(cpuShare * 100).toFixed(0)} %`),
      ...pair("memory", bytes(rssBytes)),
      cell(processes === 1 ? "" : `${processes} processes`, "faint"),
    ],
  ];
}

const count = (
  title: string,
  key: "accepted" | "rejected" | "failed" | "inDoubt",
  width: number,
  tone: Tone,
): Column<TargetSample> => ({
  title,
  width,
  tone,
  importance: (targets) => (tone === "plain" || targets.some((target) => target[key] > 0) ? 8 : 4),
  text: (target, room) => fittingCount(target[key], room),
});

const TARGET_COLUMNS: readonly Column<TargetSample>[] = [
  {
    title: "requests/s",
    width: 12,
    tone: "plain",
    importance: () => 9,
    text: ({ requestRate }) => si(requestRate),
  },
  count("accepted", "accepted", 13, "plain"),
  count("rejected", "rejected", 9, "bad"),
  count("failed", "failed", 7, "bad"),
  count("doubt", "inDoubt", 7, "warning"),
];

const WIDEST_ADDRESS = 28;

/** A table of the addresses, where there are several; at most `most` of them. */
export function targetRows({ targets }: Sample, width: number, most: number): Row[] {
  if (targets.length < 2 || most < 1) return [];
  const shown = targets.slice(0, most);
  const labelWidth = Math.min(WIDEST_ADDRESS, Math.max(...shown.map(({ address }) => address.length)) + 1);
  const lines = shown.map((value) => ({
    label: oneLine(value.address, labelWidth - 1),
    tone: "plain" as const,
    value,
  }));
  const rows = tableRows([{ title: "", columns: TARGET_COLUMNS }], lines, {
    labelWidth,
    width,
    corner: `${targets.length} targets`,
  });
  const more = targets.length - most;
  return more > 0 ? [...rows, [cell(`and ${more} more`, "faint")]] : rows;
}

const WIDEST_CODE = 24;

/** The most frequent kinds of errors: how often they came, how often they come now, and the latest message. */
export function errorRows(
  { errors, isOver }: Sample,
  width: number,
  labelWidth: number,
  most: number,
): Row[] {
  if (errors.length === 0 || most < 1) return [];
  const shown = errors.slice(0, most);
  const widest = (text: (error: ErrorSample) => string) =>
    Math.max(...shown.map((error) => text(error).length));
  const code = (error: ErrorSample) => oneLine(error.code, WIDEST_CODE);
  const times = ({ count }: ErrorSample) => grouped(count);
  const rate = ({ perSecond }: ErrorSample) => (isOver ? "" : `${si(perSecond)}/s`);
  const [codeWidth, timesWidth, rateWidth] = [widest(code), widest(times), widest(rate)];
  const rows = shown.map((error, index): Row => {
    const head = [
      cell((index === 0 ? "errors" : "").padEnd(labelWidth), "faint"),
      cell(`${code(error).padEnd(codeWidth)}  `, "strong"),
      cell(times(error).padStart(timesWidth), "bad"),
      cell(`  ${rate(error).padStart(rateWidth)}  `, error.perSecond > 0 ? "bad" : "faint"),
    ];
    return [...head, cell(oneLine(error.message, width - plainText(head).length))];
  });
  const more = errors.length - most;
  if (more <= 0) return rows;
  return [
    ...rows,
    [cell("".padEnd(labelWidth)), cell(`and ${more} more ${more === 1 ? "kind" : "kinds"}`, "faint")],
  ];
}
