import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TIME_STEP_NS } from "../../template/slots.ts";
import { secondsBetween, settleBase, stepsOf } from "./stamp-key.ts";

const STEP = BigInt(TIME_STEP_NS);
const HOUR = 3_600_000_000_000n;
const CARRY = 2n ** 40n;

/** Some second of this century that lies less than a second behind or before a multiple of `period`. */
function around(period: bigint): fc.Arbitrary<number> {
  return fc
    .tuple(
      fc.bigInt({ min: 1_600_000_000_000_000_000n / period, max: 4_000_000_000_000_000_000n / period }),
      fc.integer({ min: -120, max: 120 }),
    )
    .map(([n, steps]) => Number((n * period) / STEP) + steps);
}

/** Both edges within a few seconds of each other: hours whose begin is close to a multiple of 2^40 ns. */
const bothEdges = fc
  .constantFrom(...hoursNearCarries())
  .chain((hour) => fc.integer({ min: -300, max: 300 }).map((steps) => Number((hour * HOUR) / STEP) + steps));

const steps = fc.oneof(around(CARRY), around(HOUR), bothEdges);
/** Batches of up to five seconds, in steps. */
const lowestSteps = fc.integer({ min: -300, max: 0 });

describe("a settled base", () => {
  test("gives all times of the batch one value of bytes 5 to 7", () => {
    fc.assert(
      fc.property(steps, lowestSteps, fc.boolean(), (now, lowest, hasTexts) => {
        const base = settleBase(now, lowest, hasTexts);
        expect(edgesBetween(base + lowest, base, CARRY)).toBe(0n);
      }),
      { numRuns: 5000 },
    );
  });

  test("gives all times of a batch with texts one hour", () => {
    fc.assert(
      fc.property(steps, lowestSteps, (now, lowest) => {
        const base = settleBase(now, lowest, true);
        expect(edgesBetween(base + lowest, base, HOUR)).toBe(0n);
      }),
      { numRuns: 5000 },
    );
  });

  test("is never later, and the latest that keeps clear of the edges", () => {
    fc.assert(
      fc.property(steps, lowestSteps, fc.boolean(), (now, lowest, hasTexts) => {
        const base = settleBase(now, lowest, hasTexts);
        expect(base).toBeLessThanOrEqual(now);
        for (let later = base + 1; later <= now; later++) {
          const edges =
            edgesBetween(later + lowest, later, CARRY) +
            (hasTexts ? edgesBetween(later + lowest, later, HOUR) : 0n);
          expect(edges).toBeGreaterThan(0n);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("is earlier by at most the batch's length, or twice that where both edges meet", () => {
    fc.assert(
      fc.property(steps, lowestSteps, fc.boolean(), (now, lowest, hasTexts) => {
        const edges = edgesBetween(now + 2 * lowest, now, CARRY) + edgesBetween(now + 2 * lowest, now, HOUR);
        const length = -lowest * (hasTexts && edges > 1n ? 2 : 1);
        expect(now - settleBase(now, lowest, hasTexts)).toBeLessThanOrEqual(length);
      }),
      { numRuns: 5000 },
    );
  });

  test("of a batch longer than the distance of two edges is what it was", () => {
    expect(settleBase(100 * 2 ** 16 + 5, -(2 ** 16), false)).toBe(100 * 2 ** 16 + 5);
    const twoHours = -Math.ceil((2 * 3600e9) / TIME_STEP_NS);
    expect(settleBase(107_000_000_000, twoHours, true)).toBe(107_000_000_000);
  });
});

describe("steps", () => {
  test("of a wall-clock time begin at most 16.8 ms before it", () => {
    fc.assert(
      fc.property(fc.double({ min: 1.6e12, max: 4e12, noNaN: true }), (unixMs) => {
        const before = unixMs - (stepsOf(unixMs) * TIME_STEP_NS) / 1e6;
        expect(before).toBeGreaterThanOrEqual(-0.001);
        expect(before).toBeLessThan(TIME_STEP_NS / 1e6 + 0.001);
      }),
    );
  });

  test("make seconds exactly", () => {
    expect(secondsBetween(1000, 1000 + 5 ** 9)).toBe((5 ** 9 * 2 ** 24) / 1e9);
    expect(secondsBetween(7, 7)).toBe(0);
  });
});

/** Edges of the period in (from, to], steps both; a time of `from` lies anywhere in its step. */
function edgesBetween(from: number, to: number, period: bigint): bigint {
  return (BigInt(to) * STEP) / period - (BigInt(from) * STEP) / period;
}

function hoursNearCarries(): bigint[] {
  const hours: bigint[] = [];
  for (let hour = 444_444n; hour < 1_000_000n; hour++) {
    const after = (hour * HOUR) % CARRY;
    if (after < 4_000_000_000n || CARRY - after < 4_000_000_000n) hours.push(hour);
  }
  return hours;
}
