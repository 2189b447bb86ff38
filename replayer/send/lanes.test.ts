import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lanesEndMs, lanesLagMs, mostOverdue } from "./lanes.ts";

/** A lane as it stands at one moment. Few different numbers, so that lanes are often equal. */
const lane = fc
  .record({
    isDone: fc.boolean(),
    progress: fc.integer({ min: 0, max: 3 }),
    moment: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
    lag: fc.integer({ min: 0, max: 3 }),
    endMs: fc.constantFrom(5, 6, Number.POSITIVE_INFINITY),
  })
  .map(({ isDone, progress, moment, lag, endMs }) => ({
    isDone,
    progress,
    schedule: { nextMomentMs: () => moment, lagMs: () => lag, endMs },
  }));
const lanes = fc.array(lane, { maxLength: 4 });

describe("of several lanes", () => {
  test("the one that is due first goes on, of equal ones that which is furthest behind in its pass", () => {
    fc.assert(
      fc.property(lanes, (all) => {
        const momentOf = (one: (typeof all)[number]) => one.schedule.nextMomentMs();
        const [first] = all
          .filter((one) => !one.isDone && momentOf(one) < Number.POSITIVE_INFINITY)
          .toSorted((a, b) => momentOf(a) - momentOf(b) || a.progress - b.progress);
        expect(mostOverdue(all, 0)).toBe(first);
      }),
    );
  });

  test("those that are done neither hold up the end nor lag", () => {
    fc.assert(
      fc.property(lanes, (all) => {
        const open = all.filter(({ isDone }) => !isDone);
        expect(lanesEndMs(all)).toBe(Math.max(0, ...open.map(({ schedule }) => schedule.endMs)));
        expect(lanesLagMs(all, 0)).toBe(Math.max(0, ...open.map(({ schedule }) => schedule.lagMs())));
      }),
    );
  });
});
