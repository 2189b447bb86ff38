/**
 * The sine: up and down between two rates, beginning at the lower one.
 *
 *   r(t) = C - A cos(2π t / P)                              C  (H + L) / 2, items per second: the mean
 *   N(t) = (C t - A P / 2π sin(2π t / P)) / 1000            A  (H - L) / 2, items per second: the amplitude
 *   M(n)   has no closed form: Newton's steps, between bounds   P  ms: period
 *
 *   r ┤
 *   H ┤    ╭─╮         ╭─╮
 *   C ┤  ╭─╯ ╰─╮     ╭─╯ ╰─╮
 *   L ┤──╯     ╰─────╯     ╰──
 *     └──────────┴─────────┴── t
 *                P         2P
 */
import type { RateLaw } from "../rate-law.ts";

/** Rates in items per second, 0 <= normal <= peak; periodMs above 0. */
export interface SineShape {
  normal: number;
  peak: number;
  periodMs: number;
}

/** Newton's steps that it may take; a handful do, but for the flat places of a sine that comes down to 0. */
const MOST_STEPS = 60;

export function sine({ normal, peak, periodMs }: SineShape): RateLaw {
  const mean = (peak + normal) / 2;
  const amplitude = (peak - normal) / 2;
  const turn = (2 * Math.PI) / periodMs;
  const ofPeriod = (mean * periodMs) / 1000;
  const dueItems = (t: number) => (mean * t - (amplitude / turn) * Math.sin(turn * t)) / 1000;
  const rateAt = (t: number) => mean - amplitude * Math.cos(turn * t);
  return {
    dueItems,
    momentMs(items) {
      if (mean === 0 || items === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
      const periods = Math.floor(items / ofPeriod);
      const rest = items - periods * ofPeriod;
      return periods * periodMs + solve(dueItems, rateAt, rest, (rest * 1000) / mean, periodMs);
    },
    rateAt,
    peak,
  };
}

/**
 * The moment in a period at which so many items are due. Newton's steps from a first guess; one that leaves what is still possible
 * is a halving instead.
 */
function solve(
  dueItems: (t: number) => number,
  rateAt: (t: number) => number,
  items: number,
  guessMs: number,
  periodMs: number,
): number {
  let [low, high] = [0, periodMs];
  let t = Math.min(guessMs, periodMs);
  for (let step = 0; step < MOST_STEPS; step++) {
    const error = dueItems(t) - items;
    if (error > 0) high = t;
    else low = t;
    let next = t - (error * 1000) / rateAt(t);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - t) < 1e-13 * periodMs) return next;
    t = next;
  }
  return t;
}
