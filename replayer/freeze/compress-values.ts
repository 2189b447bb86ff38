/**
 * The value groups of a record on its way to a compressed one. Every value is a variable of its own: nothing repeats it, so all of its
 * bytes that change are literals of the frame, and the groups of the compressed record point at these.
 */
import { HEADER } from "../../template/slots.ts";
import { bytesFor, mostInBucket } from "./value-bytes.ts";
import {
  APART,
  BUCKET_VARINT_BYTES,
  doublesFrom,
  GROUP,
  GROUP_HEADER_INTS,
  KERNEL,
  offsetsPerPoint,
  PLACE_BITS,
  paramsPerPoint,
} from "./value-table.ts";
import type { PlaceList } from "./variable-places.ts";

/**
 * Called for each run of bytes that change: its begin, counted from the body's, and length; whether its slot is to tell the length.
 * -1 and 0 for a field that is absent.
 */
type NotePlace = (offset: number, bytes: number, isPacked: boolean) => void;

/** Add the places of all values of a frozen record. `ints` is the record. */
export function placeValues(ints: Int32Array, places: PlaceList): void {
  forEachGroup(ints, (group) => {
    forEachPlace(ints, group, (offset, bytes) => {
      if (offset >= 0) places.add(offset, bytes, places.newVariable());
    });
  });
}

/** Bytes that the value groups of a record will have in the compressed one; a multiple of 8. */
export function compressedValueBytes(ints: Int32Array): number {
  let bytes = 0;
  forEachGroup(ints, (group) => {
    bytes += ints[group + GROUP.bytes]! + doublesFromOf(ints, group, APART) - doublesFromOf(ints, group, 0);
  });
  return bytes;
}

/**
 * Write the value groups of a record into a compressed one.
 *
 * ints      the record
 * target    the compressed record, `at` its int where the groups begin
 * placeOf   place in the compressed record of what begins at a byte of the body
 */
export function layOutCompressedValues(
  ints: Int32Array,
  target: Int32Array,
  at: number,
  placeOf: (offset: number) => number,
): void {
  let to = at;
  forEachGroup(ints, (group) => {
    const bytes = ints[group + GROUP.bytes]!;
    const points = ints[group + GROUP.points]!;
    const from = doublesFromOf(ints, group, 0);
    const doubles = doublesFromOf(ints, group, APART);
    target.set(ints.subarray(group, group + GROUP_HEADER_INTS), to);
    target[to + GROUP.kernel] = ints[group + GROUP.kernel]! + APART;
    target[to + GROUP.bytes] = bytes + doubles - from;
    let slot = to + GROUP_HEADER_INTS;
    forEachPlace(ints, group, (offset, bytes, isPacked) => {
      const place = offset < 0 ? -1 : placeOf(offset);
      target[slot++] = isPacked ? place | (bytes << PLACE_BITS) : place;
    });
    const series = group + GROUP_HEADER_INTS + points * offsetsOf(ints, group, 0);
    target.set(ints.subarray(series, series + points), slot);
    target.set(ints.subarray(group + from / 4, group + bytes / 4), to + doubles / 4);
    to += target[to + GROUP.bytes]! / 4;
  });
}

function forEachGroup(ints: Int32Array, visit: (group: number) => void): void {
  let group = ints[HEADER.valuesOffset]! / 4;
  for (let n = 0; n < ints[HEADER.valueGroups]!; n++) {
    visit(group);
    group += ints[group + GROUP.bytes]! / 4;
  }
}

function offsetsOf(ints: Int32Array, group: number, added: number): number {
  return offsetsPerPoint(ints[group + GROUP.kernel]! + added, ints[group + GROUP.buckets]!);
}

function doublesFromOf(ints: Int32Array, group: number, added: number): number {
  return doublesFrom(ints[group + GROUP.points]!, offsetsOf(ints, group, added));
}

/** The places of a group's points, in the order of the offsets of its kernel in a compressed record. */
function forEachPlace(ints: Int32Array, group: number, note: NotePlace): void {
  const base = ints[HEADER.bodyOffset]!;
  const kernel = ints[group + GROUP.kernel]!;
  const width = ints[group + GROUP.width]!;
  const firstByte = ints[group + GROUP.firstByte]!;
  const buckets = ints[group + GROUP.buckets]!;
  const stride = offsetsPerPoint(kernel, buckets);
  const doubles = new Float64Array(ints.buffer, ints.byteOffset, ints.length >> 1);
  const params = paramsPerPoint(kernel, buckets);
  const paramsEnd = (group + ints[group + GROUP.bytes]! / 4) / 2;
  const field = (int: number, skipped: number, bytes: number): void => {
    if (ints[int]! < 0) note(-1, 0, false);
    else note(ints[int]! - base + skipped, bytes, false);
  };
  const points = ints[group + GROUP.points]!;
  for (let point = 0; point < points; point++) {
    const at = group + GROUP_HEADER_INTS + point * stride;
    field(at, 0, width);
    if (kernel !== KERNEL.histogram && kernel !== KERNEL.exponentialHistogram) continue;
    field(at + 1, firstByte, 8 - firstByte);
    const isExponential = kernel === KERNEL.exponentialHistogram;
    if (isExponential) field(at + 2, 0, width);
    const ofPoint = paramsEnd - (points - point) * params;
    const first = ints[at + stride - 1]! - base;
    for (let bucket = 0; bucket < buckets; bucket++) {
      if (isExponential) {
        note(first + bucket * BUCKET_VARINT_BYTES, BUCKET_VARINT_BYTES, false);
        continue;
      }
      const most = mostInBucket(doubles[ofPoint + params - buckets + bucket]!, doubles[ofPoint + 1]!);
      note(first + bucket * 8, Math.min(width, bytesFor(most)), true);
    }
  }
}
