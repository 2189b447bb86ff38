/**
 * Counters of one signal: what became of every item and request. One Float64Array, so that counting is an addition,
 * sums merge by index, and a snapshot is a copy. Float64 counts exactly to 2^53.
 *
 * The identities that must hold whenever nothing is in flight (`imbalance` in ledger/report.ts checks them):
 *
 *   intended = unsent + dropped + sent
 *   sent     = accepted + rejected + failed + inDoubt
 */
export const COUNTERS = [
  /** Items that the schedule asked for. */
  "intended",
  /** Items that were due but never sent: the target was behind for longer than max_lag, or the run was over. Late roots given up too. */
  "unsent",
  /** Items that freezing left out, because one alone is larger than the request limit; counted per pass. Late roots without room too. */
  "dropped",
  /** Items handed to the transport, once however often they are retried. */
  "sent",
  /** Items that the target said it took. */
  "accepted",
  /** Items that the target refused in a partial success. */
  "rejected",
  /** Items refused for good: a permanent error, or retries used up with an answer each time. */
  "failed",
  /** Items of which some try ended without an answer, and no later one was accepted: the target may or may not have them. */
  "inDoubt",
  /** Requests begun; a retry is not another request. */
  "requests",
  /** Requests that were tried more than once. */
  "retriedRequests",
  /** Requests whose body was compressed, ahead or on its way: by their last try. */
  "compressedRequests",
  /** Of these, requests that were compressed ahead, once for all sends. */
  "compiledRequests",
  /** Bytes of request bodies before compression, each try counted. */
  "bodyBytes",
  /** Bytes of request bodies as they left, compressed, each try counted. */
  "wireBytes",
] as const;

export type Counter = (typeof COUNTERS)[number];

/** Something for each counter, by its name. index: its place in a Counts array. */
export function perCounter<T>(make: (counter: Counter, index: number) => T): Record<Counter, T> {
  return Object.fromEntries(COUNTERS.map((counter, index) => [counter, make(counter, index)])) as Record<
    Counter,
    T
  >;
}

/** Index of each counter in a Counts array. */
export const COUNTER_INDEX = perCounter((_, index) => index);

/** One number per counter, in the order of COUNTERS. */
export type Counts = Float64Array;

export function newCounts(): Counts {
  return new Float64Array(COUNTERS.length);
}

/** Counts by name. */
export const namedCounts = (counts: ArrayLike<number>): Record<Counter, number> =>
  perCounter((_, index) => counts[index]!);

/** Add `other` to `counts`. */
export function addCounts(counts: Counts, other: ArrayLike<number>): void {
  for (let index = 0; index < counts.length; index++) counts[index]! += other[index] ?? 0;
}
