/**
 * Latency of requests: HdrHistograms of microseconds. They merge without losing anything but the last digits.
 *
 * Only the histogram class of the package is loaded: its index would bring a WebAssembly build and a zlib of its own along,
 * 20 MB in a process that is to be light. So histograms travel as the counts of their values, not in HDR's own encoding.
 */
import histogramModule from "hdr-histogram-js/dist/Int32Histogram.js";

const Histogram = histogramModule.default;

/** Latencies beyond an hour are counted as an hour: no try and its retries last longer. */
const HIGHEST_US = 3_600_000_000;

/** Percentiles of a report, in milliseconds. All 0 when nothing was measured. */
export interface LatencyMs {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** A histogram as data: pairs of a latency in microseconds (3 significant digits) and how often it was measured. */
export type LatencyCounts = [us: number, count: number][];

/** Sixteen values an octave: none is off by more than 6.25 %. */
const COARSE_BITS = 5;

/**
 * The same latencies in far fewer pairs, at most some 500 over all that can be measured: each stands for those that share its first
 * 5 bits, under the highest of them. What is coarse already stays as it is, in a histogram too.
 */
export function coarse(counts: Readonly<LatencyCounts>): LatencyCounts {
  const sums: LatencyCounts = [];
  for (const [us, count] of counts) {
    const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, us))) + 1 - COARSE_BITS);
    const rounded = (Math.floor(us / step) + 1) * step - 1;
    const last = sums.at(-1);
    // Values come in rising order, so that equal ones are neighbours.
    if (last?.[0] === rounded) last[1] += count;
    else sums.push([rounded, count]);
  }
  return sums;
}

/** Latencies of one signal, from the moment that a request was due to its final answer. */
export class Latencies {
  readonly #histogram = new Histogram(1, HIGHEST_US, 3);

  record(latencyMs: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(latencyMs * 1000))));
  }

  /** Add what another process or replica measured. */
  add(counts: Readonly<LatencyCounts>): void {
    for (const [us, count] of counts) this.#histogram.recordValueWithCount(us, count);
  }

  /** Ascending. Read off the array: the package's iterator makes an object a step, and every process is asked every second. */
  counts(): LatencyCounts {
    const histogram = this.#histogram;
    const counts: LatencyCounts = [];
    let left = histogram.totalCount;
    for (let index = 0; left > 0; index++) {
      const count = histogram.getCountAtIndex(index);
      if (count === 0) continue;
      counts.push([histogram.highestEquivalentValue(histogram.valueFromIndex(index)), count]);
      left -= count;
    }
    return counts;
  }

  summary(): LatencyMs {
    const at = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / 1000;
    if (this.#histogram.totalCount === 0) return { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.maxValue / 1000 };
  }
}
