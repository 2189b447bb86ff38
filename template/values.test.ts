import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bucketMidpoints,
  countedUnits,
  exponentialMidpoints,
  gaugeUnits,
  instanceSalt,
  LEAD_LIMIT_SECONDS,
  Moment,
  secondsUntil,
  sentBucketMidpoints,
  sentExponentialMidpoints,
  seriesKey,
  wave,
} from "./values.ts";

const key = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const seconds = fc.oneof(
  fc.double({ min: 0, max: 10 ** 8, noNaN: true }),
  fc.nat({ max: 10 ** 7 }),
  fc.nat({ max: 10 ** 6 }).map((knot) => knot * 10),
);
const rate = fc.oneof(fc.double({ min: 0, max: 10 ** 7, noNaN: true }), fc.constant(0));

describe("a wave", () => {
  test("stays in [0, 1)", () => {
    fc.assert(
      fc.property(key, seconds, (k, t) => {
        const at = wave(k, new Moment(t));
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(1);
      }),
      { numRuns: 10_000 },
    );
  });

  test("has no jumps: it moves by at most a tenth a second", () => {
    fc.assert(
      fc.property(key, seconds, fc.double({ min: 0, max: 20, noNaN: true }), (k, t, step) => {
        const change = Math.abs(wave(k, new Moment(t + step)) - wave(k, new Moment(t)));
        expect(change).toBeLessThanOrEqual(step / 10 + 1e-6);
      }),
      { numRuns: 10_000 },
    );
  });

  test("of neighbouring series differ, and so do those of neighbouring instances", () => {
    const moment = new Moment(12.5);
    const at = (series: number, instance: number) => wave(seriesKey(series, instanceSalt(instance)), moment);
    const all = Array.from({ length: 40 }, (_, series) =>
      Array.from({ length: 40 }, (_, instance) => at(series, instance)),
    ).flat();
    expect(new Set(all).size).toBe(1600);
    expect(all.reduce((sum, x) => sum + x, 0) / 1600).toBeCloseTo(0.5, 1);
  });

  test("is the same from a moment that was used before", () => {
    const moment = new Moment();
    fc.assert(
      fc.property(key, seconds, (k, t) => {
        moment.set(t);
        expect(wave(k, moment)).toBe(wave(k, new Moment(t)));
      }),
    );
  });
});

describe("counted units", () => {
  test("are integers that never fall", () => {
    fc.assert(
      fc.property(key, seconds, seconds, rate, (k, a, b, perSecond) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const before = countedUnits(k, new Moment(from), perSecond);
        const after = countedUnits(k, new Moment(to), perSecond);
        expect(after).toBeGreaterThanOrEqual(before);
        expect(Number.isSafeInteger(after)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  test("never fall from one step of time to the next either", () => {
    fc.assert(
      fc.property(key, fc.nat({ max: 10 ** 10 }), rate, (k, steps, perSecond) => {
        const at = (n: number) => countedUnits(k, new Moment((n * 2 ** 24) / 1e9), perSecond);
        expect(at(steps + 1)).toBeGreaterThanOrEqual(at(steps));
      }),
      { numRuns: 10_000 },
    );
  });

  test("keep to their rate, ahead of it by the lead at most", () => {
    fc.assert(
      fc.property(key, seconds, rate, (k, t, perSecond) => {
        const units = countedUnits(k, new Moment(t), perSecond);
        expect(units).toBeGreaterThanOrEqual(Math.floor(perSecond * t));
        expect(units).toBeLessThanOrEqual(perSecond * (t + LEAD_LIMIT_SECONDS));
      }),
      { numRuns: 5000 },
    );
  });

  test("stay below a limit for as long as secondsUntil says", () => {
    fc.assert(
      fc.property(
        key,
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.double({ min: 1e-6, max: 10 ** 6, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (k, limit, perSecond, share) => {
          const lifetime = Math.floor(secondsUntil(limit, perSecond));
          if (lifetime < 0) return;
          expect(countedUnits(k, new Moment(share * lifetime), perSecond)).toBeLessThan(limit);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(secondsUntil(100, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("gauge units", () => {
  test("are integers within half a band of the middle", () => {
    fc.assert(
      fc.property(key, seconds, fc.integer(), fc.nat({ max: 2 ** 40 }), (k, t, middle, half) => {
        const units = gaugeUnits(k, new Moment(t), middle, half);
        expect(Number.isSafeInteger(units)).toBe(true);
        expect(Math.abs(units - middle)).toBeLessThanOrEqual(half);
      }),
      { numRuns: 10_000 },
    );
  });

  test("are the middle where there is no band, and move where there is one", () => {
    expect(gaugeUnits(7, new Moment(33), 12, 0)).toBe(12);
    const seen = new Set(Array.from({ length: 100 }, (_, t) => gaugeUnits(7, new Moment(t), 0, 1000)));
    expect(seen.size).toBeGreaterThan(50);
  });
});

describe("midpoints", () => {
  test("lie within their buckets, one more than bounds", () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: 1, max: 10 ** 7 }), { minLength: 1, maxLength: 20 })
      .map((numbers) => numbers.sort((a, b) => a - b).map((bound) => bound / 1000));
    fc.assert(
      fc.property(bounds, (bounds) => {
        const middles = bucketMidpoints(bounds);
        expect(middles.length).toBe(bounds.length + 1);
        for (const [i, middle] of middles.entries()) {
          expect(middle).toBeGreaterThanOrEqual((bounds[i - 1] ?? 0) - 2 ** -17);
          expect(middle).toBeLessThanOrEqual((bounds[i] ?? bounds.at(-1)! * 2) + 2 ** -17);
        }
      }),
    );
    expect(bucketMidpoints([])).toEqual([1]);
  });

  test("of exponential buckets lie within them", () => {
    fc.assert(
      fc.property(fc.integer({ min: -2, max: 8 }), fc.integer({ min: -20, max: 20 }), (scale, offset) => {
        const base = 2 ** (2 ** -scale);
        for (const [i, middle] of exponentialMidpoints(scale, offset, 12).entries()) {
          expect(middle).toBeGreaterThan(base ** (offset + i) * (1 - 1e-9) - 2 ** -17);
          expect(middle).toBeLessThan(base ** (offset + i + 1) * (1 + 1e-9) + 2 ** -17);
        }
      }),
    );
  });

  test("that are sent stay in the middle half of their buckets, on a grid as coarse as that allows", () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: 1, max: 10 ** 6 }), { minLength: 1, maxLength: 20 })
      .map((numbers) => numbers.sort((a, b) => a - b).map((bound) => bound / 16));
    fc.assert(
      fc.property(bounds, fc.nat(), fc.nat(), (bounds, a, b) => {
        const [first, last] = [a % (bounds.length + 1), b % (bounds.length + 1)].sort((x, y) => x - y);
        const sent = sentBucketMidpoints(bounds, first!, last! + 1);
        expect(sent.length).toBe(last! + 1 - first!);
        for (const [i, middle] of sent.entries()) {
          const from = bounds[first! + i - 1] ?? 0;
          const to = bounds[first! + i] ?? 2 * from;
          expect(Math.abs(middle - (from + to) / 2)).toBeLessThanOrEqual((to - from) / 4 + 2 ** -17);
        }
      }),
    );
    expect(sentBucketMidpoints([0.005, 0.01, 0.025], 0, 4)).toEqual([1 / 512, 4 / 512, 9 / 512, 19 / 512]);
    expect(sentBucketMidpoints([0.005, 0.01, 0.025, 1, 10], 4, 6)).toEqual([4, 16]);
    expect(sentBucketMidpoints([-10, 0, 10], 0, 4)).toEqual([-10, -4, 6, 16]);
    expect(sentBucketMidpoints([], 0, 1)).toEqual([1]);
    const exponential = sentExponentialMidpoints(3, 0, 0, 16);
    for (const [i, middle] of exponential.entries()) {
      expect(middle).toBeGreaterThan(2 ** (i / 8));
      expect(middle).toBeLessThan(2 ** ((i + 1) / 8));
      expect(Number.isInteger(middle * 32)).toBe(true);
    }
  });
});
