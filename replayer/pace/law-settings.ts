/**
 * The shape of a run's rate as plain data, and the law that it stands for.
 */
import { type BurstShape, burst } from "./laws/burst.ts";
import { type CurvePoint, curve } from "./laws/curve.ts";
import { ramp } from "./laws/ramp.ts";
import { repeated } from "./laws/repeated.ts";
import { type SineShape, sine } from "./laws/sine.ts";
import { type Step, steps } from "./laws/steps.ts";
import type { RateLaw } from "./rate-law.ts";

/** A law other than the constant one: rates in events per second of the whole fleet, times in ms. */
export type LawShape =
  | { kind: "ramp"; from: number; to: number; overMs: number; repeatMs?: number }
  | { kind: "steps"; steps: readonly Step[]; repeatMs?: number }
  | ({ kind: "burst" } & BurstShape)
  | ({ kind: "sine" } & SineShape)
  | { kind: "curve"; file: string; points: readonly CurvePoint[]; repeatMs?: number };

/** The law of a shape; one that repeats begins again every `repeatMs`. */
export function lawOf(shape: LawShape): RateLaw {
  const once = lawOnce(shape);
  return "repeatMs" in shape && shape.repeatMs !== undefined ? repeated(once, shape.repeatMs) : once;
}

function lawOnce(shape: LawShape): RateLaw {
  switch (shape.kind) {
    case "ramp":
      return ramp(shape.from, shape.to, shape.overMs);
    case "steps":
      return steps(shape.steps);
    case "burst":
      return burst(shape);
    case "sine":
      return sine(shape);
    case "curve":
      return curve(shape.points);
  }
}
