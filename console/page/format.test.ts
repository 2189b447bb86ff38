import fc from "fast-check";
import { expect, test } from "vitest";
import * as figures from "../../terminal/figures.ts";
import {
  bytes,
  clock,
  counted,
  decimal,
  grouped,
  listed,
  milliseconds,
  percent,
  shortened,
  si,
} from "./format.ts";

test.for<[unknown, string]>([
  [grouped(21_508_200.4), "21,508,200"],
  [shortened(999_999.4), "999,999"],
  [shortened(999_999.5), "1.00 M"],
  [si(999.4), "999"],
  [si(999.6), "1.00 k"],
  [si(1_234_567), "1.23 M"],
  [si(42), "42"],
  [bytes(71e6), "71.0 MB"],
  [bytes(12), "12 B"],
  [milliseconds(3.2), "3.20 ms"],
  [milliseconds(999.6), "1.00 s"],
  [milliseconds(120_000), "120 s"],
  [milliseconds(0), "0 ms"],
  [clock(42_900), "00:42"],
  [clock(3_723_000), "1:02:03"],
  [decimal(0.054), "0.05"],
  [counted(1, "replica"), "1 replica"],
  [counted(1200, "replica"), "1,200 replicas"],
  [listed(["a", "b", "c"]), "a, b and c"],
  [listed(["a"]), "a"],
])("%s", ([said, expected]) => {
  expect(said).toBe(expected);
});

test("what is not all is never 100 %, and what is not nothing is never 0 %", () => {
  expect([1, 0.999999, 0.9998, 0.5, 0.0312, 0.0000001, 0].map(percent)).toEqual([
    "100 %",
    ">99.99 %",
    "99.98 %",
    "50.0 %",
    "3.12 %",
    "<0.01 %",
    "0 %",
  ]);
});

test("what is not known is a dash", () => {
  for (const format of [grouped, shortened, si, bytes, milliseconds, percent, decimal, clock])
    expect([format(Number.NaN), format(null), format(undefined)]).toEqual(["–", "–", "–"]);
});

test("the page and the terminal write figures alike", () => {
  const figure = fc.oneof(fc.nat(2000), fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
  fc.assert(
    fc.property(figure, (value) => {
      for (const [ours, theirs] of [
        [grouped, figures.grouped],
        [si, figures.si],
        [bytes, figures.bytes],
        [milliseconds, figures.milliseconds],
        [clock, figures.clock],
      ] as const)
        expect(ours(value)).toBe(theirs(value));
    }),
  );
});
