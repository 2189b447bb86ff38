/** Histograms: count and sum must agree with the buckets. */
import type { Point } from "./requests.ts";

/** Bucket counts as numbers, and what their bounds allow the sum to be. */
export interface Buckets {
  counts: number[];
  lowestSum: number;
  highestSum: number;
  /** What tells this layout from another: a series keeps one. */
  layout: string;
}

/** Room for the rounding of sums of doubles. */
const SUM_TOLERANCE = 1e-9;

/**
 * Buckets of an explicit histogram: bucket i lies in (bounds[i-1], bounds[i]]. The first has no lower bound; where all bounds
 * are positive, what is measured (times, sizes) is taken to be so too.
 */
export function explicitBuckets({ bucketCounts = [], explicitBounds = [] }: Point): Buckets {
  const counts = bucketCounts.map(Number);
  const least = (explicitBounds[0] ?? 0) >= 0 ? 0 : Number.NEGATIVE_INFINITY;
  let [lowestSum, highestSum] = [0, 0];
  counts.forEach((count, i) => {
    if (count === 0) return;
    lowestSum += count * (explicitBounds[i - 1] ?? least);
    highestSum += count * (explicitBounds[i] ?? Number.POSITIVE_INFINITY);
  });
  return { counts, lowestSum, highestSum, layout: explicitBounds.join(" ") };
}

/** Buckets of an exponential histogram: bucket i of the positive ones lies in (b^(offset+i), b^(offset+i+1)], b = 2^(2^-scale). */
export function exponentialBuckets(point: Point): Buckets {
  const { scale = 0, zeroCount = "0", zeroThreshold = 0, positive = {}, negative = {} } = point;
  const base = 2 ** (2 ** -scale);
  const counts = [Number(zeroCount)];
  let [lowestSum, highestSum] = [-zeroThreshold * counts[0]!, zeroThreshold * counts[0]!];
  const add = ({ offset = 0, bucketCounts = [] }: NonNullable<Point["positive"]>, isNegative: boolean) => {
    bucketCounts.map(Number).forEach((count, i) => {
      counts.push(count);
      const [low, high] = [count * base ** (offset + i), count * base ** (offset + i + 1)];
      lowestSum += isNegative ? -high : low;
      highestSum += isNegative ? -low : high;
    });
  };
  add(positive, false);
  add(negative, true);
  const layout = `${scale} ${positive.offset} ${positive.bucketCounts?.length} ${negative.offset} ${negative.bucketCounts?.length}`;
  return { counts, lowestSum, highestSum, layout };
}

/** What is wrong with a histogram point by itself, in words. */
export function findBucketFaults(
  { count, sum, bucketCounts, explicitBounds }: Point,
  buckets: Buckets,
): string[] {
  const faults: string[] = [];
  const total = buckets.counts.reduce((all, one) => all + one, 0);
  if (total !== Number(count ?? 0)) faults.push("a histogram's count is not the sum of its buckets");
  if (buckets.counts.some((one) => !(one >= 0))) faults.push("a bucket's count is negative");
  if (explicitBounds && bucketCounts?.length !== explicitBounds.length + 1) {
    faults.push("a histogram has not one bucket more than bounds");
  }
  if (explicitBounds?.some((bound, i) => i > 0 && !(bound > explicitBounds[i - 1]!))) {
    faults.push("a histogram's bounds do not rise");
  }
  if (sum !== undefined) {
    const slack = Math.abs(Number(sum)) * SUM_TOLERANCE;
    const isPossible = Number(sum) >= buckets.lowestSum - slack && Number(sum) <= buckets.highestSum + slack;
    if (!isPossible) faults.push("a histogram's sum is not possible with its buckets");
  }
  return faults;
}
