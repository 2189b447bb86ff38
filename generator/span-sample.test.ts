import { describe, expect, test } from "vitest";
import { Random } from "./random.ts";
import { SpanSample } from "./span-sample.ts";

function sampleOf(offered: number, capacity: number, seed = 1): number[] {
  const sample = new SpanSample(capacity, new Random(seed));
  for (let trace = 0; trace < offered; trace++) {
    const place = sample.offer();
    if (place >= 0) sample.at(place).trace = trace;
  }
  return sample.sorted().map(({ trace }) => trace);
}

describe("a sample of spans", () => {
  test("keeps all of few, and nothing when it has no room", () => {
    expect(sampleOf(5, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(sampleOf(5, 0)).toEqual([]);
  });

  test("keeps as many as it has room for, in the order of the file, each part of it as likely", () => {
    const kept = Array.from({ length: 20 }, (_, seed) => sampleOf(10_000, 500, seed));
    for (const each of kept) {
      expect(each.length).toBe(500);
      expect(each).toEqual(each.toSorted((a, b) => a - b));
    }
    for (let part = 0; part < 4; part++) {
      const share = kept.flat().filter((trace) => Math.floor(trace / 2500) === part).length / (20 * 500);
      expect(share).toBeCloseTo(0.25, 1);
    }
  });
});
