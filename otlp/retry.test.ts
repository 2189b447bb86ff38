import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer } from "./answer.ts";
import { DEFAULT_RETRY_LAW, isTooLate, mayRetry, RetryBudget, retryDelayMs } from "./retry.ts";

const TRY = { address: "127.0.0.1:4317", wireBytes: 1 };
const REFUSED: Answer = { kind: "retryable", code: "http_503", message: "503", ...TRY };
const LOST: Answer = { kind: "lost", sent: true, code: "timeout", message: "late", ...TRY };
const random01 = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the wait before a retry", () => {
  test("grows by half each time, from half a second to half a minute", () => {
    const middles = [1, 2, 3, 4, 20].map((attempt) => retryDelayMs(attempt, 0.5, REFUSED));
    expect(middles).toEqual([500, 750, 1125, 1688, 30_000]);
  });

  test("stays within half of its middle, and never above the maximum", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), random01, (attempt, random) => {
        const middle = Math.min(30_000, 500 * 1.5 ** (attempt - 1));
        const delay = retryDelayMs(attempt, random, LOST);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(middle / 2));
        expect(delay).toBeLessThanOrEqual(Math.min(30_000, Math.ceil(middle * 1.5)));
      }),
    );
  });

  test("is never shorter than what the target asks for, even beyond the maximum", () => {
    fc.assert(
      fc.property(
        fc.nat(120_000),
        fc.integer({ min: 1, max: 50 }),
        random01,
        (retryAfterMs, attempt, random) => {
          const delay = retryDelayMs(attempt, random, { ...REFUSED, retryAfterMs } as Answer);
          expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        },
      ),
    );
  });

  test("is one that a timer can keep, whatever the target asks for", () => {
    const asked = (retryAfterMs: number) => retryDelayMs(1, 0.5, { ...REFUSED, retryAfterMs } as Answer);
    expect([asked(1e15), asked(Number.POSITIVE_INFINITY)]).toEqual(Array(2).fill(2 ** 31 - 1));
  });

  test("does not bring all who were turned away back in the same moment", () => {
    const asked = { ...REFUSED, retryAfterMs: 5000 } as Answer;
    expect(retryDelayMs(1, 0, asked)).toBe(5000);
    expect(retryDelayMs(1, 0.999, asked)).toBeGreaterThan(5200);
  });

  test("is too long when it would end after the request's time", () => {
    expect(isTooLate(59_000, 1000)).toBe(false);
    expect(isTooLate(59_000, 1001)).toBe(true);
    expect(isTooLate(1e9, 1e9, { ...DEFAULT_RETRY_LAW, maxElapsedMs: 0 })).toBe(false);
  });
});

test("only refusals for now and lost answers may be retried; partial success never", () => {
  const kinds: Answer[] = [
    { kind: "accepted", ...TRY },
    { kind: "partial", rejected: 1, message: "", ...TRY },
    { kind: "permanent", code: "http_400", message: "", ...TRY },
    REFUSED,
    LOST,
  ];
  expect(kinds.filter(mayRetry).map(({ kind }) => kind)).toEqual(["retryable", "lost"]);
});

describe("the retry budget", () => {
  test("lets the burst through, then the share, whatever the order of events", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (events) => {
        const budget = new RetryBudget({ share: 0.25, burst: 3 });
        let firsts = 0;
        let retries = 0;
        for (const isFirst of events) {
          if (isFirst) {
            budget.deposit();
            firsts++;
          } else if (budget.withdraw()) retries++;
          expect(retries).toBeLessThanOrEqual(3 + firsts * 0.25);
        }
      }),
    );
  });

  test("fills up to the burst and no further", () => {
    const budget = new RetryBudget({ share: 1, burst: 2 });
    for (let i = 0; i < 10; i++) budget.deposit();
    expect([budget.withdraw(), budget.withdraw(), budget.withdraw()]).toEqual([true, true, false]);
    for (let i = 0; i < 10; i++) budget.deposit();
    expect(budget.available).toBe(2);
  });
});
