import { expect, test } from "vitest";
import { RateHistory } from "./rate-history.ts";

const ratesOf = (history: RateHistory, count = 10) => history.columns(count).columns.map(({ rate }) => rate);

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
    history.add(ms, rate, 0);
  }
  expect(ratesOf(history)).toEqual([3, 4, 5]);
});

test("seconds without a sample are gaps, however many", () => {
  const history = new RateHistory(4);
  history.add(0, 1, 0);
  history.add(3000, 2, 0);
  expect(ratesOf(history)).toEqual([1, Number.NaN, Number.NaN, 2]);
  history.add(1e9, 3, 0);
  expect(ratesOf(history)).toEqual([Number.NaN, Number.NaN, Number.NaN, 3]);
});

test("a column stands for one second, then two, then five; older ones leave", () => {
  const history = new RateHistory();
  const secondsShown: number[] = [];
  for (let second = 0; second < 60; second++) {
    history.add(second * 1000, second, second * 2);
    secondsShown.push(history.columns(10).seconds);
  }
  expect([...new Set(secondsShown)]).toEqual([1, 2, 5]);
  // Whole columns are means: seconds 10 to 14 are the first, 55 to 59 the last.
  const { columns } = history.columns(10);
  expect(columns.map(({ rate }) => rate)).toEqual([12, 17, 22, 27, 32, 37, 42, 47, 52, 57]);
  expect(columns.at(-1)?.planned).toBe(114);
});

test("a column keeps what it shows while newer ones come", () => {
  const history = new RateHistory();
  for (let second = 0; second < 103; second++) history.add(second * 1000, second, 0);
  const before = ratesOf(history);
  history.add(103_000, 103, 0);
  // The last is still being made.
  expect(ratesOf(history).slice(0, -1)).toEqual(before.slice(0, -1));
});
