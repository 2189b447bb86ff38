import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { traceSizes } from "./trace-sizes.ts";

function sizesOf(count: number, spans: object, seed = 1): number[] {
  const { traces } = generatorConfigSchema.parse({ traces: { count, spans } });
  return [...traceSizes(traces, new Random(seed))];
}

describe("sizes of traces", () => {
  test.each([
    [15, 5],
    [15, 7.5],
    [2, 1],
    [1, 0.5],
    [1, 0],
    [40, 20],
    [300, 150],
    [3, 0],
  ])("average %d with a deviation of %d, within 2 % over 10,000 traces", (average, deviation) => {
    for (const seed of [1, 2, 3]) {
      const sizes = sizesOf(10_000, { avg_per_trace: average, std_dev: deviation }, seed);
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      expect(Math.abs(mean / average - 1)).toBeLessThan(0.02);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
    }
  });

  test("have the deviation asked for, and the shape of a bell", () => {
    const sizes = sizesOf(10_000, { avg_per_trace: 15, std_dev: 5 });
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const deviation = Math.sqrt(sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length);
    expect(Math.abs(deviation / 5 - 1)).toBeLessThan(0.03);
    const within = sizes.filter((size) => Math.abs(size - 15) <= 5).length / sizes.length;
    expect(Math.abs(within - 0.73)).toBeLessThan(0.03);
  });

  test("are at least one each, however wild", () => {
    const sizes = sizesOf(2000, { avg_per_trace: 2, std_dev: 8 });
    expect(Math.min(...sizes)).toBe(1);
    expect(sizes.length).toBe(2000);
  });

  test("are exact for high-span traces, which come on top and are spread over the file", () => {
    const large = { enabled: true, count: 4, span_count: 5000 };
    const sizes = sizesOf(100, { high_span_traces: large });
    expect(sizes.length).toBe(104);
    const places = [...sizes.keys()].filter((place) => sizes[place] === 5000);
    expect(places).toEqual([25, 51, 77, 103]);
    expect(sizesOf(0, { high_span_traces: large })).toEqual([5000, 5000, 5000, 5000]);
    expect(sizesOf(3, { high_span_traces: { ...large, enabled: false } }).length).toBe(3);
  });
});
