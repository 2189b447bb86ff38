import fc from "fast-check";
import { expect, test } from "vitest";
import { HistorySteps, latencyOf, MOST_STEPS, type Step } from "./history-steps.ts";

/** What differs between the steps of a test. */
interface Second {
  sent: number;
  stepMs: number;
  latencyUs: number;
  queued: number | null;
  code: string;
}

function stepsOf(seconds: readonly Second[]): Step[] {
  let atMs = 1_000_000;
  return seconds.map(({ sent, stepMs, latencyUs, queued, code }, n) => {
    atMs += stepMs;
    const flat = sent > 0 ? [latencyUs, sent] : [];
    const zero = { intended: 0, unsent: 0, dropped: 0, accepted: 0, rejected: 0, failed: 0, inDoubt: 0 };
    const requests = { requests: 0, retriedRequests: 0, bodyBytes: 0, wireBytes: 0 };
    return {
      seconds: 1,
      latencyUs: { logs: flat },
      point: {
        id: n + 1,
        atMs,
        stepMs,
        plannedPerSecond: sent,
        signals: { logs: { ...zero, ...requests, sent, latencyMs: latencyOf(flat) } },
        latencyMs: latencyOf(flat),
        answers: { [code]: 1 },
        replicas: { running: n, paused: 0, ended: 0, lost: 0 },
        lagMs: sent,
        cores: sent,
        rssBytes: sent,
        collectors:
          queued === null
            ? null
            : {
                ...{ up: 1, gone: 0, accepted: sent, refused: 0, exported: 0, failed: 0, notQueued: 0 },
                ...{ queued, queueCapacity: null, cores: null, rssBytes: null },
              },
        received: null,
      },
    };
  });
}

const second = fc.record<Second>({
  sent: fc.nat(1000),
  stepMs: fc.integer({ min: 1, max: 3000 }),
  latencyUs: fc.constantFrom(1023, 2047, 65_535),
  queued: fc.option(fc.nat(50)),
  code: fc.constantFrom("timeout", "HTTP 503", "constructor", "__proto__"),
});
/** Histories up to some hours. */
const histories = fc
  .record({
    some: fc.array(second, { minLength: 1, maxLength: 40 }),
    count: fc.integer({ min: 1, max: 9000 }),
  })
  .map(({ some, count }) => stepsOf(Array.from({ length: count }, (_, n) => some[n % some.length]!)));

function kept(all: readonly Step[]): HistorySteps {
  const steps = new HistorySteps();
  for (const step of all) steps.append(step);
  return steps;
}

const total = (steps: readonly Step[], of: (step: Step) => number) =>
  steps.reduce((sum, step) => sum + of(step), 0);

test("however long it lasts, there are 1,200 points at most, without holes, and the latest ten minutes as they came", () => {
  fc.assert(
    fc.property(histories, (all) => {
      const steps = kept(all).all();
      expect(steps.length).toBeLessThanOrEqual(2 * MOST_STEPS);
      for (const [n, { point }] of steps.entries()) {
        if (n > 0) expect(point.atMs - point.stepMs).toBe(steps[n - 1]!.point.atMs);
      }
      expect(steps[0]!.point.atMs - steps[0]!.point.stepMs).toBe(1_000_000);
      expect(steps.slice(-MOST_STEPS)).toEqual(all.slice(-MOST_STEPS));
    }),
    { numRuns: 25 },
  );
});

test("merging loses no item, no answer and no latency", () => {
  fc.assert(
    fc.property(histories, (all) => {
      const steps = kept(all).all();
      const sums: ((step: Step) => number)[] = [
        ({ point }) => point.signals.logs!.sent,
        ({ point }) => point.collectors?.accepted ?? 0,
        ({ seconds }) => seconds,
        ({ point }) => Object.values(point.answers).reduce((sum, count) => sum + count, 0),
        ({ latencyUs }) => latencyUs.logs!.reduce((sum, count, n) => sum + (n % 2 === 1 ? count : 0), 0),
      ];
      for (const of of sums) expect(total(steps, of)).toBe(total(all, of));
      const queues = (some: readonly Step[]) =>
        Math.max(...some.map(({ point }) => point.collectors?.queued ?? 0));
      expect(queues(steps)).toBe(queues(all));
    }),
    { numRuns: 25 },
  );
});

test("a merged point has the percentiles of all its latencies, and means weighed by time", () => {
  const quiet = { stepMs: 1000, queued: 1, code: "x" };
  const history = Array.from({ length: 3 * MOST_STEPS }, (_, n) =>
    n % 2 === 0 ? { ...quiet, sent: 90, latencyUs: 1023 } : { ...quiet, sent: 10, latencyUs: 65_535 },
  );
  const merged = kept(stepsOf(history))
    .all()
    .find(({ seconds }) => seconds === 2)!;
  expect(merged.point).toMatchObject({
    stepMs: 2000,
    plannedPerSecond: 50,
    cores: 50,
    lagMs: 90,
    answers: { x: 2 },
    latencyMs: { p50: 1.023, p90: 1.023, p99: 65.535, max: 65.535 },
  });
});

test("what is written down and read again is the same history", () => {
  fc.assert(
    fc.property(histories, (all) => {
      const steps = kept(all);
      expect(kept(JSON.parse(JSON.stringify(steps.all()))).all()).toEqual(
        JSON.parse(JSON.stringify(steps.all())),
      );
    }),
    { numRuns: 25 },
  );
});

test("the points after one are told as they came, or it is said that they are not known", () => {
  fc.assert(
    fc.property(histories, fc.nat(9100), (all, id) => {
      const points = kept(all).since(id);
      const isKnown = id <= all.length && id >= all.length - MOST_STEPS;
      expect(points).toEqual(isKnown ? all.slice(id).map(({ point }) => point) : undefined);
    }),
    { numRuns: 50 },
  );
  expect(new HistorySteps().since(0)).toBeUndefined();
});

test("no latencies are no percentiles, and several signals have those of all together", () => {
  expect(latencyOf([], [])).toBeNull();
  expect(latencyOf([1000, 1], [2000, 1, 3000, 1])).toEqual({ p50: 2, p90: 3, p99: 3, max: 3 });
});
