import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIncarnation, randomIncarnation, repeatableIncarnation } from "./incarnation.ts";

describe("an incarnation", () => {
  test("fits 48 bits, is never zero, and shows as 12 hex digits that say it again", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1000), fc.nat(1000), fc.nat(50), (seed, index, more, life) => {
        for (const one of [
          repeatableIncarnation(seed, { index, count: index + 1 + more }, life),
          randomIncarnation(),
        ]) {
          expect(Number.isSafeInteger(one) && one >= 1 && one < 2 ** 48).toBe(true);
          expect(formatIncarnation(one)).toMatch(/^[0-9a-f]{12}$/);
          expect(Number.parseInt(formatIncarnation(one), 16)).toBe(one);
        }
      }),
    );
  });

  test("repeats itself for the same seed, replica and life, and for no others", () => {
    const lives = [0, 1].flatMap((seed) =>
      [0, 1, 2].flatMap((index) =>
        [3, 4].flatMap((count) => [0, 1].map((life) => repeatableIncarnation(seed, { index, count }, life))),
      ),
    );
    expect(new Set(lives).size).toBe(24);
    expect(repeatableIncarnation(1, { index: 2, count: 4 }, 1)).toBe(lives.at(-1));
  });

  test("is another one each time when it is random", () => {
    expect(new Set(Array.from({ length: 1000 }, randomIncarnation)).size).toBe(1000);
  });
});
