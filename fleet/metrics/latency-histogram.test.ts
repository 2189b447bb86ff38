import fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies } from "../../ledger/latency.ts";
import { BOUNDS_SECONDS, bucketsOf } from "./latency-histogram.ts";

const latenciesMs = fc.array(fc.double({ min: 0.001, max: 200_000, noNaN: true }), { maxLength: 50 });

test("a bucket holds what is at most as long as its bound, up to the digits that a histogram keeps", () => {
  fc.assert(
    fc.property(fc.array(latenciesMs, { maxLength: 3 }), (processes) => {
      const measured = processes.map((all) => {
        const latencies = new Latencies();
        for (const ms of all) latencies.record(ms);
        return latencies.counts();
      });
      const { cumulative, count, sumSeconds } = bucketsOf(measured);
      const seconds = processes.flat().map((ms) => ms / 1000);
      const within = (bound: number) => seconds.filter((one) => one <= bound).length;
      BOUNDS_SECONDS.forEach((bound, index) => {
        // Microseconds are rounded, and three digits are kept.
        const slack = bound * 0.001 + 1e-6;
        expect(cumulative[index]).toBeGreaterThanOrEqual(within(bound - slack));
        expect(cumulative[index]).toBeLessThanOrEqual(within(bound + slack));
      });
      expect(count).toBe(seconds.length);
      const sum = seconds.reduce((total, one) => total + one, 0);
      expect(Math.abs(sumSeconds - sum)).toBeLessThanOrEqual(sum * 0.001 + seconds.length * 1e-6);
    }),
  );
});

test("buckets only grow with their bounds, and none holds more than there are", () => {
  const latencies = new Latencies();
  for (const ms of [0.2, 3, 3, 40, 900, 61_000]) latencies.record(ms);
  const { cumulative, count } = bucketsOf([latencies.counts(), latencies.counts()]);
  expect(cumulative).toEqual([...cumulative].sort((a, b) => a - b));
  expect(cumulative.at(-1)).toBe(10);
  expect(count).toBe(12);
});
