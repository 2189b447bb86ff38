/**
 * The section `sending.rate_limit` as the shape that a run's rate has.
 */
import type { LawShape } from "../pace/law-settings.ts";
import { CurveError, readCurve } from "../pace/read-curve.ts";
import type { RateLimitConfig } from "./rate-limit.ts";

/** The shape, with the points of its curve; undefined where the rate is constant. Throws CurveError. */
export function resolveShape({ events_per_second, law }: RateLimitConfig): LawShape | undefined {
  const { ramp, steps, burst, sine, curve, repeat } = law;
  const repeatMs = (ms: number) => (repeat ? { repeatMs: ms } : {});
  if (ramp) {
    const { from, to = events_per_second, over } = ramp;
    return { kind: "ramp", from, to, overMs: over, ...repeatMs(over) };
  }
  if (steps) {
    const all = steps.map((step) => ({ rate: step.rate, forMs: step.for ?? 0 }));
    return { kind: "steps", steps: all, ...repeatMs(all.reduce((sum, { forMs }) => sum + forMs, 0)) };
  }
  if (burst) {
    const { normal = events_per_second, peak, period, width } = burst;
    return { kind: "burst", normal, peak, periodMs: period, widthMs: width };
  }
  if (sine) {
    const { normal = events_per_second, peak, period } = sine;
    return { kind: "sine", normal, peak, periodMs: period };
  }
  if (curve === undefined) return undefined;
  const points = readCurve(curve);
  const endMs = points.at(-1)!.atMs;
  if (repeat && endMs === 0) {
    throw new CurveError(`${curve}: ends at 0 s, so it cannot repeat; give it a point at its end`);
  }
  return { kind: "curve", file: curve, points, ...repeatMs(endMs) };
}
