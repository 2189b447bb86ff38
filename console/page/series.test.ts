import fc from "fast-check";
import { expect, test } from "vitest";
import { pointWith } from "../test-run.ts";
import {
  errorColumns,
  latencyColumns,
  MAX_KINDS,
  OTHER_KINDS,
  pointsSince,
  rateColumns,
  stacked,
} from "./series.ts";

test("points since a moment are those that ended after it", () => {
  const points = [1, 2, 3, 4].map((id) => pointWith(id));
  expect(pointsSince(points, 2000).map(({ id }) => id)).toEqual([3, 4]);
  expect(pointsSince(points, Number.NEGATIVE_INFINITY)).toBe(points);
  expect(pointsSince(points, 9000)).toEqual([]);
});

test("counts of a step become rates, however long it is", () => {
  const points = [pointWith(1, { sent: 100 }), pointWith(5, { sent: 800 }, { stepMs: 4000 })];
  expect(rateColumns(points)).toEqual({
    times: [1, 5],
    planned: [100, 100],
    sent: [{ signal: "traces", values: [100, 200] }],
  });
});

test("a stack ends at the sum of its columns", () => {
  const columns = fc.integer({ min: 1, max: 9 }).chain((length) =>
    fc.array(fc.array(fc.option(fc.nat(1000)), { minLength: length, maxLength: length }), {
      minLength: 1,
      maxLength: 5,
    }),
  );
  fc.assert(
    fc.property(columns, (given) => {
      const top = stacked(given).at(-1)!;
      expect(top).toEqual(
        given[0]!.map((_, at) => given.reduce((sum, column) => sum + (column[at] ?? 0), 0)),
      );
    }),
  );
});

test("where nothing was answered a latency has a gap, and none is zero on a logarithmic axis", () => {
  const points = [pointWith(1), pointWith(2, {}, { latencyMs: { p50: 0, p90: 2, p99: 3, max: 4 } })];
  expect(latencyColumns(points).values).toEqual([
    [null, 0.05],
    [null, 2],
    [null, 3],
  ]);
});

test("kinds of errors add up to all errors, and keep the places that they had", () => {
  const answers = fc.dictionary(fc.constantFrom(..."abcdefghij"), fc.nat(100), { maxKeys: 10 });
  fc.assert(
    fc.property(fc.array(answers, { minLength: 1, maxLength: 8 }), (given) => {
      const points = given.map((one, id) => pointWith(id, {}, { answers: one }));
      const known: string[] = [];
      for (let seen = 1; seen <= points.length; seen++) {
        const before = [...known];
        const { kinds } = errorColumns(points.slice(0, seen), known);
        expect(known.slice(0, before.length)).toEqual(before);
        expect(kinds.length).toBeLessThanOrEqual(MAX_KINDS + 1);
        for (let at = 0; at < seen; at++)
          expect(kinds.reduce((sum, { values }) => sum + values[at]!, 0)).toBeCloseTo(
            Object.values(given[at]!).reduce((sum, count) => sum + count, 0),
          );
      }
    }),
  );
});

test("kinds beyond the first five are one", () => {
  const answers = Object.fromEntries([..."abcdefg"].map((name, index) => [name, 100 - index]));
  const { kinds } = errorColumns([pointWith(1, {}, { answers })], []);
  expect(kinds.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", OTHER_KINDS]);
});

test.each(["constructor", "__proto__", "toString"])(
  "a kind of errors that is called %s is one like any other",
  (name) => {
    const points = [
      pointWith(1, {}, { answers: Object.fromEntries([[name, 4]]) }),
      pointWith(2, {}, { answers: { 503: 1 } }),
    ];
    expect(errorColumns(points, []).kinds).toMatchObject([
      { name, values: [4, 0] },
      { name: "503", values: [0, 1] },
    ]);
  },
);
