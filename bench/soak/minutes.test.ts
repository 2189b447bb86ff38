import { expect, test } from "vitest";
import { looksIn, memoryAtEnds, minutesOf } from "./minutes.ts";

const look = (elapsedMs: number, sent: number, more = {}) => ({
  elapsedMs,
  sent,
  accepted: sent,
  failed: 0,
  inDoubt: 0,
  unsent: 0,
  lagMs: 0,
  ...more,
});

test("looks are the lines with a time of the run; notes and other text are passed over", () => {
  const lines = [
    '{"msg":"sending 5 events/s"}',
    JSON.stringify(look(5000, 1)),
    "Warning: {",
    '{"elapsedMs":',
  ];
  expect(looksIn(lines.join("\n"))).toEqual([look(5000, 1)]);
});

test("a minute has what came between its first and its last look, over the time between them", () => {
  const looks = [
    look(30_000, 300),
    look(60_000, 600),
    look(90_000, 600, { lagMs: 25_000, unsent: 0 }),
    look(120_000, 1800, { lagMs: 10, unsent: 7, failed: 3, accepted: 1797 }),
    look(130_000, 1900, { unsent: 7, failed: 3 }),
  ];
  const memory = [10, 30, 20].map((replayer, index) => ({ elapsedMs: 61_000 + index, replayer, sink: 0 }));
  expect(minutesOf(looks, memory, ["first", "second"])).toMatchObject([
    { minute: 1, fault: "first", sentPerSecond: 10, worstLagMs: 0, rssBytes: 0 },
    {
      minute: 2,
      fault: "second",
      sentPerSecond: 20,
      worstLagMs: 25_000,
      unsent: 7,
      failed: 3,
      rssBytes: 20,
      highestRssBytes: 30,
    },
    { minute: 3, fault: "", sentPerSecond: 10, unsent: 0, failed: 0 },
  ]);
});

test("the moment after the last whole minute belongs to it", () => {
  const looks = [look(60_000, 600), look(120_000, 1200), look(120_500, 1205)];
  expect(minutesOf(looks, [], []).map(({ sentPerSecond }) => sentPerSecond)).toEqual([10, 10]);
});

test("memory is compared between the windows at both ends", () => {
  const memory = [100, 100, 900, 900, 110, 110].map((replayer, index) => ({
    elapsedMs: index * 1000,
    replayer,
    sink: 0,
  }));
  expect(memoryAtEnds(memory, 1500)).toEqual({ first: 100, last: 110 });
});
