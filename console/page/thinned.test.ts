import fc from "fast-check";
import { expect, test } from "vitest";
import { stepFor, thinned } from "./thinned.ts";

const minutes = (count: number) =>
  Array.from({ length: count * 60 }, (_, index) => 1_800_000_000 + index + 1);

test("a step is as short as the room allows", () => {
  expect([60, 600, 1200, 86_400].map((span) => stepFor(span, 250))).toEqual([1, 5, 5, 600]);
});

test("steps of one second change nothing", () => {
  const times = minutes(2);
  const values = times.map((_, index) => (index % 7 === 0 ? null : index));
  expect(thinned(times, [values], 1, "highest")).toEqual({ times, columns: [values] });
});

test("a step has the mean or the highest of what is known in it", () => {
  const times = minutes(1).slice(0, 10);
  const values = [1, null, 3, 4, 12, null, null, null, null, null];
  expect(thinned(times, [values], 5, "mean")).toEqual({ times: [times[4], times[9]], columns: [[5, null]] });
  expect(thinned(times, [values], 5, "highest").columns).toEqual([[12, null]]);
});

test("steps stay where they are when time goes on, and none is empty", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.constantFrom(2, 5, 30), (passed, step) => {
      const times = minutes(5);
      const before = thinned(times.slice(0, -passed), [times.slice(0, -passed)], step, "mean").times;
      const after = thinned(times.slice(passed), [times.slice(passed)], step, "mean");
      expect(after.columns[0]).not.toContain(null);
      // But for the step that begins or ends with the range.
      const inner = before.slice(0, -1).filter((time) => time > times[passed]! + step);
      expect(after.times).toEqual(expect.arrayContaining(inner));
    }),
  );
});
