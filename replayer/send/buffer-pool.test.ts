import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BufferPool } from "./buffer-pool.ts";

describe("the buffer pool", () => {
  test("never has more bytes out than its budget, except for one buffer alone, and none is out twice", () => {
    const step = fc.record({
      take: fc.integer({ min: 1, max: 600_000 }),
      give: fc.boolean(),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.array(step, { maxLength: 60 }),
        (budget, steps) => {
          const pool = new BufferPool(budget);
          const out: ReturnType<BufferPool["take"]>[] = [];
          for (const { take, give, which } of steps) {
            if (give && out.length > 0) pool.give(out.splice(which % out.length, 1)[0]!);
            else if (pool.hasRoom(take)) {
              const buffer = pool.take(take);
              expect(buffer.bytes.length).toBeGreaterThanOrEqual(take);
              expect(out.includes(buffer)).toBe(false);
              out.push(buffer);
            }
            const bytes = out.reduce((sum, buffer) => sum + buffer.capacity, 0);
            expect(bytes <= budget || out.length === 1).toBe(true);
          }
          for (const buffer of out) pool.give(buffer);
          expect(pool.hasRoom(Number.MAX_SAFE_INTEGER)).toBe(true);
        },
      ),
    );
  });

  test("keeps no more than its budget, whatever sizes came before", () => {
    const pool = new BufferPool(4 * 1024 * 1024);
    const made = new Set<unknown>();
    const fill = (bytes: number): number => {
      const out: ReturnType<BufferPool["take"]>[] = [];
      while (pool.hasRoom(bytes)) out.push(pool.take(bytes));
      const fresh = out.filter((buffer) => !made.has(buffer)).length;
      for (const buffer of out) made.add(buffer);
      for (const buffer of out) pool.give(buffer);
      return fresh;
    };
    // Each size takes all of the budget, so those of the size before have gone when it comes again.
    expect([65_000, 1_000_000, 65_000, 65_000].map(fill)).toEqual([64, 4, 64, 0]);
  });

  test("gives the same memory out again", () => {
    const pool = new BufferPool(1_000_000);
    const first = pool.take(1000);
    pool.give(first);
    expect(pool.take(60_000)).toBe(first);
    expect(pool.take(1000)).not.toBe(first);
  });
});
