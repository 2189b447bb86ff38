import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { SeriesQuota, seriesCounts } from "./series.ts";

const ranges = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), fc.nat(1000))
  .map(([min, toMean, toMax]) => ({ min, default: min + toMean, max: min + toMean + toMax }));

describe("numbers of series", () => {
  it("lie in the range, and their mean is the default", () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 300 }), fc.nat(), (range, metrics, seed) => {
        const counts = seriesCounts(new Random(seed), metrics, range);
        expect(counts).toHaveLength(metrics);
        for (const count of counts) {
          expect(count).toBeGreaterThanOrEqual(range.min);
          expect(count).toBeLessThanOrEqual(range.max);
        }
        const mean = counts.reduce((sum, count) => sum + count, 0) / metrics;
        // Each slice of the distribution is at most 1/metrics of the range off, and rounding half a series.
        expect(Math.abs(mean - range.default)).toBeLessThanOrEqual(0.5 + (range.max - range.min) / metrics);
      }),
    );
  });
});

describe("a quota", () => {
  it("ends within the range, however many points each resource offers", () => {
    const offers = fc.array(fc.nat(90), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(ranges, fc.double({ min: 0, max: 1, noNaN: true }), offers, (range, place, offered) => {
        fc.pre(offered.some((points) => points > 0));
        const wanted = Math.round(range.min + place * (range.max - range.min));
        const quota = new SeriesQuota(wanted, range);
        let taken = 0;
        for (let resource = 0; !quota.done; resource++)
          taken += quota.take(offered[resource % offered.length]!);
        expect(quota.dealt).toBe(taken);
        expect(taken).toBeGreaterThanOrEqual(range.min);
        expect(taken).toBeLessThanOrEqual(range.max);
        expect(Math.abs(taken - wanted)).toBeLessThanOrEqual(Math.max(...offered) / 2);
        expect(quota.take(1)).toBe(0);
      }),
    );
  });

  it("leaves resources whole where that is possible", () => {
    const quota = new SeriesQuota(100, { min: 50, max: 150, default: 100 });
    expect([1, 2, 3, 4].map(() => quota.take(32))).toEqual([32, 32, 32, 0]);
  });
});
