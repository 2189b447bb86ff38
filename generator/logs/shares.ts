/**
 * Exact shares: so many of each kind, and in what order.
 */
import type { Random } from "../random.ts";

/** Divide `total` by percentages that sum to 100, by largest remainder: the parts sum to `total`. */
export function divide(total: number, percentages: readonly number[]): number[] {
  const exact = percentages.map((percentage) => (total * percentage) / 100);
  const parts = exact.map(Math.floor);
  const byRemainder = exact
    .map((_, kind) => kind)
    .sort((a, b) => exact[b]! - parts[b]! - (exact[a]! - parts[a]!) || a - b);
  let left = total - parts.reduce((sum, part) => sum + part, 0);
  for (const kind of byRemainder) {
    if (left-- <= 0) break;
    parts[kind]!++;
  }
  return parts;
}

/** Kinds in random order, each exactly as often as `counts` says. */
export function* shuffled(counts: readonly number[], random: Random): Generator<number> {
  const left = [...counts];
  for (let total = left.reduce((sum, count) => sum + count, 0); total > 0; total--) {
    let draw = random.int(0, total - 1);
    let kind = 0;
    while (draw >= left[kind]!) draw -= left[kind++]!;
    left[kind]!--;
    yield kind;
  }
}

/**
 * Deals `chosen` out evenly over `total` steps, in order.
 *
 * Each step calls `next`: it gives the ordinal of a chosen one (0, 1, ... chosen - 1) or -1.
 */
export class EvenDeal {
  readonly #total: number;
  readonly #chosen: number;
  #step = 0;

  constructor(total: number, chosen: number) {
    this.#total = total;
    this.#chosen = Math.min(chosen, total);
  }

  next(): number {
    const before = Math.floor((this.#step * this.#chosen) / this.#total);
    const after = Math.floor((++this.#step * this.#chosen) / this.#total);
    return after > before ? before : -1;
  }
}
