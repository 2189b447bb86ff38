/**
 * A run of the benchmarks, and how its cells take turns: rounds are the outer loop, so that what else the machine does hits the cells of a
 * section alike, and ratios within a section hold better than figures do.
 */
import type { Bench, Round } from "./measure-send.ts";
import { type Row, rowOf } from "./results.ts";

/** How a run goes about its cells. */
export interface Run {
  bench: Bench;
  rounds: number;
  isQuick: boolean;
  isFull: boolean;
  /** Whether a cell of this name was asked for. */
  wants(name: string): boolean;
  /** A line on what is done. */
  tell(line: string): void;
  /** Why cells have no figures, by name. */
  failures: Record<string, string>;
}

/** What `measure` comes to; a cell that fails is noted, and the others go on. */
export async function attempt<T>(
  { tell, failures }: Run,
  name: string,
  measure: () => Promise<T>,
): Promise<T | undefined> {
  if (name in failures) return undefined;
  try {
    return await measure();
  } catch (error) {
    failures[name] = error instanceof Error ? error.message : String(error);
    tell(`${name} failed: ${failures[name]}`);
    return undefined;
  }
}

/** Do the rounds of some cells, taking turns. */
export async function inTurns<Cell extends { name: string; label: string }>(
  run: Run,
  cells: readonly Cell[],
  measure: (cell: Cell) => Promise<Round>,
): Promise<Row[]> {
  const done = new Map<Cell, Round[]>(cells.map((cell) => [cell, []]));
  for (let round = 0; round < run.rounds; round++) {
    for (const cell of cells) {
      const figures = await attempt(run, cell.name, () => measure(cell));
      if (!figures) continue;
      done.get(cell)!.push(figures);
      const rate = (figures.items / figures.cpuSeconds / 1e6).toPrecision(3);
      run.tell(`${cell.name}, round ${round + 1}: ${rate} M/CPU-s`);
    }
  }
  return cells
    .filter((cell) => !(cell.name in run.failures))
    .map((cell) => rowOf(cell.name, cell.label, done.get(cell)!, lifeShare(run.bench)));
}

/** The part of a sender's life that is measured; the receiver's CPU time is of all of it. */
function lifeShare({ measureMs, warmMs }: Bench): number {
  return measureMs / (measureMs + warmMs);
}
