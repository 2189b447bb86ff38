/**
 * A table of figures whose columns come and go with the width of the screen.
 */
import { type Cell, cell, type Row, type Tone } from "./cell.ts";

/** A column over values of one kind. */
export interface Column<T> {
  title: string;
  /** Of its usual figures, with the blanks before them. */
  width: number;
  /** What a figure above zero means. */
  tone: Tone;
  /** Which columns stay where there is no room for all: the higher, the longer. */
  importance(values: readonly T[]): number;
  /** The figure, in at most `width` columns. */
  text(value: T, width: number): string;
}

/** Columns that belong together, under one title. */
export interface ColumnGroup<T> {
  title: string;
  columns: readonly Column<T>[];
}

export interface Line<T> {
  label: string;
  /** Of label and figures: plain, or strong for a sum. */
  tone: Tone;
  value: T;
}

interface Options {
  /** Width of the labels' column. */
  labelWidth: number;
  /** Columns of the screen for all of it. */
  width: number;
  /** Above the labels. */
  corner?: string;
  /** Whether the groups have a line of titles. */
  hasTitles?: boolean;
}

/** No column grows wider than that over its usual figures: eyes lose their line. */
const MOST_EXTRA = 6;

/** A row of titles and one a line; columns that find no room are left out, the least important first. */
export function tableRows<T>(
  groups: readonly ColumnGroup<T>[],
  lines: readonly Line<T>[],
  { labelWidth, width, corner = "", hasTitles = false }: Options,
): Row[] {
  const values = lines.map(({ value }) => value);
  const shown = fitting(groups, values, width - labelWidth);
  const used = shown.flatMap(({ columns }) => columns).reduce((sum, column) => sum + column.width, 0);
  const count = shown.reduce((sum, { columns }) => sum + columns.length, 0);
  const extra = Math.min(MOST_EXTRA, Math.floor((width - labelWidth - used) / Math.max(1, count)));
  const columns = shown.flatMap((group) => group.columns);
  const titles: Row = [
    cell("".padEnd(labelWidth)),
    ...shown.map((group) => cell(groupTitle(group, extra), "faint")),
  ];
  const head: Row = [
    cell(corner.padEnd(labelWidth), "faint"),
    ...columns.map(({ title, width }) => cell(title.padStart(width + extra), "faint")),
  ];
  return [
    ...(hasTitles ? [titles] : []),
    head,
    ...lines.map(({ label, tone, value }) => [
      cell(label.slice(0, labelWidth - 1).padEnd(labelWidth), tone === "plain" ? "faint" : tone),
      ...columns.map((column) => figure(column, value, column.width + extra, tone)),
    ]),
  ];
}

function figure<T>(column: Column<T>, value: T, width: number, tone: Tone): Cell {
  const text = column.text(value, width);
  if (column.tone === "plain") return cell(text.padStart(width), tone);
  return cell(text.padStart(width), text === "0" ? "faint" : column.tone);
}

function groupTitle<T>({ title, columns }: ColumnGroup<T>, extra: number): string {
  const width = columns.reduce((sum, column) => sum + column.width + extra, 0);
  return `  ${`${title} `.padEnd(width - 2, "─")}`.slice(0, width);
}

/** The groups with as many of their columns as find room. */
function fitting<T>(
  groups: readonly ColumnGroup<T>[],
  values: readonly T[],
  room: number,
): readonly ColumnGroup<T>[] {
  const ranked = groups
    .flatMap(({ columns }) => columns)
    .map((column) => ({ column, importance: column.importance(values) }))
    .sort((a, b) => b.importance - a.importance);
  const kept = new Set<Column<T>>();
  let left = room;
  for (const { column } of ranked) {
    if (column.width > left) break;
    kept.add(column);
    left -= column.width;
  }
  return groups
    .map(({ title, columns }) => ({ title, columns: columns.filter((column) => kept.has(column)) }))
    .filter(({ columns }) => columns.length > 0);
}
