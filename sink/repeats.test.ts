import { expect, test } from "vitest";
import { Repeats } from "./repeats.ts";

const BODY = Buffer.from("a batch");

test("a body whose answer was lost is repeated when it comes again, once", () => {
  const repeats = new Repeats(false);
  expect(repeats.take("logs", BODY, 0)).toBe(false);
  repeats.expect("logs", BODY);
  expect(repeats.take("traces", BODY, 1)).toBe(false);
  expect(repeats.take("logs", BODY, 1)).toBe(true);
  expect(repeats.take("logs", BODY, 2)).toBe(false);
});

test("where all may come again, each is repeated as often as it comes", () => {
  const repeats = new Repeats(true);
  expect([0, 1, 2].map((ms) => repeats.take("traces", BODY, ms))).toEqual([false, true, true]);
  expect([0, 500, 1000].map((ms) => repeats.take("logs", BODY, ms))).toEqual([false, true, true]);
});

test("log records alike that come at the same time are two senders', not one that tried again", () => {
  const repeats = new Repeats(true);
  expect([0, 20, 150].map((ms) => repeats.take("logs", BODY, ms))).toEqual([false, false, false]);
  expect(repeats.take("logs", BODY, 251)).toBe(true);
});

test("one whose answer was lost is not taken for another's", () => {
  const repeats = new Repeats(true);
  expect(repeats.take("logs", BODY, 0)).toBe(false);
  repeats.expect("logs", BODY);
  expect(repeats.take("logs", BODY, 20)).toBe(true);
});
