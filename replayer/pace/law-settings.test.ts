import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryShape } from "./arbitrary-laws.ts";
import { type LawShape, lawOf } from "./law-settings.ts";
import { shareOf } from "./laws/share-of.ts";
import { meanRate } from "./rate-law.ts";

const moment = fc.double({ min: 0, max: 3_600_000, noNaN: true });

/** Items that rounding may cost at such a law: doubles have 53 bits. */
const slack = (items: number, peak: number) => 1e-9 * (1 + items) + 1e-9 * peak;

describe("any law", () => {
  test("has never fewer items due later, none at the start, and no more than its peak allows", () => {
    fc.assert(
      fc.property(arbitraryShape, moment, moment, (shape, a, b) => {
        const law = lawOf(shape);
        const [early, late] = [Math.min(a, b), Math.max(a, b)];
        const more = law.dueItems(late) - law.dueItems(early);
        expect(law.dueItems(0)).toBe(0);
        expect(more).toBeGreaterThanOrEqual(-slack(law.dueItems(late), law.peak));
        expect(more).toBeLessThanOrEqual(
          (law.peak * (late - early)) / 1000 + slack(law.dueItems(late), law.peak),
        );
        expect(meanRate(law, early, late)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("has item n due at a moment by which n are due, and then the next: the moment is the inverse", () => {
    fc.assert(
      fc.property(arbitraryShape, fc.double({ min: 0, max: 1e8, noNaN: true }), (shape, items) => {
        const law = lawOf(shape);
        const due = law.momentMs(items);
        if (due === Number.POSITIVE_INFINITY) {
          expect(law.dueItems(1e12)).toBeLessThanOrEqual(items + slack(items, law.peak));
          return;
        }
        expect(Math.abs(law.dueItems(due) - items)).toBeLessThanOrEqual(slack(items, law.peak));
        // Not before: were it due earlier too, it is the end of a stretch without any.
        const laterMs = due * (1 + 1e-6) + 1;
        expect(law.dueItems(laterMs)).toBeGreaterThan(items - slack(items, law.peak));
      }),
    );
  });

  test("has the rate that its items grow at", () => {
    fc.assert(
      fc.property(arbitraryShape, moment, (shape, t) => {
        const law = lawOf(shape);
        const h = 1e-3;
        const [before, at, after] = [law.rateAt(Math.max(0, t - h)), law.rateAt(t), law.rateAt(t + h)];
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(law.peak * (1 + 1e-12));
        // At a jump, or within a bend as short as h, there is no derivative to compare with.
        const scale = Math.max(1, law.peak);
        if (Math.abs(before - at) > 1e-3 * scale || Math.abs(after - at) > 1e-3 * scale) return;
        const grown = meanRate(law, t, t + h);
        const rounding = (4e-16 * (1 + law.dueItems(t)) * 1000) / h + 1e-7 * scale;
        expect(Math.abs(grown - at)).toBeLessThanOrEqual(2e-3 * scale + rounding);
      }),
    );
  });

  test("is split to the item: what lanes and replicas in their turn have, in whole items, is the whole", () => {
    fc.assert(
      fc.property(arbitraryShape, fc.integer({ min: 1, max: 40 }), moment, (shape, count, t) => {
        const law = lawOf(shape);
        const due = law.dueItems(t);
        fc.pre(due < 1e8);
        // A hair on either side of a whole number nobody can tell which it is.
        fc.pre(Math.abs(due - Math.round(due)) > 1e-5 * (1 + due));
        let items = 0;
        for (let index = 0; index < count; index++) {
          // Item k of this one has its moment by then if k is below what is due, without the part that comes later.
          items += Math.ceil(shareOf(law, 1 / count, index / count).dueItems(t));
        }
        expect(items).toBe(Math.ceil(due));
      }),
    );
  });
});

describe("a law with stretches of rate 0", () => {
  const pause: LawShape = {
    kind: "steps",
    steps: [
      { rate: 10, forMs: 1000 },
      { rate: 0, forMs: 5000 },
      { rate: 10, forMs: 1000 },
      { rate: 0, forMs: 0 },
    ],
  };

  test("has the next item due at the end of the stretch, and never when there is no end", () => {
    const law = lawOf(pause);
    expect([0, 9, 10, 19, 20].map(law.momentMs)).toEqual([0, 900, 6000, 6900, Number.POSITIVE_INFINITY]);
    expect([1000, 3000, 6000, 7000, 1e9].map(law.dueItems)).toEqual([10, 10, 10, 20, 20]);
  });

  test("goes on with the next period when it repeats", () => {
    const law = lawOf({ ...pause, repeatMs: 10_000 } as LawShape);
    expect([19, 20, 30, 40].map(law.momentMs)).toEqual([6900, 10_000, 16_000, 20_000]);
  });
});

describe("each law", () => {
  test.each<[string, LawShape, [ms: number, rate: number, due: number][]]>([
    [
      "a ramp, then its end's rate",
      { kind: "ramp", from: 0, to: 1000, overMs: 10_000 },
      [
        [5000, 500, 1250],
        [10_000, 1000, 5000],
        [20_000, 1000, 15_000],
      ],
    ],
    [
      "steps, the last of which stays",
      {
        kind: "steps",
        steps: [
          { rate: 100, forMs: 1000 },
          { rate: 50, forMs: 0 },
        ],
      },
      [
        [500, 100, 50],
        [1000, 50, 100],
        [11_000, 50, 600],
      ],
    ],
    [
      "bursts at the end of each period",
      { kind: "burst", normal: 10, peak: 100, periodMs: 10_000, widthMs: 1000 },
      [
        [8999, 10, 89.99],
        [9000, 100, 90],
        [10_000, 10, 190],
        [29_500, 100, 2 * 190 + 90 + 50],
      ],
    ],
    [
      "a sine that begins at the lower rate",
      { kind: "sine", normal: 10, peak: 30, periodMs: 4000 },
      [
        [0, 10, 0],
        [1000, 20, 20 - (10 * 4) / (2 * Math.PI)],
        [2000, 30, 40],
        [8000, 10, 160],
      ],
    ],
    [
      "a curve with a jump, flat before its first point and behind its last",
      {
        kind: "curve",
        file: "a.csv",
        points: [
          { atMs: 1000, rate: 10 },
          { atMs: 2000, rate: 30 },
          { atMs: 2000, rate: 5 },
          { atMs: 3000, rate: 5 },
        ],
      },
      [
        [500, 10, 5],
        [1500, 20, 17.5],
        [2000, 5, 30],
        [10_000, 5, 70],
      ],
    ],
  ])("%s", (_, shape, rows) => {
    const law = lawOf(shape);
    for (const [ms, rate, due] of rows) {
      expect(law.rateAt(ms)).toBeCloseTo(rate, 9);
      expect(law.dueItems(ms)).toBeCloseTo(due, 9);
    }
  });
});
