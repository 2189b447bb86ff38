import { describe, expect, test } from "vitest";
import { cumulate, Random } from "./random.ts";

const many = (n: number, draw: () => number): number[] => Array.from({ length: n }, draw);
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a random stream", () => {
  test("is the same for the same seed, on any machine", () => {
    const random = new Random(42);
    expect(many(4, () => random.word())).toMatchInlineSnapshot(`
      [
        3454807302,
        2884567913,
        1958865941,
        2311382184,
      ]
    `);
    expect(random.uuid()).toMatchInlineSnapshot(`"6156a9f6-d5fb-4299-af0e-e59542639e88"`);
  });

  test("forks by label, whatever was drawn from it", () => {
    const used = new Random(1);
    many(10, () => used.word());
    expect(used.fork("logs").word()).toBe(new Random(1).fork("logs").word());
    expect(used.fork("logs").word()).not.toBe(used.fork("traces").word());
    expect(used.fork("logs").word()).not.toBe(new Random(2).fork("logs").word());
    expect(used.fork("a").fork("b").word()).not.toBe(used.fork("ab").word());
  });

  test("tells large seeds apart", () => {
    expect(new Random(2 ** 40).word()).not.toBe(new Random(2 ** 41).word());
  });

  test("draws whole numbers evenly, ends included", () => {
    const random = new Random(7);
    const seen = new Map<number, number>();
    for (const value of many(60_000, () => random.int(-2, 3))) seen.set(value, (seen.get(value) ?? 0) + 1);
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const times of seen.values()) expect(Math.abs(times - 10_000)).toBeLessThan(400);
  });

  test("draws normal numbers with the mean and deviation asked for", () => {
    const random = new Random(7);
    const values = many(50_000, () => random.normal(15, 5));
    const center = mean(values);
    expect(Math.abs(center - 15)).toBeLessThan(0.1);
    expect(Math.abs(Math.sqrt(mean(values.map((value) => (value - center) ** 2))) - 5)).toBeLessThan(0.1);
    expect(mean(values.map((value) => (Math.abs(value - 15) < 5 ? 1 : 0)))).toBeCloseTo(0.683, 1);
  });

  test("draws skewed factors around a median of 1", () => {
    const random = new Random(7);
    const values = many(20_001, () => random.skewed()).sort((a, b) => a - b);
    expect(values[10_000]).toBeCloseTo(1, 1);
    expect(values[0]).toBeGreaterThanOrEqual(1 / 32);
    expect(values.at(-1)).toBeLessThanOrEqual(32);
    expect(mean(values)).toBeGreaterThan(1.3);
  });

  test("draws by weight", () => {
    const random = new Random(7);
    const cumulative = cumulate([1, 0, 3]);
    const drawn = many(40_000, () => random.weighted(cumulative));
    expect(drawn).not.toContain(1);
    expect(mean(drawn.map((index) => (index === 2 ? 1 : 0)))).toBeCloseTo(0.75, 1);
  });

  test("writes hex of the length asked for", () => {
    const random = new Random(7);
    for (const bytes of [1, 4, 7, 16])
      expect(random.hex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
  });
});
