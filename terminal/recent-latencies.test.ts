import fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies } from "../ledger/latency.ts";
import { percentilesOf, RecentLatencies, tallyOf } from "./recent-latencies.ts";

test("percentiles are those of the ledger's histograms, within half a percent", () => {
  const measured = fc.array(
    fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), { maxLength: 50 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(measured, (processes) => {
      const all = new Latencies();
      const counts = processes.map((latenciesMs) => {
        const own = new Latencies();
        for (const ms of latenciesMs) own.record(ms);
        all.add(own.counts());
        return own.counts();
      });
      const percentiles = percentilesOf([tallyOf(counts)]);
      const { p50, p90, p99, max } = all.summary();
      if (max === 0) expect(percentiles).toEqual({ p50: Number.NaN, p90: Number.NaN, p99: Number.NaN });
      for (const [mine, exact] of [
        [percentiles.p50, p50],
        [percentiles.p90, p90],
        [percentiles.p99, p99],
      ] as const) {
        // Histograms have three digits of their own.
        if (max > 0) expect(Math.abs(mine - exact)).toBeLessThanOrEqual(exact * 0.006);
      }
    }),
  );
});

test("tallies of several signals are taken together", () => {
  const [fast, slow] = [tallyOf([[[1000, 60]]]), tallyOf([[[64_000, 40]]])];
  const { p50, p90 } = percentilesOf([fast, slow]);
  expect([p50, Math.round(p90)]).toEqual([expect.closeTo(1, 2), 64]);
});

test("what is recent never falls below nothing, even when a process and its measurements are gone", () => {
  const recent = new RecentLatencies();
  for (let ms = 2000; ms <= 20_000; ms += 2000) recent.since(ms, tallyOf([[[1000, ms]]]));
  expect(percentilesOf([recent.since(22_000, tallyOf([[[1000, 5]]]))]).p50).toBeNaN();
});
