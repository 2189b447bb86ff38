import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logJitterNs, traceJitterNs } from "./jitter.ts";

const settings = fc.record({ seed: fc.nat(), jitterMs: fc.nat({ max: 600_000 }) });
const place = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 40 }));

describe("jitter", () => {
  test("is a whole number of nanoseconds from 0 to below its limit", () => {
    fc.assert(
      fc.property(settings, place, (settings, place) => {
        for (const jitter of [traceJitterNs(settings, place), logJitterNs(settings, place)]) {
          expect(Number.isSafeInteger(jitter)).toBe(true);
          expect(jitter).toBeGreaterThanOrEqual(0);
          expect(jitter).toBeLessThanOrEqual(settings.jitterMs * 1_000_000);
        }
      }),
    );
  });

  test("spreads traces evenly over its range", () => {
    const jitters = Array.from({ length: 10_000 }, (_, n) => traceJitterNs({ seed: 3, jitterMs: 1000 }, n));
    for (let tenth = 0; tenth < 10; tenth++) {
      const inTenth = jitters.filter((ns) => Math.floor(ns / 1e8) === tenth).length;
      expect(inTenth).toBeGreaterThan(800);
      expect(inTenth).toBeLessThan(1200);
    }
  });

  test("of log records comes from a pool of 64, all of which are used", () => {
    const jitters = Array.from({ length: 10_000 }, (_, n) => logJitterNs({ seed: 3, jitterMs: 1000 }, n));
    expect(new Set(jitters).size).toBe(64);
  });

  test("depends on the seed and is none where none is asked for", () => {
    const of = (seed: number) =>
      Array.from({ length: 20 }, (_, n) => traceJitterNs({ seed, jitterMs: 1000 }, n));
    expect(of(1)).not.toEqual(of(2));
    expect(of(1)).toEqual(of(1));
    expect(traceJitterNs({ seed: 1, jitterMs: 0 }, 7)).toBe(0);
  });
});
