/**
 * Buckets of histograms: a few shapes that a resource's counts follow, times how much it has to count.
 *
 * A template's counts are a shape times a whole number, so their shares are exact, and a replayer meets few kinds of them.
 */
import { bucketMidpoints, exponentialMidpoints } from "../../template/values.ts";
import type { ExponentialHistogramMetric, HistogramMetric } from "./definition.ts";
import { MOST_PER_HOUR } from "./values.ts";

/** Shares of neighbouring buckets, fastest first: skewed to the left, as latencies are. */
const SHAPES = [
  [3, 14, 26, 13, 6, 2],
  [2, 11, 21, 17, 8, 4, 1],
  [9, 31, 17, 6, 1],
] as const;

/** For histograms of few bounds. */
const SHORT_SHAPES = [
  [44, 17, 3],
  [52, 11, 1],
] as const;

const EXPONENTIAL_SHAPE = [
  1, 2, 4, 7, 12, 18, 26, 36, 47, 58, 66, 71, 72, 69, 62, 53, 43, 33, 24, 17, 11, 7, 4, 2,
] as const;

/** Sums are multiples of this, and so that they stay in one range of doubles at least LEAST_SUM. */
const SUM_UNIT = 1 / 128;
const LEAST_SUM = 2;

/** A bucket count of an exponential histogram has 21 bits, for a day and a half. */
const MOST_IN_EXPONENTIAL_BUCKET = Math.floor(2 ** 21 / 36);

/** One way to fill the buckets of a metric: all counts are multiples of these. */
export interface Filling {
  readonly buckets: readonly number[];
  /** Sum of `buckets`. */
  readonly count: number;
  /** Sum of buckets times midpoints. */
  readonly sum: number;
  /** Index of the first bucket; 0 for explicit bounds. */
  readonly offset: number;
  /** Range of the whole number to multiply by. */
  readonly least: number;
  readonly most: number;
}

/** The fillings that the points of a metric take turns with. The last, open bucket stays empty. */
export function fillingsOf(metric: HistogramMetric | ExponentialHistogramMetric): Filling[] {
  if (metric.kind === "histogram") {
    const { bounds, firstLive } = metric;
    const middles = bucketMidpoints(bounds);
    return (bounds.length < 7 ? SHORT_SHAPES : SHAPES).flatMap((shape) =>
      [firstLive, firstLive + 1]
        .filter((first) => first + shape.length <= bounds.length)
        .map((first) => {
          const buckets = middles.map((_, index) => shape[index - first] ?? 0);
          return filling(buckets, middles, 0, Number.POSITIVE_INFINITY);
        }),
    );
  }
  const perBucket = Math.floor(MOST_IN_EXPONENTIAL_BUCKET / Math.max(...EXPONENTIAL_SHAPE));
  return [metric.offset, metric.offset + 3].map((offset) =>
    filling(
      EXPONENTIAL_SHAPE,
      exponentialMidpoints(metric.scale, offset, EXPONENTIAL_SHAPE.length),
      offset,
      perBucket,
    ),
  );
}

/** The multiplier nearest to a wanted count that keeps the filling's limits. */
export function timesFor(filling: Filling, wanted: number): number {
  return Math.max(filling.least, Math.min(filling.most, Math.round(wanted / filling.count)));
}

/** The sum field of a point that holds the filling `times` times. */
export function sumOf(filling: Filling, times: number): number {
  return Math.round((filling.sum * times) / SUM_UNIT) * SUM_UNIT;
}

function filling(
  buckets: readonly number[],
  middles: readonly number[],
  offset: number,
  most: number,
): Filling {
  const count = buckets.reduce((total, each) => total + each, 0);
  const sum = buckets.reduce((total, each, index) => total + each * middles[index]!, 0);
  const least = Math.max(1, Math.ceil(LEAST_SUM / sum));
  return {
    buckets,
    count,
    sum,
    offset,
    least,
    most: Math.max(least, Math.min(most, Math.floor(MOST_PER_HOUR / sum))),
  };
}
