import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes, clock, grouped, milliseconds, si } from "./figures.ts";

test.each([
  [0, "0"],
  [7, "7"],
  [4.256, "4.26"],
  [42.04, "42.0"],
  [999, "999"],
  [999.6, "1.00 k"],
  [1000, "1.00 k"],
  [998_234, "998 k"],
  [999_499, "999 k"],
  [999_500, "1.00 M"],
  [1_020_000, "1.02 M"],
  [15_000_000, "15.0 M"],
  [2.5e15, "2500 T"],
  [Number.NaN, "-"],
])("%d reads %s", (value, text) => expect(si(value)).toBe(text));

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [21_508_200, "21,508,200"],
  [-1234, "-1,234"],
  [Number.NaN, "-"],
])("count %d reads %s", (value, text) => expect(grouped(value)).toBe(text));

test.each([
  [0, "0 B"],
  [460, "460 B"],
  [71_300_000, "71.3 MB"],
])("%d bytes read %s", (value, text) => expect(bytes(value)).toBe(text));

test.each([
  [0, "0 ms"],
  [0.001, "0 ms"],
  [0.04, "0.04 ms"],
  [3.21, "3.21 ms"],
  [41.7, "41.7 ms"],
  [999.4, "999 ms"],
  [999.6, "1.00 s"],
  [14_000, "14.0 s"],
  [99_960, "100 s"],
  [3_600_000, "3,600 s"],
  [Number.NaN, "-"],
])("a latency of %d ms reads %s", (value, text) => expect(milliseconds(value)).toBe(text));

test.each([
  [0, "00:00"],
  [-5, "00:00"],
  [59_999, "00:59"],
  [62_300, "01:02"],
  [3_723_000, "1:02:03"],
  [360_000_000, "100:00:00"],
])("%d ms of a run read %s", (value, text) => expect(clock(value)).toBe(text));

test("an SI figure is within half a percent of the value and at most 6 characters long", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 9e14, noNaN: true }), (value) => {
      const text = si(value);
      const [digits, prefix = ""] = text.split(" ");
      const back = Number(digits) * 1000 ** ["", "k", "M", "G", "T"].indexOf(prefix);
      expect(Math.abs(back - value) / value).toBeLessThanOrEqual(0.00501);
      expect(text.length).toBeLessThanOrEqual(6);
    }),
  );
});
