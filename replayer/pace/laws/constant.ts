/**
 * The constant law.
 *
 *   r(t) = R                 R  items per second
 *   N(t) = R t / 1000        t  ms
 *
 *   r ┤
 *   R ┤────────────────────
 *     └──────────────────── t
 */
import type { RateLaw } from "../rate-law.ts";

/** So many items per second, 0 or more. */
export function constant(itemsPerSecond: number): RateLaw {
  return {
    dueItems: (elapsedMs) => (itemsPerSecond * elapsedMs) / 1000,
    momentMs: (items) => (itemsPerSecond > 0 ? (items * 1000) / itemsPerSecond : Number.POSITIVE_INFINITY),
    rateAt: () => itemsPerSecond,
    peak: itemsPerSecond,
  };
}
