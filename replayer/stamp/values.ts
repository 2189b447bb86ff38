/**
 * Metric values: one kernel per group of points of equal shape. The layout is freeze/value-table.ts's, the arithmetic
 * template/values.ts's. Cumulative points show what was counted since the run began, points of differences what was counted
 * since the previous one.
 */
import {
  countedHours,
  countedUnits,
  gaugeUnits,
  instanceSalt,
  Moment,
  seriesKey,
} from "../../template/values.ts";
import {
  GROUP,
  GROUP_HEADER_INTS,
  offsetsPerPoint,
  paramsPerPoint,
  RATE_SHIFT,
  STRIDE_MASK,
} from "../freeze/value-table.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** The group that is being written: its shape, and where its arrays begin (indices into ints and doubles). */
const group = {
  points: 0,
  width: 0,
  firstByte: 0,
  isDelta: false,
  buckets: 0,
  offsets: 0,
  series: 0,
  rates: 0,
  shared: 0,
  params: 0,
};

/** When and for which instance. */
const now = new Moment();
const previous = new Moment();
let salt = 0;

/**
 * Write all value groups of a record.
 *
 * from                           byte of the first group
 * nowSeconds, previousSeconds    since the run began: this point's time and the one's before
 * instanceSeed                   tells the series of one instance from those of another
 */
export function stampValues(
  buffer: SendBuffer,
  from: number,
  groups: number,
  nowSeconds: number,
  previousSeconds: number,
  instanceSeed: number,
): void {
  now.set(nowSeconds);
  previous.set(previousSeconds);
  salt = instanceSalt(instanceSeed);
  const { ints } = buffer;
  let at = from / 4;
  for (let n = 0; n < groups; n++) {
    const kernel = ints[at + GROUP.kernel]!;
    group.width = ints[at + GROUP.width]!;
    group.firstByte = ints[at + GROUP.firstByte]!;
    group.isDelta = ints[at + GROUP.delta] === 1;
    group.points = ints[at + GROUP.points]!;
    group.buckets = ints[at + GROUP.buckets]!;
    group.offsets = at + GROUP_HEADER_INTS;
    group.series = group.offsets + group.points * offsetsPerPoint(kernel, group.buckets);
    group.rates = group.series + group.points;
    const end = at + ints[at + GROUP.bytes]! / 4;
    group.params = end / 2 - group.points * paramsPerPoint(kernel);
    group.shared = group.params - ints[at + GROUP.sharedDoubles]!;
    KERNELS[kernel]!(buffer);
    at = end;
  }
}

/** By KERNEL's numbers. */
const KERNELS: readonly ((buffer: SendBuffer) => void)[] = [
  stampGaugeInts,
  stampGaugeDoubles,
  stampSumInts,
  stampSumDoubles,
  stampHistograms,
  stampExponentials,
  stampHistogramsApart,
  stampExponentialsApart,
];

function stampGaugeInts({ ints, doubles, view }: SendBuffer): void {
  const { points, width, offsets, series, params } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 2;
    const units = gaugeUnits(key, now, doubles[at]!, doubles[at + 1]!);
    writeInteger(view, ints[offsets + point]!, units, width);
  }
}

function stampGaugeDoubles({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, offsets, series, params } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 3;
    const units = gaugeUnits(key, now, doubles[at]!, doubles[at + 1]!);
    writeDouble(view, ints[offsets + point]!, units * doubles[at + 2]!, firstByte, width);
  }
}

function stampSumInts({ ints, doubles, view }: SendBuffer): void {
  const { points, width, isDelta, offsets, series, params } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const rate = doubles[params + point]!;
    let units = countedUnits(key, now, rate);
    if (isDelta) units -= countedUnits(key, previous, rate);
    writeInteger(view, ints[offsets + point]!, units, width);
  }
}

function stampSumDoubles({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, isDelta, offsets, series, params } = group;
  const limit = doubles[group.shared]!;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 3;
    const rate = doubles[at]!;
    let units = countedUnits(key, now, rate);
    if (isDelta) units -= countedUnits(key, previous, rate);
    const value = Math.min(doubles[at + 2]! + units * doubles[at + 1]!, limit);
    writeDouble(view, ints[offsets + point]!, value, firstByte, width);
  }
}

/**
 * Histograms are written in passes over some points at a time, each of which does one thing for all of them: in one loop together, V8
 * no longer inlines what it calls, and numbers go from function to function through the heap.
 */
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

function stampHistograms(buffer: SendBuffer): void {
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    if (group.isDelta) fillAnyBuckets(buffer, from, points, 4, false);
    else fillBuckets(buffer, from, points);
    writeSums(buffer, from, points, 4);
    writeCounts(buffer, from, points, 4, counts, 0);
  }
}

function stampHistogramsApart(buffer: SendBuffer): void {
  const stride = 2 + group.buckets;
  for (let from = 0; from < group.points; from += POINTS_AT_ONCE) {
    const points = Math.min(POINTS_AT_ONCE, group.points - from);
    countHours(buffer, from, points);
    fillAnyBuckets(buffer, from, points, stride, true);
    writeSums(buffer, from, points, stride);
    writeCounts(buffer, from, points, stride, counts, 0);
  }
}

function stampExponentials(buffer: SendBuffer): void {
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

function stampExponentialsApart(buffer: SendBuffer): void {
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

/** The low `width` bytes of an integer, little-endian, two's complement. |value| < 2^53. */
function writeInteger(view: DataView, offset: number, value: number, width: number): void {
  if (width === 4) {
    view.setInt32(offset, value, true);
    return;
  }
  if (width === 3) {
    view.setInt16(offset, value, true);
    view.setInt8(offset + 2, value >> 16);
    return;
  }
  if (width === 2) {
    view.setInt16(offset, value, true);
    return;
  }
  if (width === 1) {
    view.setInt8(offset, value);
    return;
  }
  if (width === 8) {
    view.setInt32(offset, value, true);
    view.setInt32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
    return;
  }
  let rest = value;
  for (let byte = 0; byte < width; byte++) {
    const next = Math.floor(rest / 256);
    view.setUint8(offset + byte, rest - next * 256);
    rest = next;
  }
}

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

/** `width` bytes of a double from `firstByte` on, and no other. firstByte + width <= 8 */
function writeDouble(view: DataView, offset: number, value: number, firstByte: number, width: number): void {
  double[0] = value;
  const high = doubleWords[1]!;
  if (firstByte >= 4) {
    writeWord(view, offset, high >>> ((firstByte - 4) * 8), width);
    return;
  }
  const shift = firstByte * 8;
  const low = shift === 0 ? doubleWords[0]! : (doubleWords[0]! >>> shift) | (high << (32 - shift));
  writeWord(view, offset, low, Math.min(width, 4));
  if (width > 4) writeWord(view, offset + 4, high >>> shift, width - 4);
}

/** The low bytes of a word, 1 to 4 of them. */
function writeWord(view: DataView, offset: number, word: number, bytes: number): void {
  if (bytes === 4) view.setInt32(offset, word, true);
  else if (bytes === 1) view.setInt8(offset, word);
  else {
    view.setInt16(offset, word, true);
    if (bytes === 3) view.setInt8(offset + 2, word >> 16);
  }
}

/** 0 <= value < 2^21, as a varint of one byte and 0 to 2 more. */
function paddedVarint(value: number, more: number): number {
  // What lies above 7 bits moves up by one, and of that what lies above the next 7 by one more.
  const two = value + (value & ~0x7f);
  return (two + (two & ~0x7fff)) | (0x8080 >> (16 - 8 * more));
}
