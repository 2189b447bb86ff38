import { describe, expect, test } from "vitest";
import { askedRate, type RateSettings } from "./asked-rate.ts";

const NO_LIMIT = { durationMs: Number.POSITIVE_INFINITY, totalEvents: Number.POSITIVE_INFINITY };
const asked = (settings: Partial<RateSettings>) =>
  askedRate({ eventsPerSecond: 100, shape: undefined, mix: undefined, ...NO_LIMIT, ...settings });

describe("the rate that a run was asked for", () => {
  test("is the limit, or the sum of a mix's rates; shares divide it, and no limit stays none", () => {
    expect(asked({})).toEqual({ peak: 100, mean: 100 });
    expect(asked({ mix: { traces: 7, logs: 5 } })).toEqual({ peak: 12, mean: 12 });
    expect(asked({ mix: { traces: 0.5 } })).toEqual({ peak: 100, mean: 100 });
    expect(asked({ eventsPerSecond: 0, mix: { traces: 7 } })).toEqual({ peak: 0, mean: 0 });
  });

  test("has a law's peak, and its mean over the run, at most over an hour", () => {
    const shape = { kind: "ramp", from: 0, to: 1000, overMs: 7_200_000 } as const;
    expect(asked({ shape })).toEqual({ peak: 1000, mean: 250 });
    expect(asked({ shape, durationMs: 720_000 }).mean).toBeCloseTo(50, 9);
    expect(asked({ shape, totalEvents: 36_000 }).mean).toBeCloseTo(50, 9);
    expect(asked({ shape, mix: { traces: 9000 } }).peak).toBe(1000);
  });

  test("is the peak where nothing happens for as long as anybody looks", () => {
    const shape = { kind: "steps", steps: [0, 50].map((rate) => ({ rate, forMs: 4_000_000 })) } as const;
    expect(asked({ shape })).toEqual({ peak: 50, mean: 50 });
  });
});
