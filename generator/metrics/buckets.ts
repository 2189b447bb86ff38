/**
 * Buckets of histograms: how many measurements of a skewed distribution fall into each.
 *
 * Measurements follow a log-logistic distribution, which latencies and sizes look like and whose distribution function
 * needs no logarithm: F(x) = x^k / (x^k + median^k).
 */
import { bucketMidpoints, exponentialMidpoints } from "../../template/values.ts";
import type { Measurements } from "./definition.ts";

/** Scale of exponential histograms: 8 buckets to a doubling. */
export const EXPONENTIAL_SCALE = 3;

/** Buckets that an exponential histogram has: four doublings around the median. */
const EXPONENTIAL_BUCKETS = 32;

/** 2^(i/8). */
const EIGHTHS = [
  1,
  1.0905077326652577,
  1.189207115002721,
  1.2968395546510096,
  Math.SQRT2,
  1.5422108254079407,
  1.681792830507429,
  1.8340080864093424,
] as const;

/** A bucket count of an exponential histogram has 21 bits, for a day and a half. */
const MOST_IN_EXPONENTIAL_BUCKET = Math.floor(2 ** 21 / 36);

const USUAL_STEEPNESS = 3;

/** The counts of one point; written again when a point with as many buckets is filled, by whatever filler. */
export interface FilledBuckets {
  readonly counts: number[];
  count: number;
  /** As the midpoints of the buckets have it, exactly. */
  sum: number;
  /** Exponential histograms: index of the first bucket. */
  offset: number;
}

type Distribution = Pick<Measurements, "steepness" | "other">;

/** Counts for the buckets of explicit bounds, the last one open. */
export class BucketFiller {
  readonly #bounds: readonly number[];
  readonly #middles: readonly number[];
  readonly #law: Law;
  readonly #filled: FilledBuckets;

  constructor(bounds: readonly number[], distribution: Distribution) {
    this.#bounds = bounds;
    this.#middles = middlesOf(bounds);
    this.#law = new Law(distribution);
    this.#filled = filledWith(this.#middles.length);
  }

  /** Where `wanted` measurements around `median` fall: at least one of them, in its own bucket. */
  fill(wanted: number, median: number): FilledBuckets {
    const { counts } = this.#filled;
    let below = 0;
    for (let index = 0; index < counts.length; index++) {
      const upTo = index < this.#bounds.length ? this.#law.shareBelow(this.#bounds[index]!, median) : 1;
      counts[index] = Math.round(wanted * (upTo - below));
      below = upTo;
    }
    return total(this.#filled, this.#middles, bucketOf(this.#bounds, median));
  }
}

/** Counts for the buckets of an exponential histogram. */
export class ExponentialFiller {
  readonly #law: Law;
  readonly #filled = filledWith(EXPONENTIAL_BUCKETS);

  constructor({ steepness = 4, ...distribution }: Distribution) {
    this.#law = new Law({ steepness, ...distribution });
  }

  /** The same as BucketFiller's; what lies outside of all buckets is left out. */
  fill(wanted: number, median: number): FilledBuckets {
    const { counts } = this.#filled;
    const offset = exponentialIndex(median) - EXPONENTIAL_BUCKETS / 2;
    let below = this.#law.shareBelow(exponentialBound(offset), median);
    for (let index = 0; index < counts.length; index++) {
      const upTo = this.#law.shareBelow(exponentialBound(offset + index + 1), median);
      counts[index] = Math.min(MOST_IN_EXPONENTIAL_BUCKET, Math.round(wanted * (upTo - below)));
      below = upTo;
    }
    this.#filled.offset = offset;
    return total(this.#filled, middlesFrom(offset), EXPONENTIAL_BUCKETS / 2);
  }
}

/** Metrics may number a hundred thousand, while lists of bounds are few: what depends on those is there once. */
const middlesByBounds = new WeakMap<readonly number[], readonly number[]>();
const filledByLength = new Map<number, FilledBuckets>();

function middlesOf(bounds: readonly number[]): readonly number[] {
  let middles = middlesByBounds.get(bounds);
  if (!middles) {
    middles = bucketMidpoints(bounds);
    middlesByBounds.set(bounds, middles);
  }
  return middles;
}

function filledWith(buckets: number): FilledBuckets {
  let filled = filledByLength.get(buckets);
  if (!filled) {
    filled = { counts: new Array<number>(buckets).fill(0), count: 0, sum: 0, offset: 0 };
    filledByLength.set(buckets, filled);
  }
  return filled;
}

/** Midpoints of the buckets from an offset on; there are few offsets. */
const knownMiddles = new Map<number, readonly number[]>();

function middlesFrom(offset: number): readonly number[] {
  let middles = knownMiddles.get(offset);
  if (!middles) {
    middles = exponentialMidpoints(EXPONENTIAL_SCALE, offset, EXPONENTIAL_BUCKETS);
    knownMiddles.set(offset, middles);
  }
  return middles;
}

/** How measurements are distributed around their median. */
class Law {
  readonly #steepness: 2 | 3 | 4;
  readonly #otherShare: number;
  readonly #otherRatio: number;

  constructor({ steepness = USUAL_STEEPNESS, other }: Distribution) {
    this.#steepness = steepness;
    this.#otherShare = other?.share ?? 0;
    this.#otherRatio = other?.ratio ?? 1;
  }

  /** Share of the measurements that are at most x. */
  shareBelow(x: number, median: number): number {
    const share = logLogistic(x / median, this.#steepness);
    if (this.#otherShare === 0) return share;
    const other = logLogistic(x / (median * this.#otherRatio), this.#steepness);
    return share * (1 - this.#otherShare) + other * this.#otherShare;
  }
}

function logLogistic(x: number, steepness: 2 | 3 | 4): number {
  const power = steepness === 2 ? x * x : steepness === 3 ? x * x * x : x * x * (x * x);
  return power / (power + 1);
}

function total(filled: FilledBuckets, middles: readonly number[], medianBucket: number): FilledBuckets {
  const { counts } = filled;
  let count = 0;
  let sum = 0;
  for (let index = 0; index < counts.length; index++) {
    count += counts[index]!;
    sum += counts[index]! * middles[index]!;
  }
  if (count === 0) {
    counts[medianBucket] = 1;
    count = 1;
    sum = middles[medianBucket]!;
  }
  filled.count = count;
  filled.sum = sum;
  return filled;
}

function bucketOf(bounds: readonly number[], value: number): number {
  let index = 0;
  while (index < bounds.length && bounds[index]! < value) index++;
  return index;
}

/** Lower bounds of the buckets from LEAST_INDEX on, 2^(index / 8). Powers of two are exact everywhere, and so are these. */
const LEAST_INDEX = -480;
const BOUNDS = Float64Array.from({ length: 2 * -LEAST_INDEX }, (_, place) => {
  const octave = Math.floor((place + LEAST_INDEX) / 8);
  return EIGHTHS[place + LEAST_INDEX - octave * 8]! * 2 ** octave;
});

function exponentialBound(index: number): number {
  return BOUNDS[index - LEAST_INDEX]!;
}

/** The bucket that holds a value, 2^-50 < value < 2^50. */
function exponentialIndex(value: number): number {
  let index = 0;
  while (exponentialBound(index) >= value) index -= 8;
  while (exponentialBound(index + 8) < value) index += 8;
  while (exponentialBound(index + 1) < value) index++;
  return index;
}
