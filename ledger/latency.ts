/**
 * Latency of requests: HdrHistograms of microseconds, which merge without losing anything but the last digits.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

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

/** Latencies of one signal, from the moment that a request was due to its final answer. */
export class Latencies {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

  record(latencyMs: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(latencyMs * 1000))));
  }

  /** Add what another process measured, as its `encode` gave it. */
  addEncoded(encoded: string): void {
    this.#histogram.add(decodeFromCompressedBase64(encoded, 32));
  }

  /** HdrHistogram's own compressed encoding, in base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  summary(): LatencyMs {
    const at = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / 1000;
    if (this.#histogram.totalCount === 0) return { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.maxValue / 1000 };
  }
}
