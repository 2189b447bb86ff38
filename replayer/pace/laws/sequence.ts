/**
 * One law after the other: each with its own time, which begins at 0 with it, the last without end.
 *
 *   r ┤    ╭────╮
 *     ┤────╯    │
 *     ┤         ╰──────────
 *     └────┴────┴────────── t
 *       1    2     rest
 */
import type { RateLaw } from "../rate-law.ts";

/** A law, and how long it holds, above 0 ms. */
export interface Stretch {
  law: RateLaw;
  forMs: number;
}

/** The stretches in their order, then `rest` for ever. A look takes the logarithm of their number. */
export function sequence(stretches: readonly Stretch[], rest: RateLaw): RateLaw {
  const laws = [...stretches.map(({ law }) => law), rest];
  // Where each begins, in ms and in items.
  const starts = [0];
  const before = [0];
  for (const [at, { law, forMs }] of stretches.entries()) {
    starts.push(starts[at]! + forMs);
    before.push(before[at]! + law.dueItems(forMs));
  }
  return {
    dueItems(elapsedMs) {
      const at = lastNotAbove(starts, elapsedMs);
      return before[at]! + laws[at]!.dueItems(elapsedMs - starts[at]!);
    },
    momentMs(items) {
      // Where one begins with as many items as the one before, that one has nothing: an item due then is the later one's.
      const at = lastNotAbove(before, items);
      const moment = starts[at]! + laws[at]!.momentMs(items - before[at]!);
      return Math.min(moment, starts[at + 1] ?? Number.POSITIVE_INFINITY);
    },
    rateAt(elapsedMs) {
      const at = lastNotAbove(starts, elapsedMs);
      return laws[at]!.rateAt(elapsedMs - starts[at]!);
    },
    peak: laws.reduce((peak, law) => Math.max(peak, law.peak), 0),
  };
}

/** Index of the last of these rising numbers that is not above a value; 0 when all are. */
function lastNotAbove(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
