import { describe, expect, test } from "vitest";
import { parseCurve, readCurve } from "./read-curve.ts";

describe("a curve's file", () => {
  test("may have a heading, comments, empty lines, other separators and a mark at its start", () => {
    const text = "\uFEFFseconds,rate\r\n# night\r\n0, 1_000\r\n\r\n60.5;2e3\r\n120\t0\r\n";
    expect(parseCurve(text, "a.csv")).toEqual([
      { atMs: 0, rate: 1000 },
      { atMs: 60_500, rate: 2000 },
      { atMs: 120_000, rate: 0 },
    ]);
  });

  test.each([
    ["0,10\n5,x", 'a.csv:2 must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more, got "5,x"'],
    ["t,r\n0,10,3", 'a.csv:2 must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more, got "0,10,3"'],
    ["0,-1", 'a.csv:1 must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more, got "0,-1"'],
    [
      "0,1\ntime,rate",
      'a.csv:2 must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more, got "time,rate"',
    ],
    ["0,1e400", 'a.csv:1 must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more, got "0,1e400"'],
    ["0,1e12", "a.csv:1 must be at most 1000000000 events per second, got 1000000000000"],
    [
      "0,1\n9,1\n8,1",
      "a.csv:3 must not go back in time: 8 s comes after 9 s; sort the lines by their first column",
    ],
    [
      "seconds,rate\n",
      "a.csv: has no points; each line must be SECONDS,EVENTS_PER_SECOND, two numbers of 0 or more",
    ],
    ["0,0\n9,0", "a.csv: every rate is 0, so nothing would ever be sent"],
  ])("%j is refused with its line", (text, message) => {
    expect(() => parseCurve(text, "a.csv")).toThrow(expect.objectContaining({ code: "bad_curve", message }));
  });

  test("that is not there is named, with the key and the flag that name it", () => {
    expect(() => readCurve("/nowhere/a.csv")).toThrow(
      "/nowhere/a.csv: no such file; it is the curve of sending.rate_limit.law.curve or --curve",
    );
  });
});
