/**
 * How many items a request carries where nobody says: the usual number, but no more than a small rate has in a moment. A thousand
 * events a second in requests of fifteen hundred would be one burst every second and a half.
 */
import type { PerSignal } from "../otlp/signal.ts";
import type { AskedRate } from "./asked-rate.ts";

/** Traces, data points, log records. */
const USUAL: PerSignal<number> = { traces: 100, metrics: 1000, logs: 1000 };
/** Milliseconds of the fleet's mean rate that one request may carry: a twentieth of the tenth of a second that a burst is seen in. */
const MOMENT_MS = 5;
/** Requests of the usual size in flight, at most; and of small ones. */
const USUAL_CONCURRENCY = 50;
const MOST_CONCURRENCY = 512;
/** A trace of so many spans stays whole at any rate: receivers decide over whole traces, and a usual one is no burst. */
const WHOLE_TRACE_SPANS = 128;

/** What a request carries, at most. */
export interface RequestSize {
  /** Traces, data points, log records. */
  batchSize: PerSignal<number>;
  /** Spans with which a request takes no further trace; Infinity: as many as the traces have. */
  maxSpans: number;
  /** A trace of more spans goes out in requests of so many. */
  maxTraceSpans: number;
}

/**
 * Events that a request may carry at a rate, whatever the number of replicas, for they share frozen files: a power of two, so that
 * rates that are close share them too. Infinity where the rate is not limited.
 */
export function momentItems({ mean }: AskedRate): number {
  if (mean === 0) return Number.POSITIVE_INFINITY;
  return Math.max(1, 2 ** Math.floor(Math.log2((mean * MOMENT_MS) / 1000)));
}

/** given: what the config says; it is obeyed as it stands. */
export function requestSize(
  given: { [S in keyof PerSignal<number>]?: number | undefined },
  rate: AskedRate,
): RequestSize {
  const most = momentItems(rate);
  const maxSpans = given.traces === undefined ? most : Number.POSITIVE_INFINITY;
  return {
    batchSize: {
      traces: given.traces ?? USUAL.traces,
      metrics: given.metrics ?? Math.min(USUAL.metrics, most),
      logs: given.logs ?? Math.min(USUAL.logs, most),
    },
    maxSpans,
    maxTraceSpans: Math.max(WHOLE_TRACE_SPANS, maxSpans),
  };
}

/**
 * Requests in flight where nobody says how many: as many events as usual, so that a target which takes its time over each request gets
 * small ones as fast as large ones. At 1,000 events a second there are some 250 requests; with 50 in flight they would fall behind a
 * target that takes a fifth of a second.
 */
export function usualConcurrency({ batchSize, maxSpans }: RequestSize): number {
  const smallest = Math.min(batchSize.metrics, batchSize.logs, maxSpans);
  const places = Math.ceil((USUAL_CONCURRENCY * USUAL.logs) / smallest);
  return Math.min(MOST_CONCURRENCY, Math.max(USUAL_CONCURRENCY, places));
}
