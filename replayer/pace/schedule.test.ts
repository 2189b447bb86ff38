import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant } from "./laws/constant.ts";
import { Schedule } from "./schedule.ts";

const FOREVER = {
  durationMs: Number.POSITIVE_INFINITY,
  items: Number.POSITIVE_INFINITY,
  endsWithItems: true,
};

describe("a constant rate", () => {
  test("is due at the moment that its law says, both ways", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e7, noNaN: true }), fc.nat(1e9), (rate, items) => {
        const law = constant(rate);
        expect(law.dueItems(law.momentMs(items))).toBeCloseTo(items, 3);
      }),
    );
  });

  test("of half an item a second gives ten in twenty seconds", () => {
    const schedule = new Schedule(constant(0.5), { ...FOREVER, durationMs: 20_000 }, 30_000);
    let sent = 0;
    for (let moment = 0; moment !== Number.POSITIVE_INFINITY; moment = schedule.nextMomentMs(moment)) {
      if (sent > 0) expect(moment).toBe(sent * 2000);
      schedule.advance(1);
      sent++;
    }
    expect(sent).toBe(10);
  });
});

describe("a schedule", () => {
  test("sends what is due at any time within one batch, whoever asks how often", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.double({ min: 0.1, max: 500, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (rate, batch, steps) => {
          const law = constant(rate);
          const schedule = new Schedule(law, FOREVER, Number.POSITIVE_INFINITY);
          let now = 0;
          for (const step of steps) {
            now += step;
            while (schedule.nextMomentMs(now) <= now) schedule.advance(batch);
            expect(schedule.position).toBeGreaterThanOrEqual(law.dueItems(now) - 1);
            expect(schedule.position).toBeLessThanOrEqual(law.dueItems(now) + batch);
          }
        },
      ),
    );
  });

  test("gives up what is older than the longest lag, and catches up with the rest", () => {
    const schedule = new Schedule(constant(1000), FOREVER, 2000);
    schedule.giveUpOverdue(1500);
    expect(schedule.unsent).toBe(0);
    schedule.giveUpOverdue(5000);
    expect(schedule.unsent).toBe(3000);
    expect([schedule.wasTooLate, schedule.wasLeftOver]).toEqual([true, false]);
    expect(schedule.nextMomentMs(5000)).toBe(3000);
  });

  test("that ends early asks for nothing beyond that moment", () => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, durationMs: 60_000 }, 30_000);
    schedule.advance(400);
    schedule.finish(1000);
    expect([schedule.position, schedule.unsent]).toEqual([1000, 600]);
    expect([schedule.wasTooLate, schedule.wasLeftOver]).toEqual([false, true]);
  });

  test("is over with its duration: what is a little late may still leave, a backlog is unsent", () => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, durationMs: 10_000 }, 30_000);
    schedule.advance(4000);
    expect(schedule.nextMomentMs(10_900)).toBe(4000);
    expect(schedule.nextMomentMs(11_001)).toBe(Number.POSITIVE_INFINITY);
    schedule.finish(11_001);
    expect([schedule.position, schedule.unsent]).toEqual([10_000, 6000]);
  });

  test("never goes past its number of items, sent and given up together", () => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, items: 2500 }, 1000);
    schedule.advance(1000);
    schedule.giveUpOverdue(60_000);
    expect([schedule.position, schedule.unsent, schedule.itemsLeft]).toEqual([2500, 1500, 0]);
    expect(schedule.nextMomentMs(60_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test("without a law is due at once, until its duration is over", () => {
    const schedule = new Schedule(undefined, { ...FOREVER, durationMs: 1000 }, 30_000);
    expect(schedule.nextMomentMs(999)).toBe(999);
    expect(schedule.nextMomentMs(1000)).toBe(Number.POSITIVE_INFINITY);
    schedule.finish(1000);
    expect(schedule.unsent).toBe(0);
  });

  test("that goes on where another stopped is behind by what was due since, and counts its own items only", () => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, items: 5000 }, 30_000, 1200);
    expect([schedule.nextMomentMs(2000), schedule.lagMs(2000), schedule.passed]).toEqual([1200, 800, 0]);
    schedule.advance(300);
    expect([schedule.passed, schedule.position, schedule.itemsLeft]).toEqual([300, 1500, 3500]);
  });

  test.each([
    ["all of its items", { items: 5000 }, 3800],
    ["what its duration asks for", { durationMs: 4000 }, 2800],
    ["what is due, without an end", {}, 800],
  ])("that nobody goes on with gives up %s", (_, limits, unsent) => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, ...limits }, 30_000, 1200);
    schedule.abandon(2000);
    expect(schedule.unsent).toBe(unsent);
  });

  test("without a law that nobody goes on with gives up its items too", () => {
    const schedule = new Schedule(undefined, { ...FOREVER, items: 5000 }, 30_000);
    schedule.abandon(2000);
    expect(schedule.unsent).toBe(5000);
  });
});
