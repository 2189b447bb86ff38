/**
 * Histograms are written in passes over some points at a time, each of which does one thing for all of them: in one loop together, V8
 * no longer inlines what it calls, and numbers go from function to function through the heap.
 */
import { countedHours, seriesKey } from "../../template/values.ts";
import { RATE_SHIFT, STRIDE_MASK } from "../freeze/value-table.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { group, now, previous } from "./value-group.ts";
import { writeInteger, writeWord } from "./write-bytes.ts";

const POINTS_AT_ONCE = 128;

/** Of these points: hours counted up to now and up to the point before; zeros, counts and sums of what is shown. */
const hours = new Float64Array(POINTS_AT_ONCE);
const hoursBefore = new Float64Array(POINTS_AT_ONCE);
const zeros = new Int32Array(POINTS_AT_ONCE);
const counts = new Int32Array(POINTS_AT_ONCE);
const sums = new Float64Array(POINTS_AT_ONCE);
const sumBytes = new DataView(sums.buffer);

/** Constants of this module: imported ones are read again, and checked, in every round of a loop. */
const SHIFT = RATE_SHIFT;
const MASK = STRIDE_MASK;

/** The group that `group` describes: explicit histograms whose buckets lie in one run. */
export function stampHistograms(buffer: SendBuffer): void {
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    if (group.isDelta) fillAnyBuckets(buffer, from, points, 4, false);
    else fillBuckets(buffer, from, points);
    writeSums(buffer, from, points, 4);
    writeCounts(buffer, from, points, 4, counts, 0);
  }
}

/** The same with a place for each bucket. */
export function stampHistogramsApart(buffer: SendBuffer): void {
  const stride = 2 + group.buckets;
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    fillAnyBuckets(buffer, from, points, stride, true);
    writeSums(buffer, from, points, stride);
    writeCounts(buffer, from, points, stride, counts, 0);
  }
}

/** Exponential histograms whose buckets lie in one run. */
export function stampExponentials(buffer: SendBuffer): void {
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    if (group.isDelta) fillAnyVarints(buffer, from, points, 5, false);
    else fillVarints(buffer, from, points);
    writeSums(buffer, from, points, 5);
    writeCounts(buffer, from, points, 5, counts, 0);
    writeCounts(buffer, from, points, 5, zeros, 2);
  }
}

/** The same with a place for each bucket. */
export function stampExponentialsApart(buffer: SendBuffer): void {
  const stride = 3 + group.buckets;
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    fillAnyVarints(buffer, from, points, stride, true);
    writeSums(buffer, from, points, stride);
    writeCounts(buffer, from, points, stride, counts, 0);
    writeCounts(buffer, from, points, stride, zeros, 2);
  }
}

function countHours({ ints }: SendBuffer, from: number, points: number): void {
  const { salt } = group;
  const series = group.series + from;
  for (let point = 0; point < points; point++) {
    hours[point] = countedHours(seriesKey(ints[series + point]!, salt), now);
  }
  if (!group.isDelta) return;
  for (let point = 0; point < points; point++) {
    hoursBefore[point] = countedHours(seriesKey(ints[series + point]!, salt), previous);
  }
}

/**
 * Buckets of cumulative points in one run: four bytes each, of which the next one overwrites what is too much; the bytes behind the last
 * one are put back. Hours end where the bytes of the counts do.
 */
function fillBuckets({ ints, doubles, view }: SendBuffer, from: number, points: number): void {
  const { buckets, shared } = group;
  const most = doubles[shared]!;
  let rates = group.rates + from * buckets;
  for (let point = 0; point < points; point++) {
    const upTo = Math.min(hours[point]!, most);
    const at = group.offsets + (from + point) * 4;
    const end = ints[at + 3]!;
    const behind = view.getInt32(end, true);
    let place = ints[at + 2]!;
    let middle = shared + 1;
    let count = 0;
    let sum = 0;
    for (const ratesEnd = rates + buckets; rates < ratesEnd; rates++) {
      const rate = ints[rates]!;
      const inBucket = ((rate >>> SHIFT) * upTo) | 0;
      view.setInt32(place, inBucket, true);
      place = (place + (rate & MASK) + 1) | 0;
      count = (count + inBucket) | 0;
      sum += inBucket * doubles[middle]!;
      middle = (middle + 1) | 0;
    }
    view.setInt32(end, behind, true);
    counts[point] = count;
    sums[point] = sum;
  }
}

/** The same with a varint for a word. */
function fillVarints({ ints, doubles, view }: SendBuffer, from: number, points: number): void {
  const { buckets, shared } = group;
  const most = doubles[shared]!;
  let rates = group.rates + from * (buckets + 1);
  for (let point = 0; point < points; point++) {
    const upTo = Math.min(hours[point]!, most);
    const at = group.offsets + (from + point) * 5;
    const end = ints[at + 4]!;
    const behind = view.getInt32(end, true);
    let place = ints[at + 3]!;
    let middle = shared + 1;
    let count = ((ints[rates++]! >>> SHIFT) * upTo) | 0;
    let sum = 0;
    zeros[point] = count;
    for (const ratesEnd = rates + buckets; rates < ratesEnd; rates++) {
      const rate = ints[rates]!;
      const inBucket = ((rate >>> SHIFT) * upTo) | 0;
      view.setInt32(place, paddedVarint(inBucket, rate & MASK), true);
      place = (place + (rate & MASK) + 1) | 0;
      count = (count + inBucket) | 0;
      sum += inBucket * doubles[middle]!;
      middle = (middle + 1) | 0;
    }
    view.setInt32(end, behind, true);
    counts[point] = count;
    sums[point] = sum;
  }
}

/**
 * Any buckets, of `stride` offsets a point: differences, and those apart. Of differences so many of the latest hours are counted as their
 * bytes hold; what was counted since the run began is known modulo 2^32 only, which is enough for them.
 */
function fillAnyBuckets(
  { ints, doubles, view }: SendBuffer,
  from: number,
  points: number,
  stride: number,
  isApart: boolean,
): void {
  const { isDelta, buckets, shared } = group;
  const most = doubles[shared]!;
  for (let point = 0; point < points; point++) {
    const upTo = isDelta ? hours[point]! : Math.min(hours[point]!, most);
    const before = isDelta ? Math.max(hoursBefore[point]!, upTo - most) : 0;
    const places = group.offsets + (from + point) * stride + 2;
    const rates = group.rates + (from + point) * buckets;
    let place = ints[places]!;
    let count = 0;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const rate = ints[rates + bucket]!;
      const inBucket = between(rate >>> SHIFT, before, upTo);
      if (isApart) place = ints[places + bucket]!;
      writeInteger(view, place, inBucket, (rate & MASK) + 1);
      place += (rate & MASK) + 1;
      count += inBucket;
      sum += inBucket * doubles[shared + 1 + bucket]!;
    }
    counts[point] = count;
    sums[point] = sum;
  }
}

function fillAnyVarints(
  { ints, doubles, view }: SendBuffer,
  from: number,
  points: number,
  stride: number,
  isApart: boolean,
): void {
  const { isDelta, buckets, shared } = group;
  const most = doubles[shared]!;
  for (let point = 0; point < points; point++) {
    const upTo = isDelta ? hours[point]! : Math.min(hours[point]!, most);
    const before = isDelta ? Math.max(hoursBefore[point]!, upTo - most) : 0;
    const places = group.offsets + (from + point) * stride + 3;
    const rates = group.rates + (from + point) * (buckets + 1) + 1;
    let place = ints[places]!;
    let count = between(ints[rates - 1]! >>> SHIFT, before, upTo);
    let sum = 0;
    zeros[point] = count;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const rate = ints[rates + bucket]!;
      const inBucket = between(rate >>> SHIFT, before, upTo);
      if (isApart) place = ints[places + bucket]!;
      writeWord(view, place, paddedVarint(inBucket, rate & MASK), (rate & MASK) + 1);
      place += (rate & MASK) + 1;
      count += inBucket;
      sum += inBucket * doubles[shared + 1 + bucket]!;
    }
    counts[point] = count;
    sums[point] = sum;
  }
}

/** What is counted from one hour to another. */
function between(perHour: number, before: number, upTo: number): number {
  return (((perHour * upTo) | 0) - ((perHour * before) | 0)) | 0;
}

/** Counts, at the offsets `field` of points with `stride` offsets each; -1 for those that have none. */
function writeCounts(
  { ints, view }: SendBuffer,
  from: number,
  points: number,
  stride: number,
  ofPoints: Int32Array,
  field: number,
): void {
  const { width } = group;
  let at = group.offsets + from * stride + field;
  for (let point = 0; point < points; point++) {
    const place = ints[at]!;
    if (place >= 0) writeWord(view, place, ofPoints[point]!, width);
    at += stride;
  }
}

/** The sums, from their first changing byte on: two words that overlap, or three bytes. */
function writeSums({ ints, view }: SendBuffer, from: number, points: number, stride: number): void {
  const { firstByte } = group;
  let at = group.offsets + from * stride + 1;
  for (let point = 0; point < points; point++) {
    const place = ints[at]!;
    at += stride;
    if (place < 0) continue;
    if (firstByte <= 4) {
      view.setInt32(place, sumBytes.getInt32(point * 8 + firstByte, true), true);
      view.setInt32(place + 4 - firstByte, sumBytes.getInt32(point * 8 + 4, true), true);
    } else {
      view.setInt16(place, sumBytes.getInt16(point * 8 + 5, true), true);
      view.setInt8(place + 2, sumBytes.getInt8(point * 8 + 7));
    }
  }
}

/** 0 <= value < 2^21, as a varint of one byte and 0 to 2 more. */
function paddedVarint(value: number, more: number): number {
  // What lies above 7 bits moves up by one, and of that what lies above the next 7 by one more.
  const two = value + (value & ~0x7f);
  return (two + (two & ~0x7fff)) | (0x8080 >> (16 - 8 * more));
}
