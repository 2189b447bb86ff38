import fc from "fast-check";
import { expect, test } from "vitest";
import { coarse, Latencies } from "./latency.ts";
import { LatencySum } from "./latency-sum.ts";

/** Coarse latencies as a statement has them. */
const flats = fc
  .array(fc.double({ min: 0, max: 5_000_000, noNaN: true }), { maxLength: 200 })
  .map((latenciesMs) => {
    const latencies = new Latencies();
    for (const ms of latenciesMs) latencies.record(ms);
    return coarse(latencies.counts()).flat();
  });

function sumOf(...parts: readonly number[][]): LatencySum {
  const sum = new LatencySum();
  for (const part of parts) sum.add(part);
  return sum;
}

test("a sum of coarse counts tells what a histogram of them does", () => {
  fc.assert(
    fc.property(fc.array(flats, { maxLength: 4 }), (parts) => {
      const histogram = new Latencies();
      for (const part of parts)
        histogram.add(part.flatMap((us, n) => (n % 2 === 0 ? [[us, part[n + 1]!] as [number, number]] : [])));
      expect(sumOf(...parts).summary()).toEqual(histogram.summary());
    }),
  );
});

test("what came since is what was added since", () => {
  fc.assert(
    fc.property(flats, flats, (before, after) => {
      expect(sumOf(before, after).since(sumOf(before)).flat()).toEqual(sumOf(after).flat());
    }),
  );
});
