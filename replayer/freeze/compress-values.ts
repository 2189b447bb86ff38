/**
 * The value groups of a record on its way to a compressed one. Every value is a variable of its own: nothing repeats it, so all of its
 * bytes that change are literals of the frame, and the groups of the compressed record point at these.
 */
import { HEADER } from "../../template/slots.ts";
import { bytesFor, mostInBucket } from "./value-bytes.ts";
import {
  APART,
  doublesFrom,
  GROUP,
  GROUP_HEADER_INTS,
  isExponential,
  KERNEL,
  offsetsPerPoint,
  packRate,
  RATE_SHIFT,
  ratesPerPoint,
  STRIDE_MASK,
} from "./value-table.ts";
import type { PlaceList } from "./variable-places.ts";

/** Where the variables of a body lie in the compressed record, or in its frame. */
export interface ValuePlaces {
  placeOf: (offset: number) => number;
  /** Whether they are literals in the order of the body, so that between two of them stands what does so in the body, or part of it. */
  areLiterals: boolean;
}

/** Add the places of all values of a frozen record. `ints` is the record. */
export function placeValues(ints: Int32Array, places: PlaceList): void {
  forEachGroup(ints, (group) => {
    for (let point = 0; point < group.points; point++) {
      forEachPlace(group, point, (offset, bytes) => places.add(offset, bytes, places.newVariable()));
    }
  });
}

/** Bytes that the value groups of a record will have in the compressed one; a multiple of 8. */
export function compressedValueBytes(ints: Int32Array, places: ValuePlaces): number {
  let bytes = 0;
  forEachGroup(ints, (group) => {
    bytes +=
      group.bytes +
      doublesFromOf(group, compressedKernel(group, places)) -
      doublesFromOf(group, group.kernel);
  });
  return bytes;
}

/** Write the value groups of a record into a compressed one, of which `target` is all, and `at` its int where the groups begin. */
export function layOutCompressedValues(
  ints: Int32Array,
  target: Int32Array,
  at: number,
  places: ValuePlaces,
): void {
  let to = at;
  forEachGroup(ints, (group) => {
    const kernel = compressedKernel(group, places);
    const from = doublesFromOf(group, group.kernel);
    const doubles = doublesFromOf(group, kernel);
    target.set(ints.subarray(group.at, group.at + GROUP_HEADER_INTS), to);
    target[to + GROUP.kernel] = kernel;
    target[to + GROUP.bytes] = group.bytes + doubles - from;
    let slot = to + GROUP_HEADER_INTS;
    for (let point = 0; point < group.points; point++) {
      slot = layOutOffsets(group, point, kernel, target, slot, places);
    }
    const series = group.offsetsAt + group.points * group.stride;
    target.set(ints.subarray(series, series + group.points), slot);
    layOutRates(group, kernel, target, slot + group.points, places);
    target.set(ints.subarray(group.at + from / 4, group.at + group.bytes / 4), to + doubles / 4);
    to += target[to + GROUP.bytes]! / 4;
  });
}

/** A group of a frozen record. */
interface Group {
  ints: Int32Array;
  /** Its int in the record, and the one where its offsets begin. */
  at: number;
  offsetsAt: number;
  ratesAt: number;
  kernel: number;
  points: number;
  width: number;
  firstByte: number;
  buckets: number;
  bytes: number;
  /** Offsets a point. */
  stride: number;
  /** Of histograms: hours that are counted at most. */
  mostHours: number;
  /** Byte of the record where the body begins. */
  base: number;
}

function forEachGroup(ints: Int32Array, visit: (group: Group) => void): void {
  const doubles = new Float64Array(ints.buffer, ints.byteOffset, ints.length >> 1);
  let at = ints[HEADER.valuesOffset]! / 4;
  for (let n = 0; n < ints[HEADER.valueGroups]!; n++) {
    const kernel = ints[at + GROUP.kernel]!;
    const points = ints[at + GROUP.points]!;
    const buckets = ints[at + GROUP.buckets]!;
    const stride = offsetsPerPoint(kernel, buckets);
    const offsetsAt = at + GROUP_HEADER_INTS;
    const group: Group = {
      ints,
      at,
      offsetsAt,
      ratesAt: offsetsAt + points * (stride + 1),
      kernel,
      points,
      width: ints[at + GROUP.width]!,
      firstByte: ints[at + GROUP.firstByte]!,
      buckets,
      bytes: ints[at + GROUP.bytes]!,
      stride,
      mostHours: 0,
      base: ints[HEADER.bodyOffset]!,
    };
    if (kernel >= KERNEL.histogram) group.mostHours = doubles[(at + doublesFromOf(group, kernel) / 4) / 2]!;
    visit(group);
    at += group.bytes / 4;
  }
}

function doublesFromOf({ points, buckets }: Group, kernel: number): number {
  return doublesFrom(points, offsetsPerPoint(kernel, buckets) + 1 + ratesPerPoint(kernel, buckets));
}

/** The kernel that a group has in the compressed record: another one where some point's buckets do not lie in one run there. */
function compressedKernel(group: Group, places: ValuePlaces): number {
  if (group.kernel < KERNEL.histogram) return group.kernel;
  for (let point = 0; point < group.points; point++) {
    for (let bucket = 0; bucket < group.buckets - 1; bucket++) {
      const zeros = bytesToNext(group, point, bucket, places) - bucketBytes(group, point, bucket);
      const most = places.areLiterals
        ? bytesOfBucket(group, point, bucket) - bucketBytes(group, point, bucket)
        : 0;
      if (zeros < 0 || zeros > most) return group.kernel + APART;
    }
  }
  return group.kernel;
}

/**
 * Bytes from a bucket's place to the next one's: those that change and, of literals, zeros of its own that no copy was found for. They
 * are zero under every stamp, so it does not matter that they are written again. What is behind the last bucket is put back.
 */
function bytesToNext(group: Group, point: number, bucket: number, { placeOf }: ValuePlaces): number {
  if (bucket === group.buckets - 1) return bucketBytes(group, point, bucket);
  return placeOf(bucketOffset(group, point, bucket + 1)) - placeOf(bucketOffset(group, point, bucket));
}

/** Write the places of a point; returns the int behind them. */
function layOutOffsets(
  group: Group,
  point: number,
  kernel: number,
  target: Int32Array,
  slot: number,
  places: ValuePlaces,
): number {
  const { buckets } = group;
  let to = slot;
  let end = 0;
  for (let field = 0; field < fieldsOf(group); field++) {
    const offset = fieldOffset(group, point, field);
    target[to++] = offset < 0 ? -1 : places.placeOf(offset);
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    const place = places.placeOf(bucketOffset(group, point, bucket));
    end = place + bucketBytes(group, point, bucket);
    if (bucket === 0 || kernel !== group.kernel) target[to++] = place;
  }
  if (kernel !== group.kernel || kernel < KERNEL.histogram) return to;
  // Without buckets, a word is read and put back where the count is written then.
  if (buckets === 0) target[to++] = target[slot]!;
  target[to++] = buckets === 0 ? target[slot]! : end;
  return to;
}

/** Rates with the bytes that buckets have in the compressed record, the zero count first where there is one. */
function layOutRates(
  group: Group,
  kernel: number,
  target: Int32Array,
  at: number,
  places: ValuePlaces,
): void {
  const { points, buckets } = group;
  const isRun = kernel === group.kernel;
  let to = at;
  for (let point = 0; point < points; point++) {
    if (isExponential(kernel)) target[to++] = group.ints[ratesOfPoint(group, point)]!;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const bytes = isRun ? bytesToNext(group, point, bucket, places) : bucketBytes(group, point, bucket);
      target[to++] = packRate(rateOf(group, point, bucket) >>> RATE_SHIFT, bytes);
    }
  }
}

/** All runs of bytes of a point that change: where each begins in the body, and its length. */
function forEachPlace(group: Group, point: number, visit: (offset: number, bytes: number) => void): void {
  const { kernel, width, firstByte, buckets } = group;
  for (let field = 0; field < fieldsOf(group); field++) {
    const offset = fieldOffset(group, point, field);
    const isSum = kernel >= KERNEL.histogram && field === 1;
    if (offset >= 0) visit(offset, isSum ? 8 - firstByte : width);
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    visit(bucketOffset(group, point, bucket), bucketBytes(group, point, bucket));
  }
}

/** Places of a point besides its buckets. */
function fieldsOf({ kernel }: Group): number {
  return kernel < KERNEL.histogram ? 1 : isExponential(kernel) ? 3 : 2;
}

/** Byte of the body where a field begins to change, below 0 for one that is absent. */
function fieldOffset({ ints, offsetsAt, stride, base }: Group, point: number, field: number): number {
  const offset = ints[offsetsAt + point * stride + field]!;
  return offset < 0 ? -1 : offset - base;
}

/** Byte of the body where a bucket begins. */
function bucketOffset(group: Group, point: number, bucket: number): number {
  const { ints, offsetsAt, stride, base } = group;
  const first = ints[offsetsAt + point * stride + fieldsOf(group)]! - base;
  if (!isExponential(group.kernel)) return first + bucket * 8;
  let offset = first;
  for (let before = 0; before < bucket; before++) offset += bytesOfBucket(group, point, before);
  return offset;
}

/** Bytes of a bucket: 8, or those of its varint. */
function bytesOfBucket(group: Group, point: number, bucket: number): number {
  return (rateOf(group, point, bucket) & STRIDE_MASK) + 1;
}

/** Bytes of a bucket that change. */
function bucketBytes(group: Group, point: number, bucket: number): number {
  const rate = rateOf(group, point, bucket);
  if (isExponential(group.kernel)) return (rate & STRIDE_MASK) + 1;
  return Math.min(group.width, bytesFor(mostInBucket(rate >>> RATE_SHIFT, group.mostHours)));
}

function rateOf(group: Group, point: number, bucket: number): number {
  const zeros = isExponential(group.kernel) ? 1 : 0;
  return group.ints[ratesOfPoint(group, point) + zeros + bucket]!;
}

/** Where the rates of a point begin. */
function ratesOfPoint({ ratesAt, kernel, buckets }: Group, point: number): number {
  return ratesAt + point * ratesPerPoint(kernel, buckets);
}
