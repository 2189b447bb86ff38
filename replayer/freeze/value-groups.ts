/** Reading the value groups of a frozen record: which bytes of its body each point changes. */
import { HEADER } from "../../template/slots.ts";
import { bytesFor, mostInBucket } from "./value-bytes.ts";
import {
  doublesFrom,
  GROUP,
  GROUP_HEADER_INTS,
  isExponential,
  KERNEL,
  offsetsPerPoint,
  RATE_SHIFT,
  ratesPerPoint,
  STRIDE_MASK,
} from "./value-table.ts";

/** A group: its header, and where its arrays begin, as indices into the ints of the record. */
export interface ValueGroup {
  ints: Int32Array;
  at: number;
  offsetsAt: number;
  seriesAt: number;
  ratesAt: number;
  kernel: number;
  points: number;
  buckets: number;
  width: number;
  firstByte: number;
  /** Of the whole group. */
  bytes: number;
  /** Of histograms: hours that are counted at most. */
  mostHours: number;
  /** Byte of the record where the body begins. */
  base: number;
}

/** The buckets of one point. */
export interface Buckets {
  /** Where they begin in the body, in bytes. */
  offsets: number[];
  /** Bytes that they have, and how many of these change, from the first on. */
  bytes: number[];
  changing: number[];
  perHour: number[];
}

/** Visit all groups of a frozen record, of which `ints` is all. */
export function forEachGroup(ints: Int32Array, visit: (group: ValueGroup) => void): void {
  const doubles = new Float64Array(ints.buffer, ints.byteOffset, ints.length >> 1);
  let at = ints[HEADER.valuesOffset]! / 4;
  for (let n = 0; n < ints[HEADER.valueGroups]!; n++) {
    const kernel = ints[at + GROUP.kernel]!;
    const points = ints[at + GROUP.points]!;
    const buckets = ints[at + GROUP.buckets]!;
    const bytes = ints[at + GROUP.bytes]!;
    const offsetsAt = at + GROUP_HEADER_INTS;
    const seriesAt = offsetsAt + points * offsetsPerPoint(kernel, buckets);
    const shared = (at + doublesFromOf({ points, buckets }, kernel) / 4) / 2;
    visit({
      ints,
      at,
      offsetsAt,
      seriesAt,
      ratesAt: seriesAt + points,
      kernel,
      points,
      buckets,
      width: ints[at + GROUP.width]!,
      firstByte: ints[at + GROUP.firstByte]!,
      bytes,
      mostHours: kernel >= KERNEL.histogram ? doubles[shared]! : 0,
      base: ints[HEADER.bodyOffset]!,
    });
    at += bytes / 4;
  }
}

/** Bytes from a group's begin to its doubles, if it had this kernel. */
export function doublesFromOf(group: Pick<ValueGroup, "points" | "buckets">, kernel: number): number {
  const { points, buckets } = group;
  return doublesFrom(points, offsetsPerPoint(kernel, buckets) + 1 + ratesPerPoint(kernel, buckets));
}

/** Places of a point besides its buckets. */
export function fieldsOf({ kernel }: ValueGroup): number {
  return kernel < KERNEL.histogram ? 1 : isExponential(kernel) ? 3 : 2;
}

/** Byte of the body where a field begins to change, below 0 for one that is absent. */
export function fieldOffset(group: ValueGroup, point: number, field: number): number {
  const offset = group.ints[offsetsOf(group, point) + field]!;
  return offset < 0 ? -1 : offset - group.base;
}

/** Bytes of a field that change. */
export function fieldBytes({ kernel, width, firstByte }: ValueGroup, field: number): number {
  return kernel >= KERNEL.histogram && field === 1 ? 8 - firstByte : width;
}

/** Read the buckets of a point into `into`, as many as the group has. */
export function readBuckets(group: ValueGroup, point: number, into: Buckets): void {
  const { ints, buckets, kernel, base, width, mostHours } = group;
  if (buckets === 0) return;
  const hasZeros = isExponential(kernel);
  const rates = ratesOf(group, point) + (hasZeros ? 1 : 0);
  let offset = ints[offsetsOf(group, point) + fieldsOf(group)]! - base;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const rate = ints[rates + bucket]!;
    const perHour = rate >>> RATE_SHIFT;
    const bytes = (rate & STRIDE_MASK) + 1;
    into.offsets[bucket] = offset;
    into.bytes[bucket] = bytes;
    into.changing[bucket] = hasZeros ? bytes : Math.min(width, bytesFor(mostInBucket(perHour, mostHours)));
    into.perHour[bucket] = perHour;
    offset += bytes;
  }
}

/** Where the rates of a point begin: of exponential histograms with that of zeros. */
export function ratesOf({ ratesAt, kernel, buckets }: ValueGroup, point: number): number {
  return ratesAt + point * ratesPerPoint(kernel, buckets);
}

function offsetsOf({ offsetsAt, kernel, buckets }: ValueGroup, point: number): number {
  return offsetsAt + point * offsetsPerPoint(kernel, buckets);
}
