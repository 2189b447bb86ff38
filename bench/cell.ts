/**
 * A benchmark cell: one thing measured, in items per second of CPU, so that what else runs on the machine matters little.
 */

/** What is measured. `prepare` makes its fixture ahead of the clock. */
export interface Cell {
  /** Words from the coarse to the fine, such as "stamp traces"; the name filter looks for a part of it. */
  name: string;
  /** Name of the cell that this one is to be seen against: the part of it that cannot be saved. */
  against?: string;
  prepare(): Promise<CellRun> | CellRun;
}

/** A prepared cell. */
export interface CellRun {
  /** A line on the fixture: sizes, shapes. */
  fixture?: string;
  /** Do some milliseconds of work at most; returns the items that were done. */
  step(): number;
  close?(): void;
}

/** Figures of a cell, in million items per CPU-second. */
export interface CellResult {
  median: number;
  lowest: number;
  highest: number;
}

/**
 * Measure a cell: a warm-up of a fifth of the time, then `rounds` rounds that share `seconds`.
 * CPU time is user and system time of the whole process, so keep everything else in it still.
 */
export function measure(run: CellRun, seconds: number, rounds = 3): CellResult {
  round(run, seconds / 5);
  const rates = Array.from({ length: rounds }, () => round(run, seconds / rounds)).sort((a, b) => a - b);
  return { median: rates[rates.length >> 1]!, lowest: rates[0]!, highest: rates.at(-1)! };
}

function round(run: CellRun, seconds: number): number {
  const until = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  let items = 0;
  do items += run.step();
  while (performance.now() < until);
  const { user, system } = process.cpuUsage(before);
  return items / (user + system);
}
