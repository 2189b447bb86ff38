/**
 * The stamp key: everything that decides what a request's body is, besides the frozen batch. The same key gives the same
 * body, byte for byte, in every mode; a request keeps its key until its result is known, and a retry is stamped from it.
 */
import { TIME_STEP_NS } from "../../template/slots.ts";

/** Numbers only, so that a fixed set of keys can be filled again and again. Times are in steps of TIME_STEP_NS since the epoch. */
export interface StampKey {
  /** One life of one replica: 1 <= incarnation < 2^48. */
  incarnation: number;
  /** Trip through the templates, from 0. */
  pass: number;
  /** Batch of the frozen file. */
  batch: number;
  /** Base time of the request: no time in it is later. */
  baseSteps: number;
  /** Metrics: when the series began. */
  runSteps: number;
  /** Metrics: base time of the previous point of these series, runSteps for the first. */
  previousSteps: number;
  /** Metrics: what instance numbers are counted in, the replica's index or its incarnation: 0 <= block < 2^48. */
  block: number;
  /** Metrics: instance in the block. */
  instance: number;
}

export function newStampKey(): StampKey {
  return {
    incarnation: 0,
    pass: 0,
    batch: 0,
    baseSteps: 0,
    runSteps: 0,
    previousSteps: 0,
    block: 0,
    instance: 0,
  };
}

/** Steps that a wall-clock time lies in. Milliseconds since the epoch, fractions allowed. */
export function stepsOf(unixMs: number): number {
  return Math.floor((unixMs * 1_000_000) / TIME_STEP_NS);
}

/** Seconds between two base times. */
export function secondsBetween(fromSteps: number, toSteps: number): number {
  return ((toSteps - fromSteps) * TIME_STEP_NS) / 1_000_000_000;
}

/** Steps in 2^40 ns: byte 5 of a time changes every 18.3 minutes, and all bytes above it with it. */
const CARRY_STEPS = 2 ** 16;

/** Steps in an hour; a fraction of two integers that doubles hold, so that hours are found exactly. */
const HOUR_STEPS = 3_600_000_000_000 / TIME_STEP_NS;

/**
 * The base time of a batch whose earliest time lies `lowestSteps` (<= 0) before it: the latest one not after `steps` at which
 * all times of the batch agree in bytes 5 to 7, and, with times in text, in their hour. Such edges are stepped back from, not
 * over, so that whoever stamps a compressed batch can treat these bytes as one. An edge moves the base by the batch's own length
 * at most; a batch that is longer than the distance of two edges cannot keep clear of them and stays where it is.
 */
export function settleBase(steps: number, lowestSteps: number, hasTimeTexts: boolean): number {
  let base = clearOfEdge(steps, lowestSteps, CARRY_STEPS);
  if (!hasTimeTexts) return base;
  // Clear of an hour it may lie across a carry again, where both meet within the batch's length.
  for (let settled = -1; settled !== base; ) {
    settled = base;
    base = clearOfEdge(clearOfEdge(base, lowestSteps, HOUR_STEPS), lowestSteps, CARRY_STEPS);
  }
  return base;
}

function clearOfEdge(base: number, lowestSteps: number, period: number): number {
  const edge = Math.floor(base / period) * period;
  if (base + lowestSteps >= edge || -lowestSteps >= Math.floor(period)) return base;
  return Math.ceil(edge) - 1;
}
