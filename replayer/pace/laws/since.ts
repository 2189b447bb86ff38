/**
 * The rest of a law: what it asks for from a moment on.
 *
 *   N(t) = F(T + t) - F(T)     F  the law     T  ms: the moment
 *
 *   r ┤      ┊ ╭────
 *     ┤ ╭────┊─╯
 *     ┤─╯    ┊
 *     └──────┴────── t
 *            0
 */
import type { RateLaw } from "../rate-law.ts";

/** fromMs: 0 or more. */
export function since(law: RateLaw, fromMs: number): RateLaw {
  if (fromMs === 0) return law;
  const before = law.dueItems(fromMs);
  return {
    dueItems: (elapsedMs) => Math.max(0, law.dueItems(fromMs + elapsedMs) - before),
    momentMs: (items) => Math.max(0, law.momentMs(items + before) - fromMs),
    rateAt: (elapsedMs) => law.rateAt(fromMs + elapsedMs),
    peak: law.peak,
  };
}
