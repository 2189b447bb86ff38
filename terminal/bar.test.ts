import fc from "fast-check";
import { expect, test } from "vitest";
import { bar, chart } from "./bar.ts";

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

test("a chart has a column a value, gaps for unknown ones, and stays within its height", () => {
  expect(chart([0, 50, 100, 200, Number.NaN, 100], 100, 1)).toEqual(["▁▄██ █"]);
  expect(chart([0, 25, 50, 75, 100, 200], 100, 2)).toEqual(["   ▄██", "▁▄████"]);
  expect(chart([0, 0], 0, 1)).toEqual(["▁▁"]);
});
