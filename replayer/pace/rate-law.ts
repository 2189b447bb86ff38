/**
 * Rate laws: how many items are due by when. Pure values without a clock; the schedule holds against them what was sent.
 */

/** A law over the time since the run began. `dueItems` never falls, and `momentMs` is its inverse. */
export interface RateLaw {
  /** Items due by this moment, a real number >= 0. */
  dueItems(elapsedMs: number): number;
  /** The moment at which this many items have become due; the next item is due then. Infinity when it never is. */
  momentMs(items: number): number;
}

/** due(t) = rate * t */
export function constantRate(itemsPerSecond: number): RateLaw {
  return {
    dueItems: (elapsedMs) => (itemsPerSecond * elapsedMs) / 1000,
    momentMs: (items) =>
      itemsPerSecond > 0 ? (items * 1000) / itemsPerSecond : items > 0 ? Number.POSITIVE_INFINITY : 0,
  };
}
