import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { divide, EvenDeal, shuffled } from "./shares.ts";

describe("shares", () => {
  test("sum to the total, each within one of its percentage", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 100 }), fc.nat(100), (total, first, cut) => {
        const second = Math.floor(((100 - first) * cut) / 100);
        const percentages = [first, second, 100 - first - second];
        const parts = divide(total, percentages);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        for (const [kind, part] of parts.entries())
          expect(Math.abs(part - (total * percentages[kind]!) / 100)).toBeLessThan(1);
      }),
    );
  });

  test("stay exact when they are shuffled", () => {
    const kinds = [...shuffled([5, 0, 300], new Random(1))];
    expect([0, 1, 2].map((kind) => kinds.filter((each) => each === kind).length)).toEqual([5, 0, 300]);
  });

  test("deal each chosen one out once, in order and evenly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2500), (total, chosen) => {
        const deal = new EvenDeal(total, chosen);
        const dealt = Array.from({ length: total }, () => deal.next()).filter((ordinal) => ordinal >= 0);
        expect(dealt).toEqual(Array.from({ length: Math.min(total, chosen) }, (_, n) => n));
      }),
    );
  });
});
