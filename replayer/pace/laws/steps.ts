/**
 * Steps: one constant rate after the other; the last one stays.
 *
 *   r(t) = R[i]     while t lies in step i     R  items per second
 *
 *   r ┤          ╭─────────
 *     ┤     ╭────╯
 *     ┤─────╯
 *     └─────┴────┴───────── t
 */
import type { RateLaw } from "../rate-law.ts";
import { constant } from "./constant.ts";
import { sequence } from "./sequence.ts";

/** rate: items per second, 0 or more. forMs: above 0. */
export interface Step {
  rate: number;
  forMs: number;
}

/** At least one step. */
export function steps(all: readonly Step[]): RateLaw {
  const stretches = all.slice(0, -1).map(({ rate, forMs }) => ({ law: constant(rate), forMs }));
  return sequence(stretches, constant(all.at(-1)!.rate));
}
