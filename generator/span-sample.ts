/**
 * Spans that log records can belong to: a sample of bounded size, taken while the traces are written.
 */
import type { ExceptionOrigin, OriginRecord } from "./exception-origin.ts";
import type { Random } from "./random.ts";
import { SERVER, type SpanRole } from "./span-role.ts";

/** What a log record needs to know about its span. */
export interface SampledSpan {
  readonly trace: number;
  readonly ordinal: number;
  readonly spanCount: number;
  /** Place in the scenario's instances: whose span it is. */
  readonly instance: number;
  /** Place in the scenario's instances of who called a SERVER; -1 for a request from outside, and for other roles. */
  readonly caller: number;
  readonly role: SpanRole;
  /**
   * Place in the role's list of the scenario: operations (SERVER, CLIENT), externalCalls, databaseCalls, steps,
   * topics (PRODUCER), consumers.
   */
  readonly what: number;
  /** HTTP or gRPC status as a number; 0 where there is none, and for a request that got no answer. gRPC's OK is 0 too. */
  readonly statusCode: number;
  readonly durationNs: number;
  /** The random word of the span; of its trace for a request from outside. Both sides of a call have the same. */
  readonly word: number;
  /** The random word of its trace: the user, the session, the client. */
  readonly traceWord: number;
  /** Whether the span has the status Error. */
  readonly failed: boolean;
  /** What `makeException` makes the exception of the span's event from, if it has one. */
  readonly exception: ExceptionOrigin | undefined;
}

/** Compares spans by their places in the trace file. */
export function inFileOrder(a: SampledSpan, b: SampledSpan): number {
  return a.trace - b.trace || a.ordinal - b.ordinal;
}

/** A sampled span to be filled in. */
export type SpanRecord = { -readonly [Key in Exclude<keyof SampledSpan, "exception">]: SampledSpan[Key] } & {
  exception: OriginRecord | undefined;
};

/**
 * A uniform sample of up to `capacity` of all spans offered (algorithm R, J. Vitter, 1985). Its draws come from a
 * stream of its own, so that sampling changes no trace.
 */
export class SpanSample {
  readonly #random: Random;
  readonly #capacity: number;
  readonly #spans: SpanRecord[] = [];
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

  /** What is kept at the place that `offer` gave, all of it to be filled in; that of a span which goes is used again. */
  at(place: number): SpanRecord {
    if (place === this.#spans.length) this.#spans.push(emptyRecord());
    return this.#spans[place]!;
  }

  /** The sample in the order of the trace file. */
  sorted(): readonly SampledSpan[] {
    return this.#spans.toSorted(inFileOrder);
  }
}

function emptyRecord(): SpanRecord {
  return {
    trace: 0,
    ordinal: 0,
    spanCount: 0,
    instance: 0,
    caller: -1,
    role: SERVER,
    what: 0,
    statusCode: 0,
    durationNs: 0,
    word: 0,
    traceWord: 0,
    failed: false,
    exception: undefined,
  };
}

/** The spans of a run that logs may belong to. */
export interface SpanSamples {
  /** Requests from outside: each has one line in an access log. */
  readonly requests: SpanSample;
  /** Any spans. */
  readonly any: SpanSample;
  /** Spans with an exception: they are rare among all, and most of them have a log record. */
  readonly failures: SpanSample;
}

const MAX_SAMPLE = 100_000;

/** Samples that suffice for this many log records. */
export function makeSamples(logRecords: number, random: Random): SpanSamples {
  const capacity = Math.min(MAX_SAMPLE, logRecords);
  return {
    requests: new SpanSample(capacity, random.fork("requests")),
    any: new SpanSample(capacity, random.fork("any")),
    failures: new SpanSample(capacity, random.fork("failures")),
  };
}
