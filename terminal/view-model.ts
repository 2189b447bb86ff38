/**
 * The live view as rows of cells: a pure function of the sample, the last minutes and the size of the screen.
 */
import { cell, cutRow, oneLine, plainText, type Row } from "./cell.ts";
import { clock } from "./figures.ts";
import type { RateHistory } from "./rate-history.ts";
import { chartRows, rateRow, runRow } from "./rate-rows.ts";
import type { Sample } from "./sample.ts";
import { itemTable, type Lines, ONE_TABLE_WIDTH, oneTable, requestTable } from "./signal-rows.ts";
import { errorRows, healthRows, targetRows } from "./trouble-rows.ts";

/** What does not change while the view is open. */
export interface Headline {
  /** `replay`, `demo`. */
  command: string;
  /** Where to and how: `localhost:4317, grpc, gzip`. */
  destination: string;
}

/** Of the terminal. */
export interface Size {
  columns: number;
  rows: number;
}

const MARGIN = "  ";
/** Wider than that, eyes lose their line. */
const MAX_WIDTH = 220;
const [LABEL_WIDTH, NARROW_LABEL_WIDTH] = [11, 10];
/** Below that the labels too are narrow. */
const FULL_WIDTH = 76;
/** Of a row that has something else beside it. */
const HALF_WIDTH = 76;

/** How much of everything there is room for. */
interface Layout {
  hasGaps: boolean;
  chartHeight: number;
  items: Lines;
  /** The second table, where it does not stand in the first. */
  requests: Lines | "none";
  hasHealth: boolean;
  targets: number;
  errors: number;
}

const ALL: Layout = {
  hasGaps: true,
  chartHeight: 3,
  items: "signals",
  requests: "signals",
  hasHealth: true,
  targets: 12,
  errors: 5,
};

/** What is given up one after the other until the picture is low enough. */
const SAVINGS: readonly Partial<Layout>[] = [
  { chartHeight: 2 },
  { targets: 6 },
  { errors: 3 },
  { chartHeight: 1 },
  { requests: "sum" },
  { hasGaps: false },
  { targets: 3 },
  { requests: "none" },
  { targets: 0 },
  { errors: 1 },
  { items: "sum" },
  { hasHealth: false },
  { chartHeight: 0 },
];

/**
 * The rows to show: never wider than the terminal, and a row lower than it, for the cursor stands below them.
 *
 * isBrief  leave out what the ledger below says better
 */
export function viewModel(
  headline: Headline,
  sample: Sample,
  history: RateHistory,
  size: Size,
  isBrief = false,
): Row[] {
  // The last column stays empty: terminals differ in what they do there.
  const width = Math.max(1, Math.min(MAX_WIDTH, size.columns - 1) - MARGIN.length);
  const most = Math.max(1, size.rows - 1);
  const build = (layout: Layout) =>
    isBrief
      ? briefRows(headline, sample, history, width, layout)
      : fullRows(headline, sample, history, width, layout);
  let layout = ALL;
  let rows = build(layout);
  for (const saving of SAVINGS) {
    if (rows.length <= most) break;
    layout = { ...layout, ...saving };
    rows = build(layout);
  }
  return rows.slice(0, most).map((row) => (row.length === 0 ? row : [cell(MARGIN), ...cutRow(row, width)]));
}

function fullRows(
  headline: Headline,
  sample: Sample,
  history: RateHistory,
  width: number,
  layout: Layout,
): Row[] {
  const labelWidth = labelWidthIn(width);
  const isWide = width >= ONE_TABLE_WIDTH;
  const { items, requests, targets, errors } = layout;
  const health = layout.hasHealth ? healthRows(sample, labelWidth) : [];
  const addresses = targetRows(sample, isWide ? width - HALF_WIDTH : width, targets);
  const sections = [
    ...headSections(headline, sample, history, width, layout),
    isWide ? oneTable(sample, width, items, labelWidth) : itemTable(sample, width, items, labelWidth),
    isWide || requests === "none" ? [] : requestTable(sample, width, requests, labelWidth),
    ...(isWide ? [beside(health, addresses)] : [health, addresses]),
    errorRows(sample, width, labelWidth, errors),
  ];
  return joined(sections, layout.hasGaps);
}

/** How the run went as a whole; the ledger that follows has the figures. */
function briefRows(
  headline: Headline,
  sample: Sample,
  history: RateHistory,
  width: number,
  layout: Layout,
): Row[] {
  return joined(headSections(headline, sample, history, width, layout), layout.hasGaps);
}

function headSections(
  headline: Headline,
  sample: Sample,
  history: RateHistory,
  width: number,
  { chartHeight }: Layout,
): Row[][] {
  const labelWidth = labelWidthIn(width);
  return [
    [headRow(headline, sample, width)],
    [
      runRow(sample, width, labelWidth),
      rateRow(sample, width, labelWidth),
      ...chartRows(history, width, labelWidth, chartHeight),
    ],
  ];
}

const labelWidthIn = (width: number) => (width < FULL_WIDTH ? NARROW_LABEL_WIDTH : LABEL_WIDTH);

function headRow({ command, destination }: Headline, sample: Sample, width: number): Row {
  const right = cell(outlook(sample), "faint");
  const left = [cell("stampede ", "strong"), cell(`${command} `, "accent")];
  const room = width - plainText(left).length;
  const rest = oneLine(`→ ${destination}`, Math.max(room - right.text.length - 2, Math.min(room, 20)));
  left.push(cell(rest, "faint"));
  const gap = width - plainText(left).length - right.text.length;
  return gap < 2 ? left : [...left, cell(" ".repeat(gap)), right];
}

/** How much longer, and what comes then. */
function outlook({ isOver, isPaused, remainingMs, inFlight, endsBy }: Sample): string {
  if (isOver) return "done";
  if (isPaused) return "paused";
  if (remainingMs === undefined) return "";
  if (remainingMs > 0) return `${clock(remainingMs + 999)} left, ends by ${endsBy}`;
  return inFlight > 0 ? "ending: waiting for what is in flight" : "ending";
}

/** Sections below each other, with or without gaps; empty ones leave none. A gap before the first sets it apart from notes. */
function joined(sections: readonly Row[][], hasGaps: boolean): Row[] {
  return sections.filter((rows) => rows.length > 0).flatMap((rows) => (hasGaps ? [[], ...rows] : rows));
}

/** Two sections next to each other. */
function beside(left: readonly Row[], right: readonly Row[]): Row[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const row = cutRow(left[index] ?? [], HALF_WIDTH - 2);
    if (right[index] === undefined) return row;
    return [...row, cell(" ".repeat(HALF_WIDTH - plainText(row).length)), ...right[index]];
  });
}
