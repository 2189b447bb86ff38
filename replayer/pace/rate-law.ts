/**
 * Rate laws: how many items are due by when. Pure values without a clock; the schedule holds against them what was sent.
 *
 *   r(t)  rate at the moment t, items per second; t in ms since the run began
 *   N(t)  items due by t: the integral of r from 0 to t
 *   M(n)  the moment of item n, counted from 0: the last t at which no more than n items have become due
 *
 * Each law stands in a file of its own in laws/, with its equation and a drawing. Integral and inverse are exact where they have a
 * closed form; the sine's inverse is numeric. Some files hold no law of their own but ways of putting laws together: `sequence` one
 * after the other, `repeated` the same over and over, `shareOf` a part of one, `poisson` at random moments.
 */

/** A law over the time since the run began. `dueItems` never falls, and `momentMs` is its inverse. */
export interface RateLaw {
  /** N(t): items due by this moment, a real number >= 0. */
  dueItems(elapsedMs: number): number;
  /** M(n): when item n is due, the first being item 0. After a stretch of rate 0, its end; Infinity when it never is. */
  momentMs(items: number): number;
  /** r(t), items per second. */
  rateAt(elapsedMs: number): number;
  /** The highest rate that it comes to, items per second. */
  readonly peak: number;
}

/** Items per second between two moments, on average; never below 0, as close as they may be. */
export function meanRate(law: RateLaw, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return law.rateAt(fromMs);
  return (Math.max(0, law.dueItems(toMs) - law.dueItems(fromMs)) / (toMs - fromMs)) * 1000;
}
