/**
 * Latencies as Prometheus has them: a histogram with cumulative buckets, made of HDR counts when somebody asks.
 */
import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from "prom-client";
import type { LatencyCounts } from "../../ledger/latency.ts";
import { SIGNALS, type Signal } from "../../otlp/signal.ts";

/** Upper bounds of the buckets, seconds, ascending; beyond the last there is +Inf. From a loopback's answer to a long row of retries. */
export const BOUNDS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

const BOUNDS_US = BOUNDS_SECONDS.map((seconds) => Math.round(seconds * 1e6));

/** Latencies in buckets. */
export interface Buckets {
  /** How many are at most as long as each of BOUNDS_SECONDS. */
  cumulative: number[];
  count: number;
  sumSeconds: number;
}

/**
 * Sort latencies of several processes into buckets.
 *
 * measured  of each process, ascending as Latencies gives them
 *
 * A count's value stands for latencies that differ from it by less than a thousandth: so close to a bound, the one or the other bucket
 * has them, and the sum is too high by as much at most.
 */
export function bucketsOf(measured: readonly LatencyCounts[]): Buckets {
  const cumulative: number[] = BOUNDS_SECONDS.map(() => 0);
  let count = 0;
  let sumUs = 0;
  for (const counts of measured) {
    // They come in ascending order.
    let bucket = 0;
    for (const [us, times] of counts) {
      count += times;
      sumUs += us * times;
      while (bucket < BOUNDS_US.length && us > BOUNDS_US[bucket]!) bucket++;
      if (bucket < BOUNDS_US.length) cumulative[bucket]! += times;
    }
  }
  for (let index = 1; index < cumulative.length; index++) cumulative[index]! += cumulative[index - 1]!;
  return { cumulative, count, sumSeconds: sumUs / 1e6 };
}

/** prom-client's histogram counts what it observes, one by one. This one is told what was counted elsewhere. */
export class LatencyHistogram extends Histogram<"signal"> {
  readonly #head: { name: string; help: string };
  readonly #latest: () => Partial<Record<Signal, readonly LatencyCounts[]>>;

  /** latest  the latencies at this moment, of the signals that are sent */
  constructor(
    head: { name: string; help: string; registers: Registry[] },
    latest: () => Partial<Record<Signal, readonly LatencyCounts[]>>,
  ) {
    super({ ...head, labelNames: ["signal"], buckets: [...BOUNDS_SECONDS] });
    this.#head = head;
    this.#latest = latest;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<"signal">>> {
    const { name, help } = this.#head;
    const latest = this.#latest();
    const values = SIGNALS.flatMap((signal) => {
      const measured = latest[signal];
      return measured === undefined ? [] : valuesOf(name, signal, bucketsOf(measured));
    });
    // Its declarations have an enum for the type, its code goes by the word.
    return { name, help, values, type: "histogram" as never, aggregator: "sum", collect: () => {} };
  }

  /** What the registry asks for instead of get() where there is one. */
  getForPromString() {
    return this.get();
  }
}

function valuesOf(name: string, signal: Signal, { cumulative, count, sumSeconds }: Buckets) {
  const bucket = (le: string, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { signal, le },
    value,
  });
  return [
    ...BOUNDS_SECONDS.map((bound, index) => bucket(String(bound), cumulative[index]!)),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels: { signal }, value: sumSeconds },
    { metricName: `${name}_count`, labels: { signal }, value: count },
  ];
}
