/**
 * The value groups of a record on its way to a compressed one. Every value is a variable of its own: nothing repeats it, so all of its
 * bytes that change are literals of the frame, and the groups of the compressed record point at these.
 */
import {
  type Buckets,
  doublesFromOf,
  fieldBytes,
  fieldOffset,
  fieldsOf,
  forEachGroup,
  ratesOf,
  readBuckets,
  type ValueGroup,
} from "../freeze/value-groups.ts";
import { APART, GROUP, GROUP_HEADER_INTS, isExponential, KERNEL, packRate } from "../freeze/value-table.ts";
import type { PlaceList } from "./variable-places.ts";

/** Where the variables of a body lie in the compressed record, or in its frame. */
export interface ValuePlaces {
  placeOf: (offset: number) => number;
  /** Whether they are literals in the order of the body, so that between two of them stands what does so in the body, or part of it. */
  areLiterals: boolean;
}

/** The buckets of the point that is looked at. */
const here: Buckets = { offsets: [], bytes: [], changing: [], perHour: [] };

/** Add the places of all values of a frozen record. `ints` is the record. */
export function placeValues(ints: Int32Array, places: PlaceList): void {
  forEachGroup(ints, (group) => {
    const fields = fieldsOf(group);
    for (let point = 0; point < group.points; point++) {
      for (let field = 0; field < fields; field++) {
        const offset = fieldOffset(group, point, field);
        if (offset >= 0) places.add(offset, fieldBytes(group, field), places.newVariable());
      }
      readBuckets(group, point, here);
      for (let bucket = 0; bucket < group.buckets; bucket++) {
        places.add(here.offsets[bucket]!, here.changing[bucket]!, places.newVariable());
      }
    }
  });
}

/** Bytes that the value groups of a record will have in the compressed one; a multiple of 8. */
export function compressedValueBytes(ints: Int32Array, places: ValuePlaces): number {
  let bytes = 0;
  forEachGroup(ints, (group) => {
    bytes += compressedBytes(group, compressedKernel(group, places));
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
    const bytes = compressedBytes(group, kernel);
    target.set(ints.subarray(group.at, group.at + GROUP_HEADER_INTS), to);
    target[to + GROUP.kernel] = kernel;
    target[to + GROUP.bytes] = bytes;
    const series = layOutOffsets(group, kernel, target, to + GROUP_HEADER_INTS, places);
    target.set(ints.subarray(group.seriesAt, group.seriesAt + group.points), series);
    layOutRates(group, kernel, target, series + group.points, places);
    const doubles = group.at + doublesFromOf(group, group.kernel) / 4;
    target.set(ints.subarray(doubles, group.at + group.bytes / 4), to + doublesFromOf(group, kernel) / 4);
    to += bytes / 4;
  });
}

function compressedBytes(group: ValueGroup, kernel: number): number {
  return group.bytes + doublesFromOf(group, kernel) - doublesFromOf(group, group.kernel);
}

/** The kernel that a group has in the compressed record: another one where some point's buckets do not lie in one run there. */
function compressedKernel(group: ValueGroup, places: ValuePlaces): number {
  if (group.kernel < KERNEL.histogram) return group.kernel;
  for (let point = 0; point < group.points; point++) {
    readBuckets(group, point, here);
    for (let bucket = 0; bucket < group.buckets - 1; bucket++) {
      const zeros = bytesToNext(bucket, places) - here.changing[bucket]!;
      const most = places.areLiterals ? here.bytes[bucket]! - here.changing[bucket]! : 0;
      if (zeros < 0 || zeros > most) return group.kernel + APART;
    }
  }
  return group.kernel;
}

/**
 * Bytes from the place of a bucket to the next one's: those that change and, of literals, zeros of its own that no copy was found for.
 * They are zero under every stamp, so it does not matter that they are written again.
 */
function bytesToNext(bucket: number, { placeOf }: ValuePlaces): number {
  return placeOf(here.offsets[bucket + 1]!) - placeOf(here.offsets[bucket]!);
}

/** Write the places of all points from `at` on; returns the int behind them. */
function layOutOffsets(
  group: ValueGroup,
  kernel: number,
  target: Int32Array,
  at: number,
  { placeOf }: ValuePlaces,
): number {
  const { points, buckets } = group;
  const fields = fieldsOf(group);
  let to = at;
  for (let point = 0; point < points; point++) {
    const count = to;
    for (let field = 0; field < fields; field++) {
      const offset = fieldOffset(group, point, field);
      target[to++] = offset < 0 ? -1 : placeOf(offset);
    }
    if (kernel < KERNEL.histogram) continue;
    readBuckets(group, point, here);
    if (kernel !== group.kernel) {
      for (let bucket = 0; bucket < buckets; bucket++) target[to++] = placeOf(here.offsets[bucket]!);
      continue;
    }
    // Without buckets, a word is read and put back where the count is written then.
    const last = buckets - 1;
    target[to++] = buckets > 0 ? placeOf(here.offsets[0]!) : target[count]!;
    target[to++] = buckets > 0 ? placeOf(here.offsets[last]!) + here.changing[last]! : target[count]!;
  }
  return to;
}

/** Rates with the bytes that buckets have in the compressed record, the zero count first where there is one. */
function layOutRates(
  group: ValueGroup,
  kernel: number,
  target: Int32Array,
  at: number,
  places: ValuePlaces,
): void {
  if (kernel < KERNEL.histogram) return;
  const last = group.buckets - 1;
  let to = at;
  for (let point = 0; point < group.points; point++) {
    if (isExponential(kernel)) target[to++] = group.ints[ratesOf(group, point)]!;
    readBuckets(group, point, here);
    for (let bucket = 0; bucket <= last; bucket++) {
      const isRun = kernel === group.kernel && bucket < last;
      const bytes = isRun ? bytesToNext(bucket, places) : here.changing[bucket]!;
      target[to++] = packRate(here.perHour[bucket]!, bytes);
    }
  }
}
