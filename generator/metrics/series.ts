/**
 * How many series each metric has, and how they are dealt out over the resources that come by.
 */
import type { Random } from "../random.ts";

export interface SeriesRange {
  readonly min: number;
  readonly max: number;
  /** Mean over all metrics. */
  readonly default: number;
}

/**
 * Numbers of series for `metrics` metrics, each within [min, max], their mean the default.
 *
 * Below and above the default they are uniform, with shares that make the mean right; one from each equal slice of that
 * distribution, shuffled, so that the mean is right for few metrics too.
 */
export function seriesCounts(random: Random, metrics: number, range: SeriesRange): number[] {
  const { min, max, default: mean } = range;
  const below = max > min ? (max - mean) / (max - min) : 1;
  const counts = Array.from({ length: metrics }, (_, index) => {
    const quantile = (index + 0.5) / metrics;
    const exact =
      quantile < below
        ? min + ((mean - min) * quantile) / below
        : mean + ((max - mean) * (quantile - below)) / (1 - below);
    return Math.round(exact);
  });
  for (let index = counts.length - 1; index > 0; index--) {
    const other = random.int(0, index);
    [counts[index], counts[other]] = [counts[other]!, counts[index]!];
  }
  return counts;
}

/** Deals out the series of one metric, whole resources as far as that is possible. */
export class SeriesQuota {
  readonly #wanted: number;
  readonly #range: SeriesRange;
  dealt = 0;
  /** No further resource reports the metric. */
  done = false;

  constructor(wanted: number, range: SeriesRange) {
    this.#wanted = wanted;
    this.#range = range;
  }

  /** How many of the points that the next resource could have it shall have. */
  take(offered: number): number {
    if (this.done || offered === 0) return 0;
    const taken = this.#share(offered);
    this.dealt += taken;
    this.done ||= this.dealt >= this.#wanted;
    return taken;
  }

  #share(offered: number): number {
    const missing = this.#wanted - this.dealt;
    if (offered <= missing) return offered;
    // The last resource: whole if that is nearer to what is wanted than none of it, and within the range.
    if (offered - missing <= missing && this.dealt + offered <= this.#range.max) return offered;
    this.done = true;
    return missing > offered / 2 || this.dealt < this.#range.min ? missing : 0;
  }
}
