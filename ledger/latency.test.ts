import fc from "fast-check";
import { expect, test } from "vitest";
import { coarse, Latencies } from "./latency.ts";

const latenciesMs = fc.array(fc.double({ min: 0, max: 5_000_000, noNaN: true }), { maxLength: 200 });

function measured(all: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const ms of all) latencies.record(ms);
  return latencies;
}

test("counts ascend, hold each latency once, and tell it to three digits", () => {
  fc.assert(
    fc.property(latenciesMs, (all) => {
      const counts = measured(all).counts();
      const told = counts.flatMap(([us, count]) => Array.from({ length: count }, () => us));
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(new Set(counts.map(([us]) => us)).size).toBe(counts.length);
      const sorted = all.map((ms) => Math.min(3_600_000_000, Math.max(1, Math.round(ms * 1000))));
      sorted.sort((a, b) => a - b);
      expect(told).toHaveLength(sorted.length);
      sorted.forEach((us, index) => {
        expect(told[index]).toBeGreaterThanOrEqual(us);
        expect(told[index]).toBeLessThanOrEqual(us * 1.001 + 1);
      });
    }),
  );
});

test("what several have measured is what one would have", () => {
  fc.assert(
    fc.property(latenciesMs, latenciesMs, (one, other) => {
      const sum = new Latencies();
      sum.add(measured(one).counts());
      sum.add(measured(other).counts());
      expect(sum.counts()).toEqual(measured([...one, ...other]).counts());
    }),
  );
});

test("coarse counts are few, lose no measurement, and are off by no more than a sixteenth", () => {
  fc.assert(
    fc.property(latenciesMs, (values) => {
      const fine = measured(values).counts();
      const few = coarse(fine);
      expect(few.reduce((sum, [, count]) => sum + count, 0)).toBe(values.length);
      expect(few.length).toBeLessThanOrEqual(500);
      const highest = fine.at(-1)?.[0] ?? 0;
      expect(few.at(-1)?.[0] ?? 0).toBeGreaterThanOrEqual(highest);
      expect(few.at(-1)?.[0] ?? 0).toBeLessThanOrEqual(highest * 1.0625);
    }),
  );
});

test("what is coarse stays so, also through a histogram, and merged parts are the coarse whole", () => {
  fc.assert(
    fc.property(latenciesMs, latenciesMs, (one, other) => {
      const [a, b] = [coarse(measured(one).counts()), coarse(measured(other).counts())];
      expect(coarse(a)).toEqual(a);
      const merged = new Latencies();
      merged.add(a);
      merged.add(b);
      expect(coarse(merged.counts())).toEqual(coarse(measured([...one, ...other]).counts()));
    }),
  );
});
