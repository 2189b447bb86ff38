import { describe, expect, test } from "vitest";
import type { Counter } from "../ledger/counts.ts";
import { Latencies } from "../ledger/latency.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { countsOf, testSnapshot } from "../ledger/test-snapshot.ts";
import { perSignal } from "../otlp/signal.ts";
import { type RunPlan, Sampler } from "./sampler.ts";

const PLAN: RunPlan = {
  signals: ["logs"],
  plannedRate: () => 1000,
  endMs: 10_000,
  endsBy: "duration",
  items: Number.POSITIVE_INFINITY,
};

function snapshot(
  elapsedMs: number,
  counts: Partial<Record<Counter, number>>,
  more: Partial<Snapshot> & { latenciesMs?: number[] } = {},
): Snapshot {
  const { latenciesMs = [], ...fields } = more;
  const latencies = new Latencies();
  for (const ms of latenciesMs) latencies.record(ms);
  return testSnapshot({
    elapsedMs,
    counts: perSignal((signal) => countsOf(signal === "logs" ? counts : {})),
    latencies: perSignal((signal) => (signal === "logs" ? latencies.counts() : [])),
    lagMs: 3,
    worstLagMs: 1200,
    inFlight: 2,
    rssBytes: 70e6,
    maxRssBytes: 90e6,
    incarnations: ["0123456789ab"],
    ...fields,
  });
}

const other = { incarnations: ["ba9876543210"] };

describe("rates", () => {
  test("are those of about the last second, CPU and wire too", () => {
    const sampler = new Sampler(PLAN);
    for (let ms = 500; ms <= 2500; ms += 500) sampler.sample([snapshot(ms, { sent: ms })], 1);
    const at = snapshot(3000, { sent: 3500, wireBytes: 5000, retriedRequests: 1 }, { cpuSeconds: 0.5 });
    const sample = sampler.sample([at], 1);
    expect(sample).toMatchObject({ elapsedMs: 3000, remainingMs: 7000, share: 0.3, cpuShare: 0.5, lagMs: 3 });
    expect(sample.total).toMatchObject({ rate: 1500, wireRate: 5000, sent: 3500, retriedRequests: 1 });
    expect(sample.signals).toEqual({ logs: sample.total });
  });

  test("of several processes are measured by the clock of each, however late their snapshots come", () => {
    const sampler = new Sampler(PLAN);
    const [a, b] = [
      (ms: number) => snapshot(ms, { sent: ms }),
      (ms: number) => snapshot(ms, { sent: 2 * ms }, other),
    ];
    for (let ms = 500; ms <= 5000; ms += 500) {
      // The second one's snapshots are those of before, every other time.
      const sample = sampler.sample([a(ms), b(ms - (ms % 1000 === 0 ? 490 : 10))], 2);
      expect(sample.total.rate).toBeCloseTo(3000, 6);
    }
  });

  test("of a process that has fallen silent are zero after a while", () => {
    const sampler = new Sampler(PLAN);
    const silent = snapshot(1000, { sent: 1000 }, other);
    const rateAt = (ms: number) => sampler.sample([snapshot(ms, { sent: ms }), silent], 2).total.rate;
    for (let ms = 500; ms <= 3500; ms += 500) expect(rateAt(ms)).toBeCloseTo(2000, 6);
    for (let ms = 4500; ms <= 6000; ms += 500) expect(rateAt(ms)).toBeCloseTo(1000, 6);
  });

  test("of errors and addresses are told too, and never negative", () => {
    const sampler = new Sampler(PLAN);
    const at = (ms: number, count: number) =>
      snapshot(
        ms,
        {},
        {
          answers: [{ code: "503", count, message: "busy" }],
          targets: { "b:1": { requests: count, accepted: 0, rejected: 0, failed: count, inDoubt: 0 } },
        },
      );
    for (let second = 1; second < 8; second++) sampler.sample([at(second * 1000, second * 2)], 1);
    const sample = sampler.sample([at(8000, 18)], 1);
    expect(sample.errors).toEqual([{ code: "503", count: 18, message: "busy", perSecond: 2.4 }]);
    expect(sample.targets).toMatchObject([{ address: "b:1", requestRate: 4, failed: 18 }]);
    expect(sampler.sample([at(9000, 0)], 1).errors[0]?.perSecond).toBe(0);
  });

  test("at the very start are zero, and there is no latency, rather than infinite ones", () => {
    const sample = new Sampler(PLAN).sample([snapshot(0, {})], 1);
    expect(sample.total.rate).toBe(0);
    expect(sample.total.recentMs).toEqual({ p50: Number.NaN, p90: Number.NaN, p99: Number.NaN });
  });
});

test("latencies are those of the last ten seconds, and of the run", () => {
  const sampler = new Sampler(PLAN);
  const slow = Array.from({ length: 100 }, () => 900);
  const fast: number[] = [];
  const seen: number[] = [];
  for (let second = 1; second <= 20; second++) {
    fast.push(2);
    const measured = second < 5 ? slow : [...slow, ...fast];
    const at = snapshot(second * 1000, {}, { latenciesMs: measured });
    seen.push(Math.round(sampler.sample([at], 1).total.recentMs.p99));
  }
  expect(seen[3]).toBeCloseTo(900, -1);
  expect(seen.at(-1)).toBeCloseTo(2, 1);
  const last = sampler.sample([snapshot(21_000, {}, { latenciesMs: [...slow, ...fast] })], 1);
  expect(last.total.runMs.p99).toBeCloseTo(900, -1);
});

describe("what is left", () => {
  test("goes by the items where the plan does not know its end", () => {
    const sampler = new Sampler({ ...PLAN, endMs: Number.POSITIVE_INFINITY, items: 4000 });
    expect(sampler.sample([snapshot(2000, { intended: 1000 })], 1)).toMatchObject({
      share: 0.25,
      remainingMs: 6000,
    });
  });

  test("is not told where nobody knows", () => {
    const sample = new Sampler({ ...PLAN, endMs: Number.POSITIVE_INFINITY }).sample([snapshot(2000, {})], 1);
    expect(sample).not.toHaveProperty("share");
    expect(sample).not.toHaveProperty("remainingMs");
  });
});

test("the last sample has the means of the whole run", () => {
  const sampler = new Sampler(PLAN);
  sampler.sample([snapshot(1000, { sent: 5000 })], 2);
  const ends = [snapshot(9000, { sent: 5000 }), snapshot(10_000, { sent: 5000 }, other)];
  const last = sampler.lastSample(ends);
  expect(last).toMatchObject({ isOver: true, elapsedMs: 10_000, targetRate: 1000, share: 1, processes: 2 });
  expect(last.total.rate).toBe(1000);
  expect(last).not.toHaveProperty("remainingMs");
});
