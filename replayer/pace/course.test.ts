import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryShape } from "./arbitrary-laws.ts";
import { type Course, courseOf, dueBy, momentOf, turned } from "./course.ts";
import { lawOf } from "./law-settings.ts";
import { constant } from "./laws/constant.ts";
import { shareOf } from "./laws/share-of.ts";
import { since } from "./laws/since.ts";
import type { RateLaw } from "./rate-law.ts";

/** A change after some time: to a constant rate or back to the configured law, for so many replicas. */
const change = fc.record({
  afterMs: fc.integer({ min: 0, max: 600_000 }).map((tenths) => tenths / 10),
  rate: fc.option(fc.double({ min: 0.1, max: 1e6, noNaN: true })),
  count: fc.integer({ min: 1, max: 2000 }),
  /** How much of what is due has been sent by then: 1 and more, all of it. */
  sent: fc.double({ min: 0, max: 1.2, noNaN: true }),
});
type Change = { afterMs: number; rate: number | null; count: number; sent: number };

/** One replica's course through all changes. `look` is called with each piece of it, and the time in which it holds. */
function follow(
  config: RateLaw,
  changes: readonly Change[],
  look: (course: Course, fromMs: number, toMs: number, change: Change) => void,
): void {
  let course = courseOf(config);
  let position = 0;
  let nowMs = 0;
  let before: Change = { afterMs: 0, rate: null, count: 1, sent: 1 };
  for (const next of changes) {
    look(course, nowMs, nowMs + next.afterMs, before);
    nowMs += next.afterMs;
    const fleet = next.rate === null ? since(config, nowMs) : constant(next.rate);
    position = Math.max(position, Math.floor(dueBy(course, nowMs) * Math.min(1, next.sent)));
    course = turned(course, shareOf(fleet, 1 / next.count), nowMs, position);
    before = next;
  }
  look(course, nowMs, nowMs + 10_000, before);
}

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));

describe("a course through any changes", () => {
  test("never asks for less than before, and goes on where it was at a change", () => {
    fc.assert(
      fc.property(arbitraryShape, fc.array(change, { maxLength: 8 }), (shape, changes) => {
        let due = 0;
        follow(lawOf(shape), changes, (course, fromMs, toMs) => {
          expect(close(dueBy(course, fromMs), due)).toBe(true);
          for (const part of [0, 0.1, 0.5, 1]) {
            const now = dueBy(course, fromMs + (toMs - fromMs) * part);
            expect(now).toBeGreaterThanOrEqual(due - 1e-6 * Math.max(1, due));
            due = Math.max(due, now);
          }
        });
      }),
    );
  });

  test("asks for its share of the fleet's law between two of them, so that replicas which see the same add up to it", () => {
    fc.assert(
      fc.property(arbitraryShape, fc.array(change, { maxLength: 8 }), (shape, changes) => {
        const config = lawOf(shape);
        follow(config, changes, (course, fromMs, toMs, { rate, count }) => {
          const fleet = rate === null ? config : constant(rate);
          const [from, to] = [fromMs + (toMs - fromMs) * 0.2, fromMs + (toMs - fromMs) * 0.9];
          const all = (dueBy(course, to) - dueBy(course, from)) * count;
          const asked = fleet.dueItems(to) - fleet.dueItems(from);
          // What is rounded away is a part of all that was ever due.
          expect(Math.abs(all - asked)).toBeLessThan(
            1e-9 * count * (dueBy(course, to) + fleet.dueItems(to)) + 1e-6,
          );
        });
      }),
    );
  });

  test("has each item due at a moment that never comes before that of the item before it, backlog and all", () => {
    fc.assert(
      fc.property(arbitraryShape, fc.array(change, { minLength: 1, maxLength: 8 }), (shape, changes) => {
        follow(lawOf(shape), changes, (course) => {
          const { owedFrom, dueThen, owedSinceMs, sinceMs } = course;
          expect(owedSinceMs).toBeLessThanOrEqual(sinceMs);
          let before = owedSinceMs;
          const rest = [0, 0.3, 0.9, 1].map((part) => owedFrom + (dueThen - owedFrom) * part);
          for (const item of [...rest, dueThen + 1, dueThen + 100]) {
            const moment = momentOf(course, item);
            expect(moment >= before || close(moment, before)).toBe(true);
            before = moment;
            if (item < dueThen && owedSinceMs < sinceMs)
              expect(close(dueBy(course, moment), item)).toBe(true);
          }
        });
      }),
    );
  });
});

test("what was owed at a change keeps its lateness, in a straight line from the first of it to the change", () => {
  // 1,000 a second; after 10 s, 4,000 of 10,000 are sent: item 4,000 was due at 4 s.
  const course = turned(courseOf(constant(1000)), constant(10), 10_000, 4000);
  expect([4000, 7000, 10_000, 10_001].map((item) => momentOf(course, item))).toEqual([
    4000, 7000, 10_000, 10_100,
  ]);
  expect([4000, 7000, 10_000, 10_100].map((ms) => dueBy(course, ms))).toEqual([4000, 7000, 10_000, 10_001]);
});

test("where there was no law, nothing is owed when there is one", () => {
  const course = turned(undefined, constant(1000), 5000, 123);
  expect([dueBy(course, 5000), momentOf(course, 124)]).toEqual([123, 5001]);
});
