/**
 * Which bytes of a value can change at all, from the numbers that move it: only these are literals of a compressed body.
 *
 * A double that is a multiple of 2^-f and lies below 2^(e+1) has e + f bits of mantissa at most, from bit 51 down; the bytes under
 * them are zero.
 */
import { LEAD_LIMIT_SECONDS, TEMPLATE_AMOUNT_SECONDS } from "../../template/values.ts";
import { MAX_BUCKET_COUNT } from "./value-table.ts";

const MANTISSA_BITS = 52;

/** Bits behind the point of doubles that rise: they are multiples of 1/128. */
const RISING_BITS = 7;

/** Bits behind the point of the midpoints of buckets, at most. */
const MIDPOINT_BITS = 16;

/**
 * What a series with a model needs bytes for: half a day, as a pod may live; then another incarnation begins. Differences span so much
 * time at most. Generated series could live three times as long, for a byte more in each fifth value.
 */
export const LIFE_SECONDS = 12 * 3600;

/** Low bytes in which the integers from `lowest` to `highest` differ, in two's complement: 0 to 8. |integer| < 2^63 */
export function changingIntegerBytes(lowest: number | bigint, highest: number | bigint): number {
  let differing = BigInt.asUintN(64, BigInt(lowest) ^ BigInt(highest));
  let bytes = 0;
  for (; differing > 0n; differing >>= 8n) bytes++;
  return bytes;
}

/** Bytes that change of a double that wanders from `lowest` to `highest` in steps of `unit`, a power of two. */
export function changingDoubleBytes(
  lowest: number,
  highest: number,
  unit: number,
): { firstByte: number; width: number } {
  if ((lowest <= 0 && highest >= 0) || !Number.isFinite(highest - lowest) || unit === 0)
    return { firstByte: 0, width: 8 };
  const end = changingIntegerBytes(bitsOf(lowest), bitsOf(highest));
  const largest = Math.max(Math.abs(lowest), Math.abs(highest));
  const mantissaBits = Math.floor(Math.log2(largest)) - Math.log2(unit);
  const firstByte = Math.min(end - 1, lowestByte(mantissaBits));
  return { firstByte, width: end - firstByte };
}

/** Largest double that rises in steps of 1/128 and has no bit below a byte; infinite for byte 0. */
export function risingDoubleLimit(firstByte: number): number {
  return largestFrom(firstByte, RISING_BITS);
}

/** Bytes and limit of a difference, any multiple of 1/128 from 0 on: what counts so much per second for a series' life. */
export function risingDifferenceBytes(perSecond: number): {
  firstByte: number;
  width: number;
  limit: number;
} {
  const most = perSecond * (LIFE_SECONDS + LEAD_LIMIT_SECONDS);
  let firstByte = 5;
  while (most > risingDoubleLimit(firstByte)) firstByte--;
  return { firstByte, width: 8 - firstByte, limit: risingDoubleLimit(firstByte) };
}

/** What a histogram counts stays below this: its kernels work with integers of 32 bits. */
const MOST_COUNTED = 2 ** 31;

/** Hours that a histogram with these buckets counts in a series' life at most, before its counts leave `bytes`. */
export function histogramHours(buckets: readonly number[], bytes: number, hasLife: boolean): number {
  const limit = Math.min(256 ** bytes, MOST_COUNTED) - buckets.length - 1;
  return wholeHours(limit / sumOf(buckets), hasLife);
}

/** The same of an exponential one. Its series live as long as generated ones, with or without a model: buckets have no bytes for more. */
export function exponentialHours(zeros: number, buckets: readonly number[]): number {
  const busiest = Math.max(zeros, ...buckets);
  const limit = MOST_COUNTED - buckets.length - 2;
  return wholeHours(Math.min((MAX_BUCKET_COUNT - 1) / busiest, limit / (sumOf(buckets) + zeros)), true);
}

/** Powers of two where that is less than a life, so that points share groups. */
function wholeHours(limit: number, hasLife: boolean): number {
  const life = hasLife
    ? (LIFE_SECONDS + LEAD_LIMIT_SECONDS) / TEMPLATE_AMOUNT_SECONDS
    : Number.POSITIVE_INFINITY;
  return limit >= life ? life : 2 ** Math.floor(Math.log2(limit));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}

/** Bytes of an integer from 0 to `most`, at least 1. */
export function bytesFor(most: number): number {
  let bytes = 1;
  while (most >= 256 ** bytes) bytes++;
  return bytes;
}

/** Most that a bucket holds after so many hours of this rate, or counts in as many. */
export function mostInBucket(perHour: number, hours: number): number {
  return Math.floor(perHour * hours) + 1;
}

/** First byte of the sum of a histogram with these midpoints that counts `counts` at most. */
export function histogramSumByte(midpoints: readonly number[], counts: number): number {
  const largest = Math.max(0, ...midpoints) * counts;
  if (midpoints.some((middle) => middle < 0) || !Number.isFinite(largest)) return 0;
  const bits = fractionBits(midpoints);
  let firstByte = 5;
  while (largest > largestFrom(firstByte, bits)) firstByte--;
  return firstByte;
}

/** Bits behind the point that these numbers have together; below 0 for multiples of 2, 4 and so on. */
function fractionBits(numbers: readonly number[]): number {
  for (let bits = -40; bits < MIDPOINT_BITS; bits++) {
    if (numbers.every((number) => Number.isInteger(number * 2 ** bits))) return bits;
  }
  return MIDPOINT_BITS;
}

/** Largest multiple of 2^-fractionBits whose double has no bit below a byte. Infinite for byte 0, under which there is nothing. */
function largestFrom(firstByte: number, fractionBits: number): number {
  if (firstByte === 0) return Number.POSITIVE_INFINITY;
  const exponent = MANTISSA_BITS - 8 * firstByte - fractionBits;
  return 2 ** (exponent + 1) - 2 ** -fractionBits;
}

function lowestByte(mantissaBits: number): number {
  return Math.max(0, Math.floor((MANTISSA_BITS - mantissaBits) / 8));
}

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

function bitsOf(value: number): bigint {
  double[0] = value;
  return bits[0]!;
}
