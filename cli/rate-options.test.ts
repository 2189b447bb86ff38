import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { replayerConfigSchema } from "../replayer/config.ts";
import { addRateOptions, layRateOver, type RateOptions } from "./rate-options.ts";

/** The section `sending` that a file and a command line come to. */
function sendingOf(line: string, file: object = {}) {
  const command = addRateOptions(new Command("replay"))
    .exitOverride()
    .configureOutput({ writeErr() {} });
  command.parse(line === "" ? [] : line.split(" "), { from: "user" });
  return layRateOver(replayerConfigSchema.parse({ sending: file }).sending, command.opts<RateOptions>());
}

const limitOf = (line: string, file: object = {}) => sendingOf(line, { rate_limit: file }).rate_limit;
const NONE = { repeat: false, poisson: false };

describe("flags of the rate", () => {
  test.each([
    ["--rate 0.5", 0.5, NONE],
    ["--rate 15M", 15_000_000, NONE],
    ["--rate 2.5k", 2500, NONE],
    ["--rate 2_000 --ramp 5m", 2000, { ...NONE, ramp: { from: 0, over: 300_000 } }],
    [
      "--steps 1000@1m,5_000@90s,800",
      10_000,
      { ...NONE, steps: [{ rate: 1000, for: 60_000 }, { rate: 5000, for: 90_000 }, { rate: 800 }] },
    ],
    [
      "--burst --peak 500000 --normal 10000 --period 30s --width 5s",
      10_000,
      { ...NONE, burst: { normal: 10_000, peak: 500_000, period: 30_000, width: 5000 } },
    ],
    ["--burst --peak 500 --rate 5", 5, { ...NONE, burst: { peak: 500, period: 60_000, width: 5000 } }],
    [
      "--sine --peak 20 --normal 10 --poisson",
      10_000,
      { repeat: false, poisson: true, sine: { normal: 10, peak: 20, period: 60_000 } },
    ],
    ["--curve day.csv", 10_000, { ...NONE, curve: "day.csv" }],
    ["--poisson", 10_000, { repeat: false, poisson: true }],
  ])("%s", (line, events_per_second, law) => {
    expect(limitOf(line)).toEqual({ events_per_second, law });
  });

  test("win over the file's law as a whole; --poisson goes with the file's", () => {
    const file = { law: { ramp: { to: 500, over: "1m" }, repeat: true } };
    expect(limitOf("", file).law).toEqual({
      ramp: { from: 0, to: 500, over: 60_000 },
      repeat: true,
      poisson: false,
    });
    expect(limitOf("--rate 7", file)).toEqual({ events_per_second: 7, law: NONE });
    expect(limitOf("--sine --peak 9 --normal 1", file).law).toMatchObject({ repeat: false });
    expect(limitOf("--poisson", file).law).toMatchObject({
      ramp: { over: 60_000 },
      repeat: true,
      poisson: true,
    });
  });

  test.each([
    ["--burst --ramp 5m --peak 5", "--ramp and --burst: only one law can hold"],
    ["--rate 5 --steps 1@1m", "--rate and --steps: the rates are those of --steps; leave out --rate"],
    ["--peak 5", "--peak: goes with --burst or --sine only"],
    ["--sine --peak 5 --width 5s", "--width: goes with --burst only"],
    ["--burst", "--burst: needs --peak, the events a second at the most"],
    [
      "--burst --peak 5",
      "--peak: must be above 0 and not below the normal rate (10000, from events_per_second, which `normal` is without its own) (law.burst.peak)",
    ],
    ["--burst --peak 50000 --width 60s", "--width: must be less than the period (law.burst.width)"],
    ["--ramp 0", "--ramp: must be a duration above 0 (law.ramp.over)"],
    ["--ramp 5s --rate 0", "--ramp: must begin or end above 0 (law.ramp)"],
    ["--poisson --rate 0", "--poisson: needs a mean: a law, or events_per_second above 0 (law.poisson)"],
    ["--steps 0@5s,0", "--steps: must have a rate above 0 (law.steps)"],
    [
      "--steps 5@5s,6,7",
      `error: option '--steps <list>' argument '5@5s,6,7' is invalid. must be RATE@TIME,RATE@TIME,..., such as 1000@1m,5000@2m,800; "6" is not.`,
    ],
  ])("%s is refused", (line, message) => {
    expect(() => sendingOf(line)).toThrow(message);
  });

  test("set limits and sizes", () => {
    expect(sendingOf("--duration 5s --count 7 --batch-size 3")).toMatchObject({
      duration: 5000,
      total: 7,
      batch_size: { traces: 3, metrics: 3, logs: 3 },
    });
  });
});
