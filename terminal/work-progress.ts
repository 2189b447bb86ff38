/**
 * Work in steps, each with a known amount, as rows of the screen or as a line of text. Pure: times come with the state.
 */
import { bar } from "./bar.ts";
import { type Cell, cell, type Row } from "./cell.ts";
import { bytes, clock, grouped, si } from "./figures.ts";

/** A step of the work. */
export interface WorkStep {
  /** `traces`: one word or two. */
  name: string;
  /** What is counted: `spans`; or "B", written as bytes. */
  unit: string;
  done: number;
  /** How much there will be, about. */
  total: number;
  /** Milliseconds since the step began; NaN before it began. */
  elapsedMs: number;
  isOver: boolean;
}

const WIDEST_BAR = 30;
const NARROWEST_BAR = 5;

/** One row a step: name, bar, share, amount, rate, time left. What finds no room is left out, from the end on. */
export function progressRows(steps: readonly WorkStep[], columns: number): Row[] {
  const nameWidth = Math.max(...steps.map(({ name }) => name.length));
  const tails = steps.map(tailOf);
  const widths = usualWidths(steps).map((usual, column) =>
    Math.max(usual, ...tails.map((tail) => tail[column]!.length)),
  );
  let columnCount = widths.length;
  const room = () => {
    const shown = widths.slice(0, columnCount);
    return columns - 1 - 2 - nameWidth - 2 - shown.reduce((sum, width) => sum + width + 2, 0);
  };
  while (room() < NARROWEST_BAR && columnCount > 1) columnCount--;
  const barWidth = Math.min(WIDEST_BAR, room());
  return steps.map((step, index) => {
    const row: Cell[] = [cell(`  ${step.name.padEnd(nameWidth)}`)];
    if (barWidth >= NARROWEST_BAR) row.push(cell("  "), ...barCells(step, barWidth));
    for (const [column, width] of widths.slice(0, columnCount).entries()) {
      const text = tails[index]![column]!;
      row.push(cell("  "), cell(text.padStart(width), column === 0 ? "strong" : "plain"));
    }
    return row;
  });
}

/** Columns for the texts that most states need, so that bars keep their length while the work goes on. */
function usualWidths(steps: readonly WorkStep[]): number[] {
  const units = steps.map(({ unit }) => (unit === "B" ? "99.9 MB" : `99.9 k ${unit}`).length);
  return ["100 %".length, Math.max(...units), "99.9 MB/s".length, "00:00 left".length];
}

/** `traces: 1,024,000 of about 1,600,000 spans, 64 %, 310 k/s, 00:02 left`. */
export function progressText(step: WorkStep): string {
  const { name, unit, done, total } = step;
  const amount =
    unit === "B"
      ? `${bytes(done)} of ${bytes(total)}`
      : `${grouped(done)} of about ${grouped(total)} ${unit}`;
  const [share, , rate, left] = tailOf(step);
  return [`${name}: ${amount}`, share, rate, left].filter(Boolean).join(", ");
}

/** Share, amount, rate, time. Empty for what is not known. */
function tailOf(step: WorkStep): [share: string, amount: string, rate: string, time: string] {
  const { unit, done, total, elapsedMs, isOver } = step;
  if (Number.isNaN(elapsedMs)) return ["", "", "", ""];
  const amount = (count: number) => (unit === "B" ? bytes(count) : `${si(count)} ${unit}`);
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1000 : Number.NaN;
  const rate =
    Number.isFinite(perSecond) && done > 0 ? `${unit === "B" ? bytes(perSecond) : si(perSecond)}/s` : "";
  if (isOver) return ["100 %", amount(done), rate, clock(elapsedMs)];
  const share = `${Math.floor(100 * shareOf(step))} %`;
  const leftMs = ((total - done) / perSecond) * 1000;
  // A guess from the first instant is far off.
  const left =
    elapsedMs >= 500 && leftMs >= 0 && Number.isFinite(leftMs) ? `${clock(leftMs + 999)} left` : "";
  return [share, amount(done), rate, left];
}

/** What is not over is never all done, whatever the estimate was. */
function shareOf({ done, total, isOver }: WorkStep): number {
  return isOver ? 1 : Math.min(0.99, done / Math.max(1, total));
}

function barCells(step: WorkStep, width: number): Cell[] {
  const { filled, rest } = bar(Number.isNaN(step.elapsedMs) ? 0 : shareOf(step), width);
  return [cell(filled, step.isOver ? "good" : "accent"), cell(rest, "faint")];
}
