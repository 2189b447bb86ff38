/**
 * Metric values: one kernel per group of points of equal shape. The layout is freeze/value-table.ts's, the arithmetic
 * template/values.ts's. Cumulative points show what was counted since the run began, points of differences what was counted
 * since the previous one.
 */
import { countedUnits, gaugeUnits, instanceSalt, Moment, seriesKey } from "../../template/values.ts";
import {
  GROUP_HEADER_INTS,
  MAX_BUCKET_COUNT,
  OFFSETS_PER_POINT,
  paramsPerPoint,
} from "../freeze/value-table.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** The group that is being written: its shape, and where its arrays begin (indices into ints and doubles). */
const group = {
  points: 0,
  width: 0,
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
    const kernel = ints[at]!;
    group.width = ints[at + 1]!;
    group.isDelta = ints[at + 2] === 1;
    group.points = ints[at + 3]!;
    group.buckets = ints[at + 4]!;
    group.offsets = at + GROUP_HEADER_INTS;
    group.series = group.offsets + group.points * OFFSETS_PER_POINT[kernel]!;
    const end = at + ints[at + 5]! / 4;
    group.params = end / 2 - group.points * paramsPerPoint(kernel, group.buckets);
    group.shared = group.params - ints[at + 6]!;
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
  const { points, offsets, series, params } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 3;
    const units = gaugeUnits(key, now, doubles[at]!, doubles[at + 1]!);
    view.setFloat64(ints[offsets + point]!, units * doubles[at + 2]!, true);
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
  const { points, isDelta, offsets, series, params } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 3;
    const rate = doubles[at]!;
    let units = countedUnits(key, now, rate);
    if (isDelta) units -= countedUnits(key, previous, rate);
    view.setFloat64(ints[offsets + point]!, doubles[at + 2]! + units * doubles[at + 1]!, true);
  }
}

function stampHistograms({ ints, doubles, view }: SendBuffer): void {
  const { points, width, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (1 + buckets) + 1;
    const rate = doubles[shares - 1]!;
    const total = countedUnits(key, now, rate);
    const before = isDelta ? countedUnits(key, previous, rate) : 0;
    const offsets = group.offsets + point * 3;
    const bucketsAt = ints[offsets + 2]!;
    let count = 0;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      if (isDelta) inBucket -= Math.floor(share * before);
      writeCount(view, bucketsAt + bucket * 8, inBucket, width);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    writeCount(view, ints[offsets]!, count, width);
    if (ints[offsets + 1]! >= 0) view.setFloat64(ints[offsets + 1]!, sum, true);
  }
}

function stampExponentials({ ints, doubles, view }: SendBuffer): void {
  const { points, isDelta, buckets, series, shared } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const shares = group.params + point * (2 + buckets) + 2;
    const rate = doubles[shares - 2]!;
    const total = countedUnits(key, now, rate);
    const before = isDelta ? countedUnits(key, previous, rate) : 0;
    const offsets = group.offsets + point * 4;
    const bucketsAt = ints[offsets + 3]!;
    const zeroShare = doubles[shares - 1]!;
    const zeros = Math.floor(zeroShare * total) - Math.floor(zeroShare * before);
    let count = zeros;
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = doubles[shares + bucket]!;
      let inBucket = Math.floor(share * total);
      // Hours without a point are counted, up to what the bucket holds.
      if (isDelta) inBucket = Math.min(inBucket - Math.floor(share * before), MAX_BUCKET_COUNT);
      writePaddedVarint(view, bucketsAt + bucket * 3, inBucket);
      count += inBucket;
      sum += inBucket * doubles[shared + bucket]!;
    }
    writeInteger(view, ints[offsets + 2]!, zeros, 8);
    writeInteger(view, ints[offsets]!, count, 8);
    if (ints[offsets + 1]! >= 0) view.setFloat64(ints[offsets + 1]!, sum, true);
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

/** A count below 256^width in a fixed64 whose bytes are all zero above it. */
function writeCount(view: DataView, offset: number, value: number, width: number): void {
  if (width <= 4) view.setInt32(offset, value, true);
  else writeInteger(view, offset, value, width);
}

/** 0 <= value < 2^21, as a varint of three bytes. */
function writePaddedVarint(view: DataView, offset: number, value: number): void {
  const bits = value | 0;
  view.setInt16(offset, (bits & 0x7f) | ((bits & 0x3f80) << 1) | 0x8080, true);
  view.setInt8(offset + 2, bits >> 14);
}
