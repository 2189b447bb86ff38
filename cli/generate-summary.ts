/** What `generate` says at its end: a table of 80 columns, and on a terminal what to do with the files. */
import { ITEM_NAMES } from "../otlp/signal.ts";
import type { TemplateMetadata } from "../template/metadata.ts";
import { bytes, clock, grouped, milliseconds } from "../terminal/figures.ts";

/** Longer work is told in minutes. */
const LONGEST_IN_SECONDS = 99_500;

/**
 * What was written, a line per file: name, size, items, what they belong to.
 *
 * elapsedMs  how long it took
 */
export function generateSummary(directory: string, metadata: TemplateMetadata, elapsedMs: number): string {
  const { traces, metrics, logs } = metadata.signals;
  const rows: Row[] = [];
  if (traces) {
    rows.push(rowOf(traces, ITEM_NAMES.traces, `${grouped(traces.traces)} traces`));
    rows.push(["", "", "", "", `up to ${grouped(traces.maxSpansPerTrace)} spans`]);
  }
  if (metrics) rows.push(rowOf(metrics, ITEM_NAMES.metrics, `${grouped(metrics.metrics)} metrics`));
  if (logs) rows.push(rowOf(logs, ITEM_NAMES.logs, `${grouped(logs.linked)} in traces`));
  const duration = elapsedMs < LONGEST_IN_SECONDS ? milliseconds(elapsedMs) : clock(elapsedMs);
  const head = `${directory}: seed ${metadata.seed}, ${duration}`;
  if (rows.length === 0) return `${head}\n  nothing: the config asks for no traces, metrics or logs\n`;
  return `${[head, ...table(rows)].join("\n")}\n`;
}

/** How to look at a set and how to send it, ready to be pasted. */
export function nextSteps(directory: string, command: string): string {
  const place = quoted(directory);
  return `
to look at it, and to send it:
  ${command} inspect ${place}/*.pb
  ${command} replay --input ${place} --endpoint http://localhost:4317
`;
}

type Row = readonly [file: string, size: string, count: string, unit: string, extent: string];

function rowOf(
  { file, bytes: size, items }: { file: string; bytes: number; items: number },
  unit: string,
  extent: string,
): Row {
  return [file, bytes(size), grouped(items), unit, extent];
}

/** Figures end below each other, words begin below each other. */
function table(rows: readonly Row[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const [file, size, count, unit] = [width(0), width(1), width(2), width(3)];
  return rows.map(
    (row) =>
      `  ${row[0].padEnd(file)}  ${row[1].padStart(size)}  ${row[2].padStart(count)} ${row[3].padEnd(unit)}  ${row[4]}`,
  );
}

/** A word of a shell's command line. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
