/**
 * Spans that log records can belong to: a sample of bounded size, taken while the traces are written.
 */
import type { Random } from "./random.ts";

/** What a log record needs to know about its span. Numbers index the scenario's lists. */
export interface SampledSpan {
  readonly trace: number;
  readonly ordinal: number;
  readonly spanCount: number;
  readonly instance: number;
  /** The endpoint it serves, or -1. */
  readonly operation: number;
  /** The statement it sent, or -1. */
  readonly database: number;
  /** HTTP status, where there is one. */
  readonly statusCode: number;
  /** Whether an error began here. */
  readonly failed: boolean;
  /** The random word of the span (of its trace, for a request from outside). */
  readonly word: number;
}

/**
 * A uniform sample of up to `capacity` of all spans offered (algorithm R, J. Vitter, 1985). Its draws come from a
 * stream of its own, so that sampling changes no trace.
 */
export class SpanSample {
  readonly #random: Random;
  readonly #capacity: number;
  readonly #spans: SampledSpan[] = [];
  #offered = 0;

  constructor(capacity: number, random: Random) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** The place at which the next span is to be kept, or -1 when the sample does without it. Counts it as offered. */
  offer(): number {
    const seen = this.#offered++;
    if (this.#capacity === 0) return -1;
    if (seen < this.#capacity) return seen;
    const place = Math.floor(this.#random.float() * (seen + 1));
    return place < this.#capacity ? place : -1;
  }

  /** Keep a span at the place that `offer` gave. */
  keep(place: number, span: SampledSpan): void {
    this.#spans[place] = span;
  }

  /** The sample in the order of the trace file. */
  sorted(): readonly SampledSpan[] {
    return this.#spans.toSorted((a, b) => a.trace - b.trace || a.ordinal - b.ordinal);
  }
}

/** The spans of a run that logs may belong to. */
export interface SpanSamples {
  /** Requests from outside: each has one line in an access log. */
  readonly requests: SpanSample;
  /** Any spans. */
  readonly any: SpanSample;
}

const MAX_SAMPLE = 100_000;

/** Samples that suffice for this many log records. */
export function makeSamples(logRecords: number, random: Random): SpanSamples {
  const capacity = Math.min(MAX_SAMPLE, logRecords);
  return {
    requests: new SpanSample(capacity, random.fork("requests")),
    any: new SpanSample(capacity, random.fork("any")),
  };
}
