/**
 * Collects the value slots of a metrics batch in groups of equal shape and lays them out, struct of arrays:
 *
 *   header    8 ints: kernel, width, delta (0 or 1), points, buckets, bytes of the group, shared doubles, 0
 *   offsets   OFFSETS_PER_POINT[kernel] ints a point: places in the record
 *   series    1 int a point: ordinal of the series in the template
 *   shared    doubles that hold for all points: the midpoints of buckets; begin on a multiple of 8 bytes
 *   params    doubles, paramsPerPoint(kernel, buckets) a point
 *
 * replayer/stamp/values.ts runs one kernel over each group.
 */

/** What computes and writes the points of a group. */
export const KERNEL = {
  /** Integer that wanders. Offsets: first changing byte. Params: middle, half width. */
  gaugeInt: 0,
  /** Double that wanders. Offsets: the double. Params: middle, half width, size of a unit. */
  gaugeDouble: 1,
  /** Integer that rises. Offsets: first changing byte. Params: units per second. */
  sumInt: 2,
  /** Double that rises from `floor` on. Offsets: the double. Params: units per second, size of a unit, floor. */
  sumDouble: 3,
  /** Offsets: count, sum (-1: absent), first bucket (fixed64s). Params: per second, shares. Shared: midpoints. */
  histogram: 4,
  /** Offsets: count, sum (-1: absent), zero count, first bucket (3-byte varints). Params: per second, zero share, shares. Shared: midpoints. */
  exponentialHistogram: 5,
} as const;

/** What a bucket of an exponential histogram holds at most: its count is a varint of three bytes. */
export const MAX_BUCKET_COUNT = 2 ** 21 - 1;

export const GROUP_HEADER_INTS = 8;
export const OFFSETS_PER_POINT = [1, 1, 1, 1, 3, 4] as const;

export function paramsPerPoint(kernel: number, buckets: number): number {
  const fixed = [2, 3, 1, 3, 1, 2][kernel]!;
  return fixed + buckets;
}

/** What the points of a group have in common. */
export interface GroupShape {
  kernel: number;
  width: number;
  delta: boolean;
  buckets: number;
  shared: readonly number[];
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
    const key = `${shape.kernel} ${shape.width} ${shape.delta} ${shape.buckets} ${shape.shared}`;
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
      ints[0] = group.kernel;
      ints[1] = group.width;
      ints[2] = group.delta ? 1 : 0;
      ints[3] = points;
      ints[4] = group.buckets;
      ints[5] = groupBytes(group);
      ints[6] = group.shared.length;
      const offsets = group.offsets.map((offset) => (offset < 0 ? -1 : offset + bodyOffset));
      ints.set(offsets, GROUP_HEADER_INTS);
      ints.set(group.series, GROUP_HEADER_INTS + offsets.length);
      const doubles = new Float64Array(record.buffer, record.byteOffset + from + doublesFrom(group));
      doubles.set(group.shared);
      doubles.set(group.params, group.shared.length);
      from += groupBytes(group);
    }
  }
}

function doublesFrom(group: Group): number {
  return Math.ceil((GROUP_HEADER_INTS + group.offsets.length + group.series.length) / 2) * 8;
}

function groupBytes(group: Group): number {
  return doublesFrom(group) + (group.shared.length + group.params.length) * 8;
}
