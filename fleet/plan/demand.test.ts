import fc from "fast-check";
import { expect, test } from "vitest";
import { coresAt } from "./cost-curve.ts";
import { dearer, groupFor } from "./demand.ts";

/** A microsecond of a core for an event, whatever the rate. */
const LINE = [{ eventsPerSecond: 1_000_000, cores: 1, memoryBytes: 1000 }];

test("as many processes as keep each below the limit, and not one more", () => {
  const demand = { eventsPerSecond: 6_500_000, utilisation: 0.65, coresPerProcess: 1 };
  expect(groupFor(LINE, demand)).toEqual({
    processes: 10,
    eventsPerSecondEach: 650_000,
    coresEach: 0.65,
    cores: 6.5,
    coresToHave: 10,
    memoryBytesEach: 1000,
    memoryBytes: 10_000,
  });
  expect(groupFor(LINE, { ...demand, eventsPerSecond: 6_500_001 }).processes).toBe(11);
});

test("no process of a plan is above the limit, and one fewer would be", () => {
  const curve = fc.constantFrom(LINE, [
    { eventsPerSecond: 1000, cores: 0.1, memoryBytes: 1 },
    { eventsPerSecond: 500_000, cores: 0.5, memoryBytes: 2 },
  ]);
  fc.assert(
    fc.property(
      curve,
      fc.double({ min: 1, max: 1e9, noNaN: true }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 16 }),
      (points, eventsPerSecond, utilisation, coresPerProcess) => {
        const demand = { eventsPerSecond, utilisation, coresPerProcess };
        const group = groupFor(points, demand);
        const limit = utilisation * coresPerProcess * (1 + 1e-6);
        expect(group.coresEach).toBeLessThanOrEqual(limit);
        if (group.processes === 1) return;
        const withFewer = coresAt(points, eventsPerSecond / (group.processes - 1));
        expect(withFewer).toBeGreaterThanOrEqual(utilisation * coresPerProcess * (1 - 1e-6));
      },
    ),
  );
});

test("more processes than it takes are taken as asked for, fewer are not", () => {
  const demand = { eventsPerSecond: 1_000_000, utilisation: 0.5, coresPerProcess: 1 };
  expect(groupFor(LINE, { ...demand, atLeast: 40 })).toMatchObject({
    processes: 40,
    eventsPerSecondEach: 25_000,
  });
  expect(groupFor(LINE, { ...demand, atLeast: 1 }).processes).toBe(2);
});

test("what each event costs on top is in every point", () => {
  expect(dearer(LINE, 1e-6)[0]!.cores).toBe(2);
});
