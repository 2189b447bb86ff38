/**
 * A curve through points: straight lines between them; the rate of the last one stays, that of the first holds before it.
 *
 *   r(t) = R[i] + (R[i+1] - R[i]) (t - T[i]) / (T[i+1] - T[i])     between the points i and i + 1
 *
 *   R  items per second     T  ms, never falling: two points at one moment are a jump
 *
 *   r ┤    •
 *     ┤  ╱   ╲        •─────
 *     ┤•       •     ╱
 *     ┤          ╲ ╱
 *     └───────────•──────── t
 */
import type { RateLaw } from "../rate-law.ts";
import { constant } from "./constant.ts";
import { slope } from "./ramp.ts";
import { type Stretch, sequence } from "./sequence.ts";

/** atMs: since the run began. rate: items per second, 0 or more. */
export interface CurvePoint {
  atMs: number;
  rate: number;
}

/** At least one point, in the order of time. */
export function curve(points: readonly CurvePoint[]): RateLaw {
  const stretches: Stretch[] = [];
  let before: CurvePoint = { atMs: 0, rate: points[0]!.rate };
  for (const point of points) {
    const forMs = point.atMs - before.atMs;
    if (forMs > 0) stretches.push({ law: slope(before.rate, point.rate, forMs), forMs });
    before = point;
  }
  return sequence(stretches, constant(before.rate));
}
