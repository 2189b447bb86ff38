/**
 * The ramp: from one rate to another, then on at that.
 *
 *   r(t) = a + (b - a) t / d                    until d; then b     a, b  items per second
 *   N(t) = (a t + (b - a) t² / 2d) / 1000       until d             t, d  ms
 *   M(n) = 2m / (a + sqrt(a² + 2 m (b - a) / d))   with m = 1000 n: the root of the square equation that keeps its digits
 *
 *   r ┤        ╭───────────
 *   b ┤     ╭──╯
 *     ┤  ╭──╯
 *   a ┤──╯
 *     └────────┴─────────── t
 *              d
 */
import type { RateLaw } from "../rate-law.ts";
import { constant } from "./constant.ts";
import { sequence } from "./sequence.ts";

/** from, to: items per second, 0 or more. overMs: above 0. */
export function ramp(from: number, to: number, overMs: number): RateLaw {
  return sequence([{ law: slope(from, to, overMs), forMs: overMs }], constant(to));
}

/** The ramp alone, which holds until its end only: a part for a sequence. */
export function slope(from: number, to: number, overMs: number): RateLaw {
  const growth = (to - from) / overMs;
  return {
    dueItems: (elapsedMs) => ((from + (growth * elapsedMs) / 2) * elapsedMs) / 1000,
    momentMs(items) {
      const root = Math.sqrt(Math.max(0, from * from + 2000 * items * growth));
      // Without anything to come from it, item 0 is not due at its beginning, but never.
      if (from + root === 0) return growth > 0 ? 0 : Number.POSITIVE_INFINITY;
      return (2000 * items) / (from + root);
    },
    rateAt: (elapsedMs) => from + growth * elapsedMs,
    peak: Math.max(from, to),
  };
}
