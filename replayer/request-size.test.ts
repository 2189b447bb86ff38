import { describe, expect, test } from "vitest";
import { requestSize, usualConcurrency } from "./request-size.ts";

const at = (mean: number, given = {}) => requestSize(given, { mean, peak: mean });

describe("requests where nobody says how large", () => {
  test.each([
    [0.5, 1, 1],
    [399, 1, 1],
    [1000, 4, 4],
    [20_000, 64, 64],
    [100_000, 256, 256],
    [205_000, 1000, 1024],
    [15_000_000, 1000, 65_536],
  ])("carry at %d events a second up to %d records, and spans up to %d", (mean, records, spans) => {
    expect(at(mean)).toEqual({
      batchSize: { traces: 100, metrics: records, logs: records },
      maxSpans: spans,
      maxTraceSpans: Math.max(128, spans),
    });
  });

  test("have their usual size where the rate is not limited", () => {
    expect(at(0)).toEqual({
      batchSize: { traces: 100, metrics: 1000, logs: 1000 },
      maxSpans: Number.POSITIVE_INFINITY,
      maxTraceSpans: Number.POSITIVE_INFINITY,
    });
  });

  test("have the size that was given, signal by signal", () => {
    expect(at(1, { traces: 7, logs: 3000 })).toEqual({
      batchSize: { traces: 7, metrics: 1, logs: 3000 },
      maxSpans: Number.POSITIVE_INFINITY,
      maxTraceSpans: Number.POSITIVE_INFINITY,
    });
  });

  test.each([
    [1000, 512],
    [100_000, 196],
    [205_000, 50],
    [0, 50],
  ])("are in flight, at %d events a second, up to %d at a time", (mean, concurrency) => {
    expect(usualConcurrency(at(mean))).toBe(concurrency);
  });
});
