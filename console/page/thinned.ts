/**
 * Fewer points where there are more than a chart has pixels for: lines of one second each would lie on each other as a block of ink. Pure.
 */
import type { Column } from "./series.ts";

/** What stands for several values: their mean, or the highest, where the worst is what matters. */
export type Merging = "mean" | "highest";

/** Seconds that a step may have, so that steps begin at round times and stay where they are while a run goes on. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** The shortest step with which a span of time has no more than `most` of them; both in seconds. */
export function stepFor(spanS: number, most: number): number {
  return STEPS_S.find((step) => spanS / step <= most) ?? STEPS_S.at(-1)!;
}

/**
 * Points that end in the same step become one, at the time of the last of them.
 *
 * times    seconds since 1970, rising
 * columns  one value a time; null: not known, which counts for nothing
 */
export function thinned(
  times: readonly number[],
  columns: readonly Column[],
  stepS: number,
  merging: Merging,
): { times: number[]; columns: Column[] } {
  // Of each step, where it begins, and the end of all.
  const firsts: number[] = [];
  let step = Number.NaN;
  for (const [index, time] of times.entries()) {
    // A second that ends at 10.02 is of the step that ends at 10.
    const its = Math.ceil((time - 0.5) / stepS);
    if (its !== step) firsts.push(index);
    step = its;
  }
  const ends = [...firsts.slice(1), times.length];
  return {
    times: ends.map((end) => times[end - 1]!),
    columns: columns.map((column) =>
      ends.map((end, index) => merged(column.slice(firsts[index], end), merging)),
    ),
  };
}

function merged(values: Column, merging: Merging): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  if (merging === "highest") return Math.max(...known);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
