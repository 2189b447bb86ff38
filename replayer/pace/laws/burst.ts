/**
 * Bursts: a square wave that begins low, so that a target is met at its normal load first. The burst is the end of each period.
 *
 *   r(t) = L  while t mod P < P - W, else H     L, H  items per second: normal, peak     P, W  ms: period, width
 *
 *   r ┤
 *   H ┤       ╭─╮       ╭─╮
 *     ┤       │ │       │ │
 *   L ┤───────╯ ╰───────╯ ╰──
 *     └───────┴─┴───────┴─┴── t
 *             ┊W┊
 *     ┊─── P ───┊
 */
import type { RateLaw } from "../rate-law.ts";
import { constant } from "./constant.ts";
import { repeated } from "./repeated.ts";
import { sequence } from "./sequence.ts";

/** Rates in items per second, 0 or more; 0 < widthMs < periodMs. */
export interface BurstShape {
  normal: number;
  peak: number;
  periodMs: number;
  widthMs: number;
}

export function burst({ normal, peak, periodMs, widthMs }: BurstShape): RateLaw {
  const period = sequence([{ law: constant(normal), forMs: periodMs - widthMs }], constant(peak));
  return repeated(period, periodMs);
}
