/** How far the run is, how fast it goes beside how fast it should, and how that was in the last minutes. */
import { bar, chart } from "./bar.ts";
import { type Cell, cell, plainText, type Row, type Tone } from "./cell.ts";
import { clock, si } from "./figures.ts";
import type { RateColumn, RateHistory } from "./rate-history.ts";
import type { Sample } from "./sample.ts";

/** Beside the bars: `997 k/s of 1.00 M/s`, `1:02:03 of 10:00:00`. */
const VALUE_WIDTH = 22;
const PERCENT_WIDTH = 9;
/** Beside the chart: `  peak 1.01 M/s`. */
const CAPTION_WIDTH = 15;
const NARROWEST = 8;

/** The bar of the run: time, of how much, and the share that is over. */
export function runRow(sample: Sample, width: number, labelWidth: number): Row {
  const { elapsedMs, remainingMs, share, isOver, endsBy } = sample;
  const label = cell("run".padEnd(labelWidth), "faint");
  const value = [cell(clock(elapsedMs), "strong")];
  if (share === undefined || isOver) {
    return [label, ...value, cell(isOver ? "" : `  ends by ${endsBy}`, "faint")];
  }
  if (remainingMs !== undefined) value.push(cell(` of ${clock(elapsedMs + remainingMs)}`, "faint"));
  return [label, ...barCells(value, share, "accent", width - labelWidth)];
}

/** The bar of the rate: full when it is as planned. */
export function rateRow(sample: Sample, width: number, labelWidth: number): Row {
  const { total, targetRate, isOver, remainingMs } = sample;
  const label = cell((isOver ? "average" : "rate").padEnd(labelWidth), "faint");
  const value = [cell(`${si(total.rate)}/s`, "strong")];
  if (targetRate === 0) return [label, ...value, cell("  as fast as the target takes it", "faint")];
  // The time is up: what still comes is late, and nothing is asked for.
  if (remainingMs === 0) return [label, ...value];
  value.push(cell(` of ${si(targetRate)}/s`, "faint"));
  const share = total.rate / targetRate;
  return [label, ...barCells(value, share, shareTone(share), width - labelWidth)];
}

function barCells(value: readonly Cell[], share: number, tone: Tone, width: number): Row {
  const pad = " ".repeat(Math.max(2, VALUE_WIDTH - plainText(value).length));
  const percent = cell(`${(share * 100).toFixed(1)} %`.padStart(PERCENT_WIDTH), tone);
  const room = width - plainText(value).length - pad.length - PERCENT_WIDTH;
  if (room < NARROWEST) return [...value, percent];
  const { filled, rest } = bar(share, room);
  return [...value, cell(pad), cell(filled, tone), cell(rest, "faint"), percent];
}

/** A bar that is nearly full is as planned: rates are measured over a second, and requests are lumps. */
function shareTone(share: number): Tone {
  if (share >= 0.98) return "good";
  return share >= 0.8 ? "warning" : "bad";
}

/** The rates of the last minutes, as many as the width holds; where less was sent than planned, in another tone. */
export function chartRows(history: RateHistory, width: number, labelWidth: number, height: number): Row[] {
  const room = width - labelWidth - CAPTION_WIDTH;
  if (room < NARROWEST || height < 1) return [];
  const { seconds, columns } = history.columns(room);
  const rates = columns.map(({ rate }) => rate);
  const peak = Math.max(0, ...rates.filter(Number.isFinite));
  const top = Math.max(peak, ...columns.map(({ planned }) => planned).filter(Number.isFinite));
  const pad = " ".repeat(room - columns.length);
  const captions = [`peak ${si(peak)}/s`, `${seconds} s a column`];
  const span = `last ${clock(columns.length * seconds * 1000)}`;
  const labels = [span.length < labelWidth ? span : ""];
  return chart(rates, top, height).map((line, index) => [
    cell((labels[index] ?? "").padEnd(labelWidth), "faint"),
    cell(pad),
    ...toned(line, columns),
    cell(`  ${captions[index] ?? ""}`, "faint"),
  ]);
}

/** The characters of a line, those of one tone in one cell. */
function toned(line: string, columns: readonly RateColumn[]): Cell[] {
  const cells: Cell[] = [];
  for (const [index, { rate, planned }] of columns.entries()) {
    const shown = planned > 0 ? columnTone(rate / planned) : "accent";
    const latest = cells.at(-1);
    if (latest?.tone === shown) latest.text += line[index];
    else cells.push(cell(line[index]!, shown));
  }
  return cells;
}

/** A second is short for whole requests: what is a little less comes a little later. */
function columnTone(share: number): Tone {
  if (share >= 0.9) return "accent";
  return share >= 0.7 ? "warning" : "bad";
}
