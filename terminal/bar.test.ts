import fc from "fast-check";
import { expect, test } from "vitest";
import { bar, sparkline } from "./bar.ts";
import { RateHistory } from "./rate-history.ts";

test.each([
  [0, "", "────"],
  [0.5, "━━", "──"],
  [0.625, "━━╸", "─"],
  [1, "━━━━", ""],
  [7, "━━━━", ""],
  [-1, "", "────"],
  [Number.NaN, "", "────"],
])("a share of %d", (share, filled, rest) => expect(bar(share, 4)).toEqual({ filled, rest }));

test("a bar always has its width", () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 2 }), fc.nat(200), (share, width) => {
      const { filled, rest } = bar(share, width);
      expect(filled.length + rest.length).toBe(width);
    }),
  );
});

test("a sparkline has a column a value, gaps for unknown ones, and stays within its steps", () => {
  expect(sparkline([0, 50, 100, 200, Number.NaN, 100], 100)).toBe("▁▅██ █");
  expect(sparkline([0, 0], 0)).toBe("▁▁");
});

test("a history keeps one rate a second, the latest of each", () => {
  const history = new RateHistory(3);
  for (const [ms, rate] of [
    [0, 1],
    [500, 2],
    [1000, 3],
    [900, 99],
    [2100, 4],
    [3000, 5],
  ] as const) {
    history.add(ms, rate);
  }
  expect(history.rates).toEqual([3, 4, 5]);
});

test("seconds without a sample are gaps, however many", () => {
  const history = new RateHistory(4);
  history.add(0, 1);
  history.add(3000, 2);
  expect(history.rates).toEqual([1, Number.NaN, Number.NaN, 2]);
  history.add(1e9, 3);
  expect(history.rates).toEqual([Number.NaN, Number.NaN, Number.NaN, 3]);
});
