/**
 * How metric values move: every value is a function of its series and of the time since the run began.
 *
 * Values are counted in whole units: an integer metric's unit is 256^firstByte, a double's a power of two. So what is sent
 * is exact, and the bytes that never change are known when a batch is frozen.
 *
 *   wave(key, t)    piecewise linear between hashed knots KNOT_SECONDS apart, in [0, 1)
 *   gauge           middle + halfWidth * (offset of the series + wave), within middle +- halfWidth
 *   counted(t)      rate * (t + LEAD_SECONDS * wave(key, t)): the wave slopes by at most 1/KNOT_SECONDS, and
 *                   LEAD_SECONDS / KNOT_SECONDS < 1, so it never falls
 *   histogram       bucket = floor(per hour * counted hours), count = their sum, sum = midpoints * buckets; the hours are those of
 *                   counted(t) at a rate of 1 an hour, unrounded
 */
import { mix } from "./mix.ts";

const KNOT_SECONDS = 10;
const LEAD_SECONDS = 8;

/** Seconds of life that the amounts in a template stand for: a monotonic sum of 3600 rises by 1 a second. */
export const TEMPLATE_AMOUNT_SECONDS = 3600;

/** Longest time that a series may run ahead of its rate. */
export const LEAD_LIMIT_SECONDS = LEAD_SECONDS;

/** What tells the series of one instance from those of another. */
export function instanceSalt(instance: number): number {
  return mix(instance ^ 0x51ed270b);
}

/** Well-mixed 32 bits of a series' ordinal and its instance. */
export function seriesKey(series: number, salt: number): number {
  return mix(series ^ salt);
}

/** A time since the run began, and what all waves share at this time: computed once, used for each series. */
export class Moment {
  seconds = 0;
  fromKnot = 0;
  toKnot = 0;
  /** How far between the knots, in [0, 1). */
  fraction = 0;

  constructor(seconds = 0) {
    this.set(seconds);
  }

  /** seconds >= 0 */
  set(seconds: number): void {
    const position = seconds / KNOT_SECONDS;
    const knot = Math.floor(position);
    this.seconds = seconds;
    this.fromKnot = Math.imul(knot, 0x9e3779b1);
    this.toKnot = Math.imul(knot + 1, 0x9e3779b1);
    this.fraction = position - knot;
  }
}

/** A number in [0, 1) that wanders with time, different for each key. */
export function wave(key: number, { fromKnot, toKnot, fraction }: Moment): number {
  const from = mix(key ^ fromKnot) >>> 0;
  const to = mix(key ^ toKnot) >>> 0;
  return (from + (to - from) * fraction) * TWO_TO_MINUS_32;
}

/** Units that a gauge shows: half of the band belongs to the series, half to the moment. Integers in, an integer out. */
export function gaugeUnits(key: number, moment: Moment, middle: number, halfWidth: number): number {
  if (halfWidth === 0) return middle;
  const own = (mix(key ^ 0x68e31da4) >>> 0) * TWO_TO_MINUS_32;
  return middle + Math.round(halfWidth * (own + wave(key, moment) - 1));
}

/** Units counted since the series began: an integer that never falls as time goes on. */
export function countedUnits(key: number, moment: Moment, unitsPerSecond: number): number {
  return Math.floor(unitsPerSecond * (moment.seconds + LEAD_SECONDS * wave(key, moment)));
}

/** Hours of its rate that a series has counted since it began: what each bucket of a histogram multiplies by its own. */
export function countedHours(key: number, moment: Moment): number {
  return (moment.seconds + LEAD_SECONDS * wave(key, moment)) * HOURS_PER_SECOND;
}

/** Seconds for which `counted` stays below `limit` units (an integer). Infinity for a rate of 0. */
export function secondsUntil(limit: number, unitsPerSecond: number): number {
  return unitsPerSecond > 0 ? (limit - 1) / unitsPerSecond - LEAD_SECONDS : Number.POSITIVE_INFINITY;
}

/**
 * The value that stands for all that fell into each bucket of an explicit histogram: its middle; for the last, open one, half
 * as much again as its lower bound. Rounded to 2^-16, so that sums of them are exact.
 */
export function bucketMidpoints(bounds: readonly number[]): number[] {
  if (bounds.length === 0) return [1];
  const middles = bounds.map((bound, i) =>
    i === 0 ? Math.min(bound, bound / 2) : (bounds[i - 1]! + bound) / 2,
  );
  middles.push(bounds.at(-1)! * 1.5);
  return middles.map(toDyadic);
}

/** The same for an exponential histogram's positive buckets: bucket i covers (base^(offset+i), base^(offset+i+1)]. */
export function exponentialMidpoints(scale: number, offset: number, buckets: number): number[] {
  const exponent = 2 ** -scale;
  return Array.from({ length: buckets }, (_, i) => toDyadic(2 ** (exponent * (offset + i + 0.5))));
}

/**
 * Midpoints for what is sent, of the buckets [first, end): on the coarsest grid on which each stays in the middle half of its bucket.
 * Their sums have few bits then, as those of real measurements do not, but no measurement contradicts them.
 */
export function sentBucketMidpoints(bounds: readonly number[], first: number, end: number): number[] {
  const middles = bucketMidpoints(bounds);
  const widths = middles.map((_, i) => {
    if (bounds.length === 0) return 0;
    // The first bucket ends at 0 or begins there, the open one is taken to end at twice its lower bound.
    if (i === 0) return Math.max(0, bounds[0]!);
    return i < bounds.length ? bounds[i]! - bounds[i - 1]! : Math.max(0, bounds.at(-1)!);
  });
  return onCoarsestGrid(middles.slice(first, end), widths.slice(first, end));
}

/** The same for an exponential histogram's positive buckets. */
export function sentExponentialMidpoints(
  scale: number,
  offset: number,
  first: number,
  end: number,
): number[] {
  const middles = exponentialMidpoints(scale, offset + first, end - first);
  const growth = 2 ** (2 ** -scale / 2);
  return onCoarsestGrid(
    middles,
    middles.map((middle) => middle * growth - middle / growth),
  );
}

/** Numbers of 2^-16, rounded to multiples of the largest power of two that moves none by more than a quarter of its width. */
function onCoarsestGrid(numbers: readonly number[], widths: readonly number[]): number[] {
  for (let grid = 2 ** 40; grid > 2 ** -16; grid /= 2) {
    const rounded = numbers.map((number) => Math.round(number / grid) * grid);
    if (rounded.every((number, i) => Math.abs(number - numbers[i]!) <= widths[i]! / 4)) return rounded;
  }
  return [...numbers];
}

function toDyadic(value: number): number {
  return Math.round(value * 65_536) / 65_536;
}

const HOURS_PER_SECOND = 1 / TEMPLATE_AMOUNT_SECONDS;
const TWO_TO_MINUS_32 = 2 ** -32;
