/**
 * Collects the value slots of a metrics batch in groups of equal shape and lays them out, struct of arrays:
 *
 *   header    GROUP's ints
 *   offsets   offsetsPerPoint(kernel, buckets) ints a point: places in the record, -1 for a field that is absent
 *   series    1 int a point: ordinal of the series in the template
 *   shared    doubles that hold for all points; begin on a multiple of 8 bytes
 *   params    doubles, paramsPerPoint(kernel, buckets) a point
 *
 * replayer/stamp/values.ts runs one kernel over each group. Buckets are those from the first to the last that is ever filled; the
 * others stay the zeros that the body has. What can never move is no slot at all.
 */

/**
 * What computes and writes the points of a group. Doubles that rise and counts have a limit, that of the bytes which change: there they
 * stay, in every kernel. Of compressed records (APART) each bucket has a place of its own, and a histogram's sum its changing bytes alone.
 */
export const KERNEL = {
  /** Integer that wanders. Offsets: first changing byte. Params: middle, half width. */
  gaugeInt: 0,
  /** Double that wanders. Offsets: first changing byte. Params: middle, half width, size of a unit. */
  gaugeDouble: 1,
  /** Integer that rises. Offsets: first changing byte. Params: units per second. */
  sumInt: 2,
  /** Double that rises from `floor` on. Offsets: first changing byte. Params: units per second, size of a unit, floor. Shared: limit. */
  sumDouble: 3,
  /** Offsets: count, sum, first bucket (fixed64s). Params: per second, most that is counted, shares. Shared: midpoints. */
  histogram: 4,
  /** Offsets: count, sum, zero count, first bucket (3-byte varints). Params: per second, most, zero share, shares. Shared: midpoints. */
  exponentialHistogram: 5,
} as const;

/** Added to the number of a kernel in a compressed record; all kernels but those of histograms write the same in both. */
export const APART = 6;

/** What a bucket of an exponential histogram holds at most: its count is a varint of three bytes. */
export const MAX_BUCKET_COUNT = 2 ** 21 - 1;

/** Bytes of such a varint. */
export const BUCKET_VARINT_BYTES = 3;

/** Index of each int of a group's header. */
export const GROUP = {
  kernel: 0,
  /** Bytes that change, of integers, counts and doubles that are no sum of a histogram. */
  width: 1,
  /** 0 or 1. */
  delta: 2,
  points: 3,
  buckets: 4,
  /** Of the whole group. */
  bytes: 5,
  sharedDoubles: 6,
  /** First changing byte of a double; of histograms: of the sum, which changes from there to its end. */
  firstByte: 7,
} as const;

export const GROUP_HEADER_INTS = 8;

export function offsetsPerPoint(kernel: number, buckets: number): number {
  if (kernel === APART + KERNEL.histogram) return 2 + buckets;
  if (kernel === APART + KERNEL.exponentialHistogram) return 3 + buckets;
  return OFFSETS_PER_POINT[kernel % APART]!;
}

const OFFSETS_PER_POINT = [1, 1, 1, 1, 3, 4] as const;

export function paramsPerPoint(kernel: number, buckets: number): number {
  return PARAMS_PER_POINT[kernel % APART]! + buckets;
}

const PARAMS_PER_POINT = [2, 3, 1, 3, 2, 3] as const;

/**
 * Offsets of buckets in compressed explicit histograms hold how many of its bytes change too, above the place: place | bytes << PLACE_BITS.
 */
export const PLACE_BITS = 28;
export const PLACE_MASK = 2 ** PLACE_BITS - 1;

/** Bytes from a group's begin to its doubles. */
export function doublesFrom(points: number, offsets: number): number {
  return Math.ceil((GROUP_HEADER_INTS + points * (offsets + 1)) / 2) * 8;
}

/** What the points of a group have in common. */
export interface GroupShape {
  kernel: number;
  width: number;
  delta: boolean;
  buckets: number;
  shared: readonly number[];
  firstByte: number;
}

interface Group extends GroupShape {
  offsets: number[];
  series: number[];
  params: number[];
}

export class ValueTable {
  readonly #groups = new Map<string, Group>();

  reset(): void {
    this.#groups.clear();
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const group of this.#groups.values()) bytes += groupBytes(group);
    return bytes;
  }

  /** Add one point. Offsets are bytes of the body, -1 for a field that is absent. */
  add(shape: GroupShape, series: number, offsets: readonly number[], params: readonly number[]): void {
    const key = `${shape.kernel} ${shape.width} ${shape.delta} ${shape.buckets} ${shape.firstByte} ${shape.shared}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { ...shape, offsets: [], series: [], params: [] };
      this.#groups.set(key, group);
    }
    group.offsets.push(...offsets);
    group.series.push(series);
    group.params.push(...params);
  }

  /** Write all groups into the record, from `at` on, a multiple of 8. */
  layOut(record: Buffer, at: number, bodyOffset: number): void {
    let from = at;
    for (const group of this.#groups.values()) {
      const points = group.series.length;
      const ints = new Int32Array(record.buffer, record.byteOffset + from);
      ints[GROUP.kernel] = group.kernel;
      ints[GROUP.width] = group.width;
      ints[GROUP.delta] = group.delta ? 1 : 0;
      ints[GROUP.points] = points;
      ints[GROUP.buckets] = group.buckets;
      ints[GROUP.bytes] = groupBytes(group);
      ints[GROUP.sharedDoubles] = group.shared.length;
      ints[GROUP.firstByte] = group.firstByte;
      const offsets = group.offsets.map((offset) => (offset < 0 ? -1 : offset + bodyOffset));
      ints.set(offsets, GROUP_HEADER_INTS);
      ints.set(group.series, GROUP_HEADER_INTS + offsets.length);
      const doubles = new Float64Array(record.buffer, record.byteOffset + from + doublesOf(group));
      doubles.set(group.shared);
      doubles.set(group.params, group.shared.length);
      from += groupBytes(group);
    }
  }
}

function doublesOf({ series, offsets }: Group): number {
  return doublesFrom(series.length, offsets.length / series.length);
}

function groupBytes(group: Group): number {
  return doublesOf(group) + (group.shared.length + group.params.length) * 8;
}
