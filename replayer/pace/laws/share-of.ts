/**
 * A part of a law: what one lane of one replica has of the fleet's.
 *
 *   N(t) = max(0, s F(t) - a)     F  the fleet's law     s  share, above 0 to 1     a  items by which it comes later
 *
 * Items that are counted off in turn (replica 0 of 2 has items 0, 2, 4 of the fleet, replica 1 has items 1, 3, 5) make laws of the
 * same share with an `a` of 0 and of 1/2. So replicas that begin at one moment do not send in step.
 */
import type { RateLaw } from "../rate-law.ts";

/** laterByItems: of the share's own items, 0 or more. */
export function shareOf(law: RateLaw, share: number, laterByItems = 0): RateLaw {
  return {
    dueItems: (elapsedMs) => Math.max(0, law.dueItems(elapsedMs) * share - laterByItems),
    momentMs: (items) => law.momentMs((items + laterByItems) / share),
    rateAt: (elapsedMs) => law.rateAt(elapsedMs) * share,
    peak: law.peak * share,
  };
}
