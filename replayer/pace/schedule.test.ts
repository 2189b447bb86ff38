import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant } from "./laws/constant.ts";
import { shareOf } from "./laws/share-of.ts";
import { since } from "./laws/since.ts";
import { sine } from "./laws/sine.ts";
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

/** The constant rate of a fleet, from so many replicas to so many. */
const ofCount = (rate: number, before: number, count: number) => ({
  lawFrom: () => shareOf(constant(rate), 1 / count),
  restFactor: before / count,
});
const asBefore = (rate: number) => ({ lawFrom: () => constant(rate), restFactor: 1 });

describe("a schedule that is told another law", () => {
  test("keeps what was due, goes on by the new law, and asks for as much in all as its duration holds of both", () => {
    const schedule = new Schedule(
      constant(1000),
      { durationMs: 10_000, items: 10_000, endsWithItems: false },
      30_000,
    );
    schedule.advance(3500);
    schedule.turn(asBefore(100), 4000);
    // 500 are owed, since 3.5 s.
    expect([schedule.nextMomentMs(4000), schedule.lagMs(4000)]).toEqual([3500, 500]);
    schedule.advance(501);
    expect([schedule.nextMomentMs(4000), schedule.itemsLeft]).toEqual([4010, 599]);
  });

  test("divides what is left of a total anew, and is over with the last of it", () => {
    const schedule = new Schedule(constant(1000), { ...FOREVER, items: 5000 }, 30_000);
    schedule.advance(2000);
    // From one of four to one of two: twice as much of the rest is its own.
    schedule.turn(ofCount(4000, 4, 2), 2000);
    expect(schedule.itemsLeft).toBe(6000);
    schedule.advance(6000);
    expect([schedule.nextMomentMs(5000), schedule.endMs]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });

  test("that will not come to its total any more ends with its duration, and owes nothing of the rest", () => {
    const schedule = new Schedule(
      constant(1000),
      { durationMs: 10_000, items: 5000, endsWithItems: true },
      30_000,
    );
    schedule.advance(1000);
    schedule.turn(asBefore(10), 1000);
    schedule.advance(90);
    schedule.finish(10_000);
    expect([schedule.position, schedule.unsent]).toEqual([1090, 0]);
  });

  test("comes to its total where the duration would have come first", () => {
    const limits = { durationMs: 10_000, items: 1000, endsWithItems: false, totalItems: 5000 };
    const schedule = new Schedule(constant(100), limits, 30_000);
    schedule.advance(100);
    schedule.turn(asBefore(10_000), 1000);
    expect([schedule.itemsLeft, schedule.endMs]).toEqual([4900, 10_000]);
    schedule.advance(4900);
    expect(schedule.endMs).toBe(0);
  });

  test("goes from a law to none and back without owing anything for the time between", () => {
    const schedule = new Schedule(constant(1000), FOREVER, 30_000);
    schedule.advance(500);
    schedule.turn({ lawFrom: () => undefined, restFactor: 1 }, 1000);
    expect(schedule.nextMomentMs(1234)).toBe(1234);
    schedule.advance(50_000);
    schedule.turn(asBefore(10), 60_000);
    expect([schedule.nextMomentMs(60_000), schedule.lagMs(60_000)]).toEqual([60_000, 0]);
    schedule.advance(1);
    expect(schedule.nextMomentMs(60_000)).toBe(60_100);
  });
});

describe("a paused schedule", () => {
  test("has nothing due, and afterwards goes on as far behind as it was", () => {
    const schedule = new Schedule(constant(1000), FOREVER, 2000);
    schedule.advance(500);
    schedule.pause(1000);
    expect([schedule.nextMomentMs(90_000), schedule.lagMs(90_000), schedule.rateAt(90_000)]).toEqual([
      Number.POSITIVE_INFINITY,
      0,
      0,
    ]);
    schedule.resume(101_000);
    expect([schedule.nextMomentMs(101_000), schedule.lagMs(101_000)]).toEqual([100_500, 500]);
    schedule.giveUpOverdue(101_000);
    expect(schedule.unsent).toBe(0);
    schedule.advance(500);
    expect(schedule.nextMomentMs(101_000)).toBe(101_000);
  });

  test("asks for less within its duration, which goes on", () => {
    const schedule = new Schedule(
      constant(1000),
      { durationMs: 10_000, items: 10_000, endsWithItems: false },
      30_000,
    );
    schedule.advance(1000);
    schedule.pause(1000);
    schedule.resume(4000);
    expect(schedule.itemsLeft).toBe(6000);
    schedule.advance(5999);
    expect(schedule.nextMomentMs(9998)).toBe(9999);
  });

  test("that is paused when its duration is over owes nothing", () => {
    const schedule = new Schedule(
      constant(1000),
      { durationMs: 10_000, items: 10_000, endsWithItems: false },
      30_000,
    );
    schedule.advance(1000);
    schedule.pause(1000);
    schedule.finish(10_000);
    expect([schedule.unsent, schedule.position]).toEqual([0, 1000]);
  });

  test("has a law whose own time stands still: a sine goes on where it was", () => {
    const wave = sine({ normal: 0, peak: 2000, periodMs: 10_000 });
    const schedule = new Schedule(wave, FOREVER, 30_000);
    schedule.pause(5000);
    schedule.resume(8000);
    schedule.turn({ lawFrom: (lawMs) => since(wave, lawMs), restFactor: 1 }, 9000);
    expect(schedule.rateAt(9000)).toBeCloseTo(wave.rateAt(6000), 6);
  });
});

/** What somebody tells a fleet after some time. */
const word = fc.record({
  afterMs: fc.integer({ min: 0, max: 1500 }),
  rate: fc.option(fc.integer({ min: 100, max: 200_000 })),
  count: fc.option(fc.integer({ min: 1, max: 40 })),
  isPaused: fc.option(fc.boolean()),
});

describe("replicas that are told the same", () => {
  const BATCH = 5;

  test("send the fleet's rate together, whatever they were told before, and never in a burst", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(word, { maxLength: 5 }), (first, words) => {
        let [rate, count, isPaused] = [10_000, first, false];
        const fleet = Array.from({ length: first }, () => scheduleOf(rate, first));
        let now = 0;
        // A replica that sends as soon as it may, and looks every 5 ms.
        const run = (forMs: number): void => {
          const counted = () => fleet.reduce((sum, { position }) => sum + position, 0);
          const shares = fleet.length / count;
          for (let slice = 0; slice < forMs / 100; slice++) {
            const before = counted();
            for (let step = 0; step < 20; step++) {
              now += 5;
              for (const one of fleet) send(one, now);
            }
            // Nobody is ahead by more than a request, before or after it.
            const asked = isPaused ? 0 : (rate * shares) / 10;
            expect(Math.abs(counted() - before - asked)).toBeLessThanOrEqual(
              (BATCH + 1) * fleet.length + rate / 100,
            );
          }
        };
        run(200);
        for (const next of [...words, { afterMs: 0, rate: null, count: null, isPaused: false }]) {
          run(next.afterMs);
          const before = { rate, count };
          rate = next.rate ?? rate;
          count = next.count ?? count;
          isPaused = next.isPaused ?? isPaused;
          for (const one of fleet) {
            if (rate !== before.rate || count !== before.count)
              one.turn(ofCount(rate, before.count, count), now);
            if (isPaused) one.pause(now);
            else one.resume(now);
          }
        }
        // The sum of those that are there is the fleet's rate for as long as one likes, to a request of each.
        const from = fleet.reduce((sum, { position }) => sum + position, 0);
        const began = now;
        run(2000);
        const sent = fleet.reduce((sum, { position }) => sum + position, 0) - from;
        const asked = (rate * fleet.length * (now - began)) / 1000 / count;
        expect(Math.abs(sent - asked)).toBeLessThanOrEqual((BATCH + 1) * fleet.length + rate / 100);
      }),
      { numRuns: 60 },
    );
  });

  const scheduleOf = (rate: number, count: number) =>
    new Schedule(shareOf(constant(rate), 1 / count), FOREVER, 30_000);
  function send(schedule: Schedule, now: number): void {
    while (schedule.nextMomentMs(now) <= now) schedule.advance(BATCH);
  }

  test("have as much left of a total together as before, to half an item each, however often it is divided anew", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 1_000_000 }),
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 40 }), afterMs: fc.nat(3000) }), {
          maxLength: 8,
        }),
        (total, changes) => {
          const RATE = 50_000;
          // As one of `count` that are all alike: what it has left stands for a part of what all have.
          let count = 10;
          const schedule = new Schedule(
            shareOf(constant(RATE), 1 / count),
            { ...FOREVER, items: total / count },
            1e9,
          );
          let now = 0;
          let left = total;
          for (const change of changes) {
            const step = Math.min(change.afterMs, (left / RATE) * 1000);
            now += step;
            left -= (RATE * step) / 1000;
            while (schedule.nextMomentMs(now) <= now - 1e-6) schedule.advance(1);
            schedule.turn(ofCount(RATE, count, change.count), now);
            count = change.count;
            expect(Math.abs(schedule.itemsLeft - left / count)).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("a schedule that goes on by another's state is due when that one would have been", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.nat(20_000), (words, laterMs) => {
      const limits = { durationMs: 60_000, items: 60_000, endsWithItems: false };
      const first = new Schedule(constant(1000), limits, 30_000);
      let [now, rate, count] = [0, 1000, 1];
      for (const next of words) {
        now += next.afterMs;
        for (let sends = 0; sends < 100 && first.nextMomentMs(now) <= now; sends++) first.advance(3);
        const before = { rate, count };
        rate = next.rate ?? rate;
        count = next.count ?? count;
        if (rate !== before.rate || count !== before.count)
          first.turn(ofCount(rate, before.count, count), now);
        if (next.isPaused) first.pause(now);
        else first.resume(now);
      }
      const second = new Schedule(constant(1000), limits, 30_000, first.position);
      second.restore(first.state, () => shareOf(constant(rate), 1 / count));
      now += laterMs;
      const seen = (one: Schedule) => [
        one.nextMomentMs(now),
        one.itemsLeft,
        one.endMs,
        one.isPaused,
        one.rateAt(now),
      ];
      expect(seen(second)).toEqual(seen(first));
    }),
  );
});
