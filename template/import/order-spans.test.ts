import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderSpans } from "./order-spans.ts";

const parents = fc
  .integer({ min: 1, max: 40 })
  .chain((n) => fc.array(fc.integer({ min: -1, max: n - 1 }), { minLength: n, maxLength: n }));

describe("the order of a trace's spans", () => {
  test("has every span once, each behind its parent, whatever the parents are", () => {
    fc.assert(
      fc.property(parents, (given) => {
        const spans = given.map((parent) => ({ parent }));
        const cut = new Set<number>();
        const order = orderSpans(spans, (index) => cut.add(index));
        expect(order.toSorted((a, b) => a - b)).toEqual(given.map((_, index) => index));
        const place = new Map(order.map((index, at) => [index, at]));
        for (const [index, parent] of given.entries()) {
          if (parent < 0 || cut.has(index)) continue;
          expect(place.get(index)).toBeGreaterThan(place.get(parent)!);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("cuts rings only, and each once", () => {
    fc.assert(
      fc.property(parents, (given) => {
        let cuts = 0;
        orderSpans(
          given.map((parent) => ({ parent })),
          () => cuts++,
        );
        expect(cuts).toBe(countRings(given));
      }),
    );
  });

  test("stays as given where parents come first", () => {
    const spans = [-1, 0, 0, 1, -1, 4].map((parent) => ({ parent }));
    expect(orderSpans(spans, () => expect.fail("there is no ring"))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("of a chain of 200,000 spans upside down takes no stack", () => {
    const spans = Array.from({ length: 200_000 }, (_, n) => ({ parent: n + 1 < 200_000 ? n + 1 : -1 }));
    expect(orderSpans(spans, () => {})[0]).toBe(199_999);
  });
});

/** Rings of the graph in which each span leads to its parent: as many as spans that meet themselves, divided by their rings' lengths. */
function countRings(given: readonly number[]): number {
  let rings = 0;
  for (const start of given.keys()) {
    let length = 1;
    let at = given[start]!;
    while (at >= 0 && at !== start && length <= given.length) {
      at = given[at]!;
      length++;
    }
    if (at === start) rings += 1 / length;
  }
  return Math.round(rings);
}
