import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant } from "./constant.ts";
import { poisson } from "./poisson.ts";
import { shareOf } from "./share-of.ts";
import { sine } from "./sine.ts";

/** Mean and variance of numbers. */
function spread(numbers: readonly number[]): { mean: number; variance: number } {
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  return { mean, variance: numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (numbers.length - 1) };
}

/** Arrivals in each of so many equal times. */
function counts(law: { dueItems(ms: number): number }, stepMs: number, steps: number): number[] {
  const due = Array.from({ length: steps + 1 }, (_, step) => law.dueItems(step * stepMs));
  return due.slice(1).map((items, step) => items - due[step]!);
}

const SEEDS = [1, 2, 3];

describe("random arrivals", () => {
  test.each(SEEDS)("have the law's mean, and as much variance, over any stretch (seed %i)", (seed) => {
    // 20 a second: in 10,000 times of half a second 10 each. The bounds are four standard errors and more.
    const { mean, variance } = spread(counts(poisson(constant(20), seed), 500, 10_000));
    expect(Math.abs(mean - 10)).toBeLessThan(0.15);
    expect(Math.abs(variance - 10)).toBeLessThan(0.8);
  });

  test.each(SEEDS)("have gaps without memory: exponential, with the mean of the rate (seed %i)", (seed) => {
    const law = poisson(constant(1000), seed);
    const gaps = Array.from({ length: 20_000 }, (_, n) => law.momentMs(n + 1) - law.momentMs(n));
    const { mean, variance } = spread(gaps);
    expect(mean).toBeGreaterThan(0.97);
    expect(mean).toBeLessThan(1.03);
    expect(variance).toBeGreaterThan(0.9);
    expect(variance).toBeLessThan(1.1);
    // A gap above 1 ms in e^-1 of the cases.
    const longer = gaps.filter((gap) => gap > 1).length / gaps.length;
    expect(Math.abs(longer - Math.exp(-1))).toBeLessThan(0.02);
  });

  test("follow the law that is their mean", () => {
    const wave = sine({ normal: 0, peak: 2000, periodMs: 10_000 });
    const law = poisson(wave, 9);
    for (const [step, items] of counts(law, 1000, 100).entries()) {
      const mean = wave.dueItems((step + 1) * 1000) - wave.dueItems(step * 1000);
      expect(Math.abs(items - mean)).toBeLessThan(6 * Math.sqrt(mean) + 1);
    }
  });

  test("are the same for the same seed, wherever and in whatever order one looks", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(20_000), { maxLength: 30 }), (seed, places) => {
        const [looked, fresh] = [poisson(constant(500), seed), poisson(constant(500), seed)];
        const inOrder = new Map(places.toSorted((a, b) => a - b).map((n) => [n, fresh.momentMs(n)]));
        for (const n of places) expect(looked.momentMs(n)).toBe(inOrder.get(n));
      }),
      { numRuns: 30 },
    );
  });

  test("count item n at its moment, not before", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(5000), (seed, n) => {
        const law = poisson(constant(250), seed);
        const moment = law.momentMs(n);
        expect(law.dueItems(moment * (1 + 1e-12))).toBe(n + 1);
        expect(law.dueItems(moment * (1 - 1e-12))).toBe(n);
      }),
      { numRuns: 50 },
    );
  });

  test("of two seeds have nothing to do with each other, and their sum is random as well", () => {
    const law = shareOf(constant(40), 1 / 2);
    const [a, b] = [1, 2].map((seed) => counts(poisson(law, seed), 500, 10_000));
    const { mean, variance } = spread(a!.map((items, step) => items + b![step]!));
    expect(Math.abs(mean - 20)).toBeLessThan(0.25);
    expect(Math.abs(variance - 20)).toBeLessThan(1.5);
  });
});
