/**
 * Jitter: how far before the request's base time a trace ends or a record lies. Fixed when the batch is frozen, a
 * function of the seed and the place in the template, so that it is the same in every replica and every run.
 */
import { mix } from "../../template/mix.ts";

/** Distinct jitters of log records: text times are formatted once per second and value. */
const LOG_JITTERS = 64;

export interface JitterSettings {
  seed: number;
  /** Largest jitter in milliseconds, 0 for none. */
  jitterMs: number;
}

/** Nanoseconds by which the trace with this ordinal ends before the base time. */
export function traceJitterNs(settings: JitterSettings, ordinal: number): number {
  return spread(settings, ordinal % 2 ** 32);
}

/** Nanoseconds by which the log record lies before the base time. */
export function logJitterNs(settings: JitterSettings, record: number): number {
  return spread(settings, hash(record, 0x9e3779b9) % LOG_JITTERS);
}

function spread({ seed, jitterMs }: JitterSettings, place: number): number {
  return Math.floor((hash(place, seed) / 2 ** 32) * jitterMs * 1_000_000);
}

function hash(value: number, seed: number): number {
  return mix(value ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
}
