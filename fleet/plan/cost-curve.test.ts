import fc from "fast-check";
import { expect, test } from "vitest";
import { type CostPoint, coresAt, curveOf, medianOf, memoryAt, rateWithin } from "./cost-curve.ts";

const point = fc.record({
  eventsPerSecond: fc.integer({ min: 1, max: 1e8 }),
  cores: fc.double({ min: 0.001, max: 8, noNaN: true }),
  memoryBytes: fc.integer({ min: 1e6, max: 1e9 }),
});
const curve = fc
  .uniqueArray(point, { minLength: 1, maxLength: 6, selector: ({ eventsPerSecond }) => eventsPerSecond })
  .map((points) => curveOf([points]));
const rate = fc.double({ min: 1, max: 1e9, noNaN: true });

test("a curve goes through its points", () => {
  fc.assert(
    fc.property(curve, (points) => {
      for (const { eventsPerSecond, cores, memoryBytes } of points) {
        expect(coresAt(points, eventsPerSecond)).toBeCloseTo(cores, 9);
        expect(memoryAt(points, eventsPerSecond)).toBe(memoryBytes);
      }
    }),
  );
});

test("more events never cost less", () => {
  fc.assert(
    fc.property(curve, rate, rate, (points, a, b) => {
      expect(coresAt(points, Math.max(a, b))).toBeGreaterThanOrEqual(
        coresAt(points, Math.min(a, b)) * (1 - 1e-12),
      );
    }),
  );
});

test("the rate that fits into so many cores costs so many", () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0.001, max: 20, noNaN: true }), (points, cores) => {
      const fitting = rateWithin(points, cores);
      // Between points that lie close a curve may be so steep that the last digit of a rate is worth more than one of its cores.
      expect(coresAt(points, fitting * (1 - 1e-9))).toBeLessThanOrEqual(cores * (1 + 1e-9));
      // A little more would be too much.
      expect(coresAt(points, fitting * 1.001)).toBeGreaterThanOrEqual(cores * (1 - 1e-9));
    }),
  );
});

test("a curve is made of medians, so one disturbed round does not count", () => {
  const round = (cores: number): CostPoint[] => [
    { eventsPerSecond: 1000, cores, memoryBytes: 1 },
    { eventsPerSecond: 4000, cores: 2 * cores, memoryBytes: 1 },
  ];
  expect(curveOf([round(0.1), round(0.9), round(0.11)]).map(({ cores }) => cores)).toEqual([0.11, 0.22]);
});

test("the median of an even number of values lies between the two in the middle", () => {
  expect(medianOf([4, 1, 3, 100])).toBe(3.5);
  expect(medianOf([7])).toBe(7);
});
