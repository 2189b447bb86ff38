/**
 * The same again and again: a law's first P ms, over and over.
 *
 *   N(t) = k N(P) + N(t - k P)     with k = floor(t / P)     P  ms
 *
 *   r ┤ ╭╮    ╭╮    ╭╮
 *     ┤╭╯│   ╭╯│   ╭╯│
 *     ┤╯ ╰───╯ ╰───╯ ╰──
 *     └──────┴─────┴──── t
 *            P     2P
 */
import type { RateLaw } from "../rate-law.ts";

/** periodMs: above 0. */
export function repeated(law: RateLaw, periodMs: number): RateLaw {
  const ofPeriod = law.dueItems(periodMs);
  return {
    dueItems(elapsedMs) {
      const rounds = Math.floor(elapsedMs / periodMs);
      return rounds * ofPeriod + law.dueItems(elapsedMs - rounds * periodMs);
    },
    momentMs(items) {
      if (ofPeriod === 0 || items === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
      const rounds = Math.floor(items / ofPeriod);
      const moment = law.momentMs(Math.max(0, items - rounds * ofPeriod));
      // Nothing more in this period: the next item is the next one's first.
      if (moment >= periodMs) return (rounds + 1) * periodMs + law.momentMs(0);
      return rounds * periodMs + moment;
    },
    rateAt: (elapsedMs) => law.rateAt(elapsedMs % periodMs),
    peak: law.peak,
  };
}
