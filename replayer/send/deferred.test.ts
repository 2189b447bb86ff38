import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newStampKey } from "../stamp/stamp-key.ts";
import { Deferred } from "./deferred.ts";

interface Entry {
  dueMs: number;
  record: number;
  items: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  dueMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  record: fc.nat(),
  items: fc.integer({ min: 1, max: 50 }),
});
/** A step: one entry more, or the next one taken. */
const steps = fc.array(fc.option(entry, { nil: "take" as const }), { maxLength: 400 });

const keyOf = ({ record, items }: Entry) => ({
  ...newStampKey(),
  incarnation: record + 1,
  pass: items,
  baseSteps: record * 3,
});

describe("late roots that wait", () => {
  test("are taken in the order of their moments, each with the key that it came with", () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const deferred = new Deferred(Number.POSITIVE_INFINITY);
        const waiting: Entry[] = [];
        for (const step of todo) {
          if (step !== "take") {
            expect(deferred.add(step.dueMs, step.record, step.items, keyOf(step))).toBe(true);
            waiting.push(step);
          } else if (waiting.length > 0) {
            const { dueMs } = deferred;
            expect(dueMs).toBe(Math.min(...waiting.map((one) => one.dueMs)));
            const { record } = deferred;
            const key = newStampKey();
            const items = deferred.take(key);
            const place = waiting.findIndex(
              (one) => one.dueMs === dueMs && one.record === record && one.items === items,
            );
            expect(place).toBeGreaterThanOrEqual(0);
            const [taken] = waiting.splice(place, 1);
            expect(key).toEqual({ ...keyOf(taken!), batch: record });
          }
          expect(deferred.pending).toBe(waiting.reduce((sum, { items }) => sum + items, 0));
        }
        if (waiting.length === 0) expect(deferred.dueMs).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  test("are never more than may wait: what finds no room is dropped, and counted", () => {
    fc.assert(
      fc.property(fc.array(entry), fc.nat({ max: 500 }), (entries, maxPending) => {
        const deferred = new Deferred(maxPending);
        let dropped = 0;
        for (const one of entries) {
          const hasRoom = deferred.pending + one.items <= maxPending;
          expect(deferred.add(one.dueMs, one.record, one.items, keyOf(one))).toBe(hasRoom);
          if (!hasRoom) dropped += one.items;
          expect(deferred.pending).toBeLessThanOrEqual(maxPending);
        }
        expect(deferred.dropped).toBe(dropped);
      }),
    );
  });

  test("are unsent when the run ends before their moment", () => {
    const deferred = new Deferred(100);
    deferred.add(5, 1, 3, newStampKey());
    deferred.add(9, 2, 4, newStampKey());
    deferred.giveUp();
    expect([deferred.pending, deferred.unsent, deferred.dueMs]).toEqual([0, 7, Number.POSITIVE_INFINITY]);
  });
});
