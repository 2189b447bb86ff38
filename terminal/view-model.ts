/**
 * The live view as rows of cells: a pure function of the sample, the last minute and the width.
 */
import { SIGNALS } from "../otlp/signal.ts";
import { bar, sparkline } from "./bar.ts";
import { type Cell, cell, oneLine, plainText, type Row, type Tone } from "./cell.ts";
import { bytes, clock, grouped, milliseconds, si } from "./figures.ts";
import type { Sample, SignalSample } from "./sample.ts";

/** What does not change while the view is open. */
export interface Headline {
  /** `replay`, `demo`. */
  command: string;
  /** Where to and how: `localhost:4317, grpc, gzip`. */
  destination: string;
}

const MIN_WIDTH = 80;
const MAX_WIDTH = 120;
const LABEL_WIDTH = 11;
/** Beside the sparkline: `  peak 1.01 M/s`. */
const CAPTION_WIDTH = 15;
const ERRORS_SHOWN = 3;
const MARGIN = "  ";

/**
 * The rows to show.
 *
 * history  events per second of the last minute, oldest first, one a second
 * columns  of the terminal; the view uses 80 to 120 of them, narrower terminals wrap
 */
export function viewModel(
  headline: Headline,
  sample: Sample,
  history: readonly number[],
  columns: number,
): Row[] {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns || MIN_WIDTH)) - MARGIN.length;
  const rows = [
    ...headRows(headline, sample, width),
    [],
    ...rateRows(sample, history, width),
    [],
    ...signalRows(sample, width),
    [],
    ...healthRows(sample),
    ...errorRows(sample, width),
  ];
  return rows.map((row) => (row.length === 0 ? row : [cell(MARGIN), ...row]));
}

/** Events per second of all signals. */
export function totalRate({ signals }: Sample): number {
  let rate = 0;
  for (const signal of SIGNALS) rate += signals[signal]?.rate ?? 0;
  return rate;
}

function headRows({ command, destination }: Headline, sample: Sample, width: number): Row[] {
  const total = sample.remainingMs === undefined ? "" : ` of ${clock(sample.elapsedMs + sample.remainingMs)}`;
  const right = [cell(clock(sample.elapsedMs), "strong"), cell(total, "faint")];
  const left = [cell("stampede ", "strong"), cell(`${command} `, "accent")];
  const room = width - plainText([...left, ...right]).length - 1;
  left.push(cell(oneLine(`→ ${destination}`, room), "faint"));
  return [spread(left, right, width)];
}

function rateRows(sample: Sample, history: readonly number[], width: number): Row[] {
  const rate = totalRate(sample);
  const label = cell("rate".padEnd(LABEL_WIDTH), "faint");
  const shown = cell(`${si(rate)}/s`.padEnd(LABEL_WIDTH), "strong");
  const rows: Row[] = [];
  if (sample.targetRate > 0) {
    const share = rate / sample.targetRate;
    const percent = cell(`${(share * 100).toFixed(1).padStart(6)} %`, shareTone(share));
    const plan = cell(`of ${si(sample.targetRate)}/s  `.padEnd(LABEL_WIDTH + 2), "faint");
    const { filled, rest } = bar(share, width - plainText([label, shown, plan, percent]).length);
    rows.push([label, shown, plan, cell(filled, shareTone(share)), cell(rest, "faint"), percent]);
  } else {
    rows.push([label, shown, cell("as fast as the target takes it", "faint")]);
  }
  const peak = Math.max(0, ...history.filter(Number.isFinite));
  const top = Math.max(sample.targetRate, peak);
  const caption = `peak ${si(peak)}/s`;
  const columns = Math.min(60, width - LABEL_WIDTH - CAPTION_WIDTH);
  const line = sparkline(history.slice(-columns), top).padStart(columns);
  rows.push([cell("".padEnd(LABEL_WIDTH)), cell(line, "accent"), cell(`  ${caption}`, "faint")]);
  return rows;
}

/** A bar that is nearly full is as planned: rates are measured over a second, and requests are lumps. */
function shareTone(share: number): Tone {
  if (share >= 0.98) return "good";
  return share >= 0.8 ? "warning" : "bad";
}

/** Columns of the table: their width at 80 columns, and how their count reads in the width that they have. */
const COLUMNS: readonly {
  title: string;
  width: number;
  text: (s: SignalSample, width: number) => string;
  tone: Tone;
}[] = [
  { title: "rate/s", width: 9, text: (signal) => si(signal.rate), tone: "plain" },
  { title: "sent", width: 14, text: (signal, width) => fitting(signal.sent, width), tone: "plain" },
  { title: "accepted", width: 14, text: (signal, width) => fitting(signal.accepted, width), tone: "plain" },
  { title: "rejected", width: 9, text: (signal) => fitting(signal.rejected, 8), tone: "bad" },
  { title: "failed", width: 7, text: (signal) => fitting(signal.failed, 7), tone: "bad" },
  { title: "doubt", width: 7, text: (signal) => fitting(signal.inDoubt, 7), tone: "warning" },
  { title: "unsent", width: 7, text: (signal) => fitting(signal.unsent, 7), tone: "warning" },
];

/** Exact where that leaves a blank before it, else with an SI prefix. */
function fitting(count: number, width: number): string {
  const exact = grouped(count);
  return exact.length < width ? exact : si(count);
}

function signalRows(sample: Sample, width: number): Row[] {
  const widths = columnWidths(width - LABEL_WIDTH);
  const head: Cell[] = [cell("".padEnd(LABEL_WIDTH))];
  for (const [index, { title }] of COLUMNS.entries())
    head.push(cell(title.padStart(widths[index]!), "faint"));
  const present = SIGNALS.flatMap((name) =>
    sample.signals[name] ? [{ name, counts: sample.signals[name] }] : [],
  );
  const rows: Row[] = [head];
  for (const { name, counts } of present) rows.push(signalRow(name, counts, widths));
  if (present.length > 1)
    rows.push(signalRow("total", sum(present.map(({ counts }) => counts)), widths, "strong"));
  return rows;
}

function signalRow(name: string, counts: SignalSample, widths: readonly number[], tone: Tone = "plain"): Row {
  const row: Cell[] = [cell(name.padEnd(LABEL_WIDTH), tone === "plain" ? "faint" : tone)];
  for (const [index, column] of COLUMNS.entries()) {
    const text = column.text(counts, widths[index]!);
    const quiet = column.tone !== "plain" && text === "0";
    row.push(
      cell(text.padStart(widths[index]!), quiet ? "faint" : column.tone === "plain" ? tone : column.tone),
    );
  }
  return row;
}

/** The columns' widths in a room of any size: what is above 80 columns goes to all alike. */
function columnWidths(room: number): number[] {
  const extra = Math.floor((room - COLUMNS.reduce((total, { width }) => total + width, 0)) / COLUMNS.length);
  return COLUMNS.map(({ width }) => width + extra);
}

function sum(parts: readonly SignalSample[]): SignalSample {
  const total: SignalSample = {
    rate: 0,
    intended: 0,
    sent: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    inDoubt: 0,
    unsent: 0,
  };
  for (const part of parts)
    for (const key of Object.keys(total) as (keyof SignalSample)[]) total[key] += part[key];
  return total;
}

function healthRows(sample: Sample): Row[] {
  const { latencyMs, lagMs, inFlight, retried, cpuShare, rssBytes, processes } = sample;
  const pair = (name: string, value: string, tone: Tone = "plain") => [
    cell(`${name} `, "faint"),
    cell(`${value}   `, tone),
  ];
  const many = processes > 1 ? `, ${processes} processes` : "";
  return [
    [
      cell("latency".padEnd(LABEL_WIDTH), "faint"),
      ...pair("p50", milliseconds(latencyMs.p50)),
      ...pair("p99", milliseconds(latencyMs.p99)),
      ...pair("lag", milliseconds(lagMs), lagMs >= 1000 ? "warning" : "plain"),
    ],
    [
      cell("requests".padEnd(LABEL_WIDTH), "faint"),
      ...pair("in flight", grouped(inFlight)),
      ...pair("retried", grouped(retried), retried > 0 ? "warning" : "plain"),
    ],
    [
      cell("process".padEnd(LABEL_WIDTH), "faint"),
      ...pair("cpu", `${(cpuShare * 100).toFixed(0)} %`),
      ...pair("memory", bytes(rssBytes)),
      cell(many.slice(2), "faint"),
    ],
  ];
}

function errorRows({ errors }: Sample, width: number): Row[] {
  if (errors.length === 0) return [];
  const rows: Row[] = [[]];
  for (const { code, count, message } of errors.slice(0, ERRORS_SHOWN)) {
    const head = [
      cell(grouped(count).padStart(LABEL_WIDTH - 2), "bad"),
      cell("  "),
      cell(`${oneLine(code, 24)}  `, "strong"),
    ];
    rows.push([...head, cell(oneLine(message, width - plainText(head).length))]);
  }
  const more = errors.length - ERRORS_SHOWN;
  if (more > 0)
    rows.push([
      cell("".padEnd(LABEL_WIDTH)),
      cell(`and ${more} more ${more === 1 ? "kind" : "kinds"} of error`, "faint"),
    ]);
  return rows;
}

function spread(left: Row, right: Row, width: number): Row {
  const gap = width - plainText(left).length - plainText(right).length;
  return [...left, cell(" ".repeat(Math.max(1, gap))), ...right];
}
