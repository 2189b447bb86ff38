/**
 * Metric values: one kernel per group of points of equal shape. The layout is freeze/value-table.ts's, the arithmetic
 * template/values.ts's. Cumulative points show what was counted since the run began, points of differences what was counted
 * since the previous one.
 */
import { countedUnits, gaugeUnits, instanceSalt, Moment, seriesKey } from "../../template/values.ts";
import {
  BUCKET_VARINT_BYTES,
  GROUP,
  GROUP_HEADER_INTS,
  offsetsPerPoint,
  PLACE_BITS,
  PLACE_MASK,
  paramsPerPoint,
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
    const end = at + ints[at + GROUP.bytes]! / 4;
    group.params = end / 2 - group.points * paramsPerPoint(kernel, group.buckets);
    group.shared = group.params - ints[at + GROUP.sharedDoubles]!;
    KERNELS[kernel]!(buffer);
    at = end;
  }
}

/** By KERNEL's numbers, then those of compressed records. */
const KERNELS: readonly ((buffer: SendBuffer) => void)[] = [
  stampGaugeInts,
  stampGaugeDoubles,
  stampSumInts,
  stampSumDoubles,
  stampHistograms,
  stampExponentials,
  stampGaugeInts,
  stampGaugeDoubles,
  stampSumInts,
  stampSumDoubles,
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

function stampHistograms({ ints, doubles, view }: SendBuffer): void {
  const { points, width, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (2 + buckets) + 2;
    const rate = doubles[shares - 2]!;
    const most = doubles[shares - 1]!;
    let total = countedUnits(key, now, rate);
    let before = 0;
    if (isDelta) before = Math.max(countedUnits(key, previous, rate), total - most);
    else total = Math.min(total, most);
    const offsets = group.offsets + point * 3;
    const bucketsAt = ints[offsets + 2]!;
    let count = 0;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      if (isDelta) inBucket -= Math.floor(share * before);
      if (width <= 4) view.setInt32(bucketsAt + bucket * 8, inBucket, true);
      else writeInteger(view, bucketsAt + bucket * 8, inBucket, width);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    writeInteger(view, ints[offsets]!, count, width);
    if (ints[offsets + 1]! >= 0) view.setFloat64(ints[offsets + 1]!, sum, true);
  }
}

function stampHistogramsApart({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (2 + buckets) + 2;
    const rate = doubles[shares - 2]!;
    const most = doubles[shares - 1]!;
    let total = countedUnits(key, now, rate);
    let before = 0;
    if (isDelta) before = Math.max(countedUnits(key, previous, rate), total - most);
    else total = Math.min(total, most);
    const offsets = group.offsets + point * (2 + buckets);
    let count = 0;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      if (isDelta) inBucket -= Math.floor(share * before);
      const slot = ints[offsets + 2 + bucket]!;
      writeInteger(view, slot & PLACE_MASK, inBucket, slot >>> PLACE_BITS);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    writeInteger(view, ints[offsets]!, count, width);
    if (ints[offsets + 1]! >= 0) writeDouble(view, ints[offsets + 1]!, sum, firstByte, 8 - firstByte);
  }
}

function stampExponentials({ ints, doubles, view }: SendBuffer): void {
  const { points, width, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (3 + buckets) + 3;
    const rate = doubles[shares - 3]!;
    const most = doubles[shares - 2]!;
    let total = countedUnits(key, now, rate);
    let before = 0;
    // Hours without a point are counted, up to what the bytes hold.
    if (isDelta) before = Math.max(countedUnits(key, previous, rate), total - most);
    else total = Math.min(total, most);
    const offsets = group.offsets + point * 4;
    const bucketsAt = ints[offsets + 3]!;
    const zeroShare = doubles[shares - 1]!;
    const zeros = Math.floor(zeroShare * total) - Math.floor(zeroShare * before);
    let count = zeros;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      if (isDelta) inBucket -= Math.floor(share * before);
      writePaddedVarint(view, bucketsAt + bucket * BUCKET_VARINT_BYTES, inBucket);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    if (ints[offsets + 2]! >= 0) writeInteger(view, ints[offsets + 2]!, zeros, width);
    writeInteger(view, ints[offsets]!, count, width);
    if (ints[offsets + 1]! >= 0) view.setFloat64(ints[offsets + 1]!, sum, true);
  }
}

function stampExponentialsApart({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (3 + buckets) + 3;
    const rate = doubles[shares - 3]!;
    const most = doubles[shares - 2]!;
    let total = countedUnits(key, now, rate);
    let before = 0;
    // Hours without a point are counted, up to what the bytes hold.
    if (isDelta) before = Math.max(countedUnits(key, previous, rate), total - most);
    else total = Math.min(total, most);
    const offsets = group.offsets + point * (3 + buckets);
    const zeroShare = doubles[shares - 1]!;
    const zeros = Math.floor(zeroShare * total) - Math.floor(zeroShare * before);
    let count = zeros;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      if (isDelta) inBucket -= Math.floor(share * before);
      writePaddedVarint(view, ints[offsets + 3 + bucket]!, inBucket);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    if (ints[offsets + 2]! >= 0) writeInteger(view, ints[offsets + 2]!, zeros, width);
    writeInteger(view, ints[offsets]!, count, width);
    if (ints[offsets + 1]! >= 0) writeDouble(view, ints[offsets + 1]!, sum, firstByte, 8 - firstByte);
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

/** 0 <= value < 2^21, as a varint of three bytes. */
function writePaddedVarint(view: DataView, offset: number, value: number): void {
  const bits = value | 0;
  view.setInt16(offset, (bits & 0x7f) | ((bits & 0x3f80) << 1) | 0x8080, true);
  view.setInt8(offset + 2, bits >> 14);
}
