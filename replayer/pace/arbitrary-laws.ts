/** Arbitrary shapes of rates, for property tests. */
import fc from "fast-check";
import type { LawShape } from "./law-settings.ts";
import type { CurvePoint } from "./laws/curve.ts";

const rate = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 10_000_000 }),
  fc.double({ min: 0.01, max: 1e6, noNaN: true }),
);
const time = fc.integer({ min: 1, max: 600_000 });

const ramp = fc
  .record({ kind: fc.constant("ramp" as const), from: rate, to: rate, overMs: time })
  .filter(({ from, to }) => from + to > 0);
const steps = fc
  .array(fc.record({ rate, forMs: time }), { minLength: 1, maxLength: 8 })
  .filter((all) => all.some((step) => step.rate > 0))
  .map((all) => ({ kind: "steps" as const, steps: all }));
const wave = fc.record({ normal: rate, more: fc.double({ min: 0.01, max: 1e6, noNaN: true }), period: time });
const burst = fc.tuple(wave, fc.double({ min: 0.01, max: 0.99, noNaN: true })).map(([wave, part]) => ({
  kind: "burst" as const,
  normal: wave.normal,
  peak: wave.normal + wave.more,
  periodMs: wave.period,
  widthMs: wave.period * part,
}));
const sine = wave.map(({ normal, more, period }) => ({
  kind: "sine" as const,
  normal,
  peak: normal + more,
  periodMs: period,
}));
const curve = fc
  .array(fc.record({ afterMs: fc.nat(100_000), rate }), { minLength: 1, maxLength: 8 })
  .filter((all) => all.some((point) => point.rate > 0))
  .map((all) => {
    let atMs = 0;
    const points: CurvePoint[] = all.map((point) => {
      atMs += point.afterMs;
      return { atMs, rate: point.rate };
    });
    return { kind: "curve" as const, file: "a.csv", points };
  });
const repeating = fc
  .tuple(fc.oneof(ramp, steps, curve), fc.integer({ min: 1000, max: 600_000 }))
  .map(([shape, repeatMs]) => ({ ...shape, repeatMs }));

/** Any shape; some come to a rate of 0 for a while, or for ever. */
export const arbitraryShape: fc.Arbitrary<LawShape> = fc.oneof(ramp, steps, burst, sine, curve, repeating);
