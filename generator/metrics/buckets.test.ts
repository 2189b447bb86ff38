import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketMidpoints, exponentialMidpoints } from "../../template/values.ts";
import { HTTP_BOUNDS } from "./bounds.ts";
import { BucketFiller, EXPONENTIAL_SCALE, ExponentialFiller } from "./buckets.ts";

const steepness = fc.constantFrom<2 | 3 | 4>(2, 3, 4);
const other = fc.option(
  fc.record({ share: fc.double({ min: 0, max: 0.5, noNaN: true }), ratio: fc.integer({ min: 2, max: 100 }) }),
  { nil: undefined },
);
const wanted = fc.double({ min: 0, max: 1e6, noNaN: true });
const median = fc.double({ min: 0.001, max: 100, noNaN: true });

describe("buckets", () => {
  it("hold about as many as wanted, at least one, and sum up by their midpoints", () => {
    fc.assert(
      fc.property(steepness, other, wanted, median, (k, second, count, middle) => {
        const distribution = { steepness: k, ...(second ? { other: second } : {}) };
        const filled = new BucketFiller(HTTP_BOUNDS, distribution).fill(count, middle);
        expect(filled.count).toBeGreaterThanOrEqual(1);
        expect(filled.count).toBe(filled.counts.reduce((sum, each) => sum + each, 0));
        expect(Math.abs(filled.count - Math.max(1, count))).toBeLessThanOrEqual(filled.counts.length);
        const middles = bucketMidpoints(HTTP_BOUNDS);
        expect(filled.sum).toBe(filled.counts.reduce((sum, each, place) => sum + each * middles[place]!, 0));
      }),
    );
  });

  it("have the median in the middle: half lies below it", () => {
    const { counts, count } = new BucketFiller(HTTP_BOUNDS, {}).fill(10_000, 0.1);
    const below = counts.slice(0, 1 + HTTP_BOUNDS.indexOf(0.1)).reduce((sum, each) => sum + each, 0);
    expect(Math.abs(below / count - 0.5)).toBeLessThan(0.001);
  });

  it("of exponential histograms lie around the median, and hold 21 bits for a day", () => {
    fc.assert(
      fc.property(steepness, fc.double({ min: 0, max: 1e9, noNaN: true }), median, (k, count, middle) => {
        const { counts, offset, sum } = new ExponentialFiller({ steepness: k }).fill(count, middle);
        const bound = (index: number): number => 2 ** ((offset + index) / 2 ** EXPONENTIAL_SCALE);
        expect(middle).toBeGreaterThan(bound(counts.length / 2) * (1 - 1e-9));
        expect(middle).toBeLessThanOrEqual(bound(counts.length / 2 + 1) * (1 + 1e-9));
        expect(Math.max(...counts) * 24).toBeLessThan(2 ** 21);
        const middles = exponentialMidpoints(EXPONENTIAL_SCALE, offset, counts.length);
        expect(sum).toBe(counts.reduce((total, each, place) => total + each * middles[place]!, 0));
      }),
    );
  });
});
