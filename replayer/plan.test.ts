import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { type PerSignal, SIGNALS } from "../otlp/signal.ts";
import { replayerConfigSchema } from "./config.ts";
import type { FrozenSummary } from "./freeze/frozen-file.ts";
import { meanRate } from "./pace/rate-law.ts";
import { Schedule } from "./pace/schedule.ts";
import { makePlan, type Plan, whyUnlinked } from "./plan.ts";
import { resolveSettings } from "./settings.ts";

type Config = z.input<typeof replayerConfigSchema>;

const settingsOf = (config: Config) => resolveSettings(replayerConfigSchema.parse(config), {});

function summaryOf(signal: FrozenSummary["signal"], items: number, metricNames = 10): FrozenSummary {
  return {
    signal,
    items,
    droppedItems: 0,
    dropped: [],
    traces: signal === "traces" ? Math.ceil(items / 3) : 0,
    lateRoots: 0,
    bodyBytes: 0,
    maxRecordBytes: 64,
    series: items,
    metricNames,
    lifetimeSeconds: null,
    hasDelta: false,
    linked: 0,
  };
}

function summariesOf(items: Partial<PerSignal<number>>): Partial<PerSignal<FrozenSummary>> {
  return Object.fromEntries(
    Object.entries(items).map(([signal, n]) => [signal, summaryOf(signal as never, n!)]),
  );
}

function fleetOf(config: Config, items: Partial<PerSignal<number>>, count: number): Plan[] {
  return Array.from({ length: count }, (_, index) =>
    makePlan(settingsOf(config), summariesOf(items), { index, count }),
  );
}

const plannedItems = (plan: Plan) =>
  SIGNALS.reduce((sum, signal) => sum + (plan.lanes[signal]?.items ?? 0), 0);

/** Items that a fleet asks for within its duration when every request has so many, by the schedules that the plans give. */
function intended(plans: Plan[], durationMs: number, batch: number): number {
  let total = 0;
  for (const { lanes } of plans) {
    for (const lane of Object.values(lanes)) {
      const limits = { durationMs, items: lane.items, endsWithItems: lane.endsWithItems };
      const schedule = new Schedule(lane.law!, limits, Number.POSITIVE_INFINITY);
      while (schedule.nextMomentMs(durationMs) !== Number.POSITIVE_INFINITY) {
        expect(schedule.nextMomentMs(durationMs)).toBeLessThan(durationMs);
        schedule.advance(Math.min(batch, schedule.itemsLeft));
      }
      total += schedule.position;
    }
  }
  return total;
}

const passItems = fc
  .record(
    {
      traces: fc.integer({ min: 1, max: 100_000 }),
      metrics: fc.integer({ min: 1, max: 100_000 }),
      logs: fc.integer({ min: 1, max: 100_000 }),
    },
    { requiredKeys: [] },
  )
  .filter((items) => Object.keys(items).length > 0);
const replicas = fc.integer({ min: 1, max: 12 });

describe("the plans of a fleet", () => {
  test("sum up to the total, to the item, and to the passes", () => {
    fc.assert(
      fc.property(
        passItems,
        replicas,
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.nat(50),
        (items, count, total, passes) => {
          const byTotal = fleetOf({ sending: { total, duration: "0" } }, items, count);
          expect(byTotal.reduce((sum, plan) => sum + plannedItems(plan), 0)).toBe(total);
          const byPasses = fleetOf({ sending: { multiplier: passes + 1, duration: "0" } }, items, count);
          for (const signal of Object.keys(items) as (keyof typeof items)[]) {
            expect(byPasses.reduce((sum, { lanes }) => sum + lanes[signal]!.passes, 0)).toBe(passes + 1);
          }
        },
      ),
    );
  });

  test("ask within a duration for what the rate says, to the item, whatever the requests hold", () => {
    fc.assert(
      fc.property(
        passItems,
        replicas,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(1, 7, 1000),
        (items, count, rate, seconds, batch) => {
          const config = { sending: { rate_limit: { events_per_second: rate }, duration: `${seconds}s` } };
          const plans = fleetOf(config, items, count);
          expect(intended(plans, seconds * 1000, batch)).toBe(rate * seconds);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("share the rate equally, and split it by items a pass so that all signals end a pass together", () => {
    const plans = fleetOf(
      { sending: { rate_limit: { events_per_second: 12_000 } } },
      { traces: 300, metrics: 200, logs: 100 },
      4,
    );
    for (const { lanes, law } of plans) {
      expect(law!.peak).toBe(3000);
      expect(lanes.traces!.law!.peak).toBeCloseTo(1500, 9);
      expect(lanes.metrics!.law!.peak).toBeCloseTo(1000, 9);
      expect(lanes.logs!.law!.peak).toBeCloseTo(500, 9);
    }
  });

  test("give metrics as many instances as keep every series at its interval, and no fewer points than asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 5_000_000 }),
        replicas,
        (items, rate, count) => {
          const [plan] = fleetOf(
            { sending: { rate_limit: { events_per_second: rate } } },
            { metrics: items },
            count,
          );
          const { instances, law } = plan!.lanes.metrics!;
          const periodSeconds = (instances! * items) / law!.peak;
          expect(periodSeconds).toBeGreaterThanOrEqual(10 - 1e-9);
          // One instance less would be too few, unless there is only one.
          if (instances! > 1) expect(((instances! - 1) * items) / law!.peak).toBeLessThan(10);
          else if (periodSeconds > 10.2) expect(plan!.notes.join()).toContain("come around every");
        },
      ),
    );
  });

  test("take shares and rates from a mix, and nothing for a signal that it leaves out", () => {
    const items = { traces: 10, metrics: 10, logs: 10 };
    const [shares] = fleetOf({ sending: { mix: { traces: 3 / 4, logs: 1 / 4 } } }, items, 1);
    expect([shares!.lanes.traces!.law!.peak, shares!.lanes.logs!.law!.peak]).toEqual([7500, 2500]);
    expect(shares!.lanes.metrics).toBeUndefined();
    const [rates] = fleetOf({ sending: { mix: { traces: 30, metrics: 20 } } }, items, 1);
    expect([rates!.law!.peak, rates!.lanes.traces!.law!.peak]).toEqual([50, 30]);
  });

  test("set the rate of points per metric and minute, the rest of the rate going to the others", () => {
    const metrics = { datapoints_per_metric_per_minute: 60 };
    const [plan] = fleetOf(
      { sending: { rate_limit: { events_per_second: 100 } }, metrics },
      { traces: 10, metrics: 20, logs: 30 },
      1,
    );
    expect(plan!.lanes.metrics!.law!.peak).toBeCloseTo(10, 9);
    expect(plan!.lanes.traces!.law!.peak).toBeCloseTo(22.5, 9);
    expect(plan!.lanes.logs!.law!.peak).toBeCloseTo(67.5, 9);
  });

  test.each<[string, Config, RegExp]>([
    [
      "a mix of signals that there are no templates of",
      { sending: { mix: { logs: 1 } } },
      /^sending\.mix: names no signal/,
    ],
    [
      "more points than the rate allows",
      {
        sending: { rate_limit: { events_per_second: 5 } },
        metrics: { datapoints_per_metric_per_minute: 60 },
      },
      /^metrics\.datapoints_per_metric_per_minute: 60 for 10 metrics are 10 events a second, more than sending\.rate_limit \(5\)/,
    ],
  ])("refuse %s", (_, config, message) => {
    const make = () => makePlan(settingsOf(config), summariesOf({ metrics: 5 }), { index: 0, count: 1 });
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "bad_plan" }));
  });

  test.each<[string, Config["sending"], string, number]>([
    ["the duration", { duration: "5s" }, "duration", 5000],
    ["the total", { duration: "10m", total: 20_000 }, "total", 2000],
    ["the passes", { duration: "10m", multiplier: 3 }, "multiplier", 3000],
    ["the duration before the total", { duration: "1s", total: 20_000 }, "duration", 1000],
    ["nothing", { duration: "0" }, "nothing: stop it with Ctrl-C", Number.POSITIVE_INFINITY],
  ])("tell that %s ends the run, and when", (_, sending, endsBy, endMs) => {
    const [plan] = fleetOf({ sending: { ...sending } }, { traces: 5000, logs: 5000 }, 1);
    expect(plan!.endsBy).toBe(endsBy);
    expect(plan!.endMs === endMs || Math.abs(plan!.endMs - endMs) < 1e-6).toBe(true);
  });

  test("end by the law's inverse: a ramp comes to its total later than its last rate would", () => {
    const ramp = { ramp: { over: "10s" } };
    const sending = { rate_limit: { events_per_second: 1000, law: ramp }, duration: "0", total: 5000 };
    const [plan] = fleetOf({ sending }, { traces: 50, logs: 50 }, 1);
    expect([plan!.endsBy, plan!.endMs]).toEqual(["total", 10_000]);
    const stopping = { steps: [{ rate: 100, for: "10s" }, { rate: 0 }] };
    const [never] = fleetOf(
      { sending: { ...sending, rate_limit: { law: stopping } } },
      { traces: 50, logs: 50 },
      1,
    );
    expect([never!.endsBy, never!.endMs]).toEqual([
      "nothing: the rate comes to 0 before the total is reached; stop it with Ctrl-C",
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("give a fleet's law to each replica by its share, the mix's rates being shares then", () => {
    const burst = { normal: 100, peak: 1000, period: "10s", width: "1s" };
    const config = { sending: { rate_limit: { law: { burst } }, mix: { traces: 30, logs: 10 } } };
    const plans = fleetOf(config, { traces: 10, logs: 10 }, 4);
    for (const { lanes, law, notes } of plans) {
      expect(law!.peak).toBe(250);
      expect([lanes.traces!.law!.peak, lanes.logs!.law!.peak]).toEqual([187.5, 62.5]);
      expect([meanRate(law!, 0, 9000), meanRate(law!, 9000, 10_000)]).toEqual([25, 250]);
      expect(notes.join()).toContain("its rates count as shares");
    }
  });

  test("let lanes and replicas take turns: no two begin at one moment, and none later than its turn", () => {
    const sending = { rate_limit: { events_per_second: 1000 } };
    const plans = fleetOf({ sending }, { traces: 60, metrics: 10, logs: 30 }, 10);
    const firsts = plans.flatMap(({ lanes }) => Object.values(lanes).map(({ law }) => law!.momentMs(0)));
    expect(new Set(firsts).size).toBe(30);
    expect(Math.min(...firsts)).toBe(0);
    // Four items a request; the lane with a tenth of the rate has one every 40 ms, over ten replicas every 400 ms.
    expect(Math.max(...firsts)).toBeLessThan(400);
  });

  test("leave the number of random arrivals open, and a total exact", () => {
    const rate_limit = { events_per_second: 100, law: { poisson: true } };
    const [open] = fleetOf({ sending: { rate_limit, duration: "10s" } }, { logs: 5 }, 1);
    expect(open!.lanes.logs).toMatchObject({ items: Number.POSITIVE_INFINITY, endsWithItems: false });
    const [exact] = fleetOf({ sending: { rate_limit, total: 7 } }, { logs: 5 }, 1);
    expect(exact!.lanes.logs).toMatchObject({ items: 7, endsWithItems: true });
  });

  test("name what freezing has dropped", () => {
    const summary = { ...summaryOf("logs", 5), dropped: ["record 3, 5 MB"] };
    expect(makePlan(settingsOf({}), { logs: summary }, { index: 0, count: 1 }).notes).toEqual([
      "logs: dropped record 3, 5 MB",
    ]);
  });
});

test("logs are unlinked without traces, and with a mix", () => {
  expect(whyUnlinked(undefined, true)).toBeUndefined();
  expect(whyUnlinked(undefined, false)).toContain("no traces");
  expect(whyUnlinked({ traces: 1, logs: 1 }, true)).toContain("mix");
});
