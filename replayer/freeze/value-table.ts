/**
 * Collects the value slots of a metrics batch in groups of equal shape and lays them out, struct of arrays:
 *
 *   header    GROUP's ints
 *   offsets   offsetsPerPoint(kernel, buckets) ints a point: places in the record, -1 for a field that is absent
 *   series    1 int a point: ordinal of the series in the template
 *   rates     ratesPerPoint(kernel, buckets) ints a point: what is counted per hour, packed with the bytes it is written to
 *   shared    doubles that hold for all points; begin on a multiple of 8 bytes
 *   params    doubles, paramsPerPoint(kernel) a point
 *
 * replayer/stamp/values.ts runs one kernel over each group. Buckets are those from the first to the last that is ever filled; the
 * others stay the zeros that the body has. What can never move is no slot at all.
 */

/**
 * What computes and writes the points of a group. Doubles that rise and counts have a limit, that of the bytes which change: there they
 * stay, in every kernel.
 *
 * Buckets are written in one run, each from where the one before ended: of plain records 8 bytes or a varint each, of compressed ones as many as
 * change. Where a compressed record has other bytes in between, the kernels with a place for each bucket (Apart) do the same.
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
  /** Offsets: count, first changing byte of the sum, first bucket, end of the last one. Rates: buckets. Shared: hours at most, midpoints. */
  histogram: 4,
  /** The same with the zero count behind the sum, and its rate in front; buckets are varints of 1 to 3 bytes. */
  exponentialHistogram: 5,
  /** Offsets: count, first changing byte of the sum, each bucket. */
  histogramApart: 6,
  /** Offsets: count, first changing byte of the sum, zero count, each bucket. */
  exponentialHistogramApart: 7,
} as const;

/** Added to the kernel of a histogram whose buckets do not lie in one run. */
export const APART = KERNEL.histogramApart - KERNEL.histogram;

/** What a bucket of an exponential histogram holds at most: its count is a varint of three bytes at most. */
export const MAX_BUCKET_COUNT = 2 ** 21 - 1;

/** Bytes of such a varint in a template. */
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
  return OFFSETS_PER_POINT[kernel]! + (kernel >= KERNEL.histogramApart ? buckets : 0);
}

const OFFSETS_PER_POINT = [1, 1, 1, 1, 4, 5, 2, 3] as const;

export function ratesPerPoint(kernel: number, buckets: number): number {
  return kernel < KERNEL.histogram ? 0 : isExponential(kernel) ? buckets + 1 : buckets;
}

export function paramsPerPoint(kernel: number): number {
  return PARAMS_PER_POINT[kernel]!;
}

const PARAMS_PER_POINT = [2, 3, 1, 3, 0, 0, 0, 0] as const;

export function isExponential(kernel: number): boolean {
  return kernel === KERNEL.exponentialHistogram || kernel === KERNEL.exponentialHistogramApart;
}

/** A rate of a bucket is packed with the bytes from its place to the next one's, 1 to 8: perHour << RATE_SHIFT | bytes - 1. */
export const RATE_SHIFT = 3;
export const STRIDE_MASK = 2 ** RATE_SHIFT - 1;

/** The largest rate of a bucket, per hour: some 149,000 a second. */
export const MOST_PER_HOUR = 2 ** (32 - RATE_SHIFT) - 1;

export function packRate(perHour: number, bytes: number): number {
  return (perHour << RATE_SHIFT) | (bytes - 1);
}

/** Bytes from a group's begin to its doubles. `ints`: offsets, series and rates of a point. */
export function doublesFrom(points: number, ints: number): number {
  return Math.ceil((GROUP_HEADER_INTS + points * ints) / 2) * 8;
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
  rates: number[];
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

  /** Add one point. Offsets are bytes of the body, -1 for a field that is absent; histograms have rates, others params. */
  add(
    shape: GroupShape,
    series: number,
    offsets: readonly number[],
    params: readonly number[],
    rates: readonly number[] = [],
  ): void {
    const key = `${shape.kernel} ${shape.width} ${shape.delta} ${shape.buckets} ${shape.firstByte} ${shape.shared}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { ...shape, offsets: [], series: [], rates: [], params: [] };
      this.#groups.set(key, group);
    }
    group.offsets.push(...offsets);
    group.series.push(series);
    group.rates.push(...rates);
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
      ints.set(group.rates, GROUP_HEADER_INTS + offsets.length + points);
      const doubles = new Float64Array(record.buffer, record.byteOffset + from + doublesOf(group));
      doubles.set(group.shared);
      doubles.set(group.params, group.shared.length);
      from += groupBytes(group);
    }
  }
}

function doublesOf({ series, offsets, rates }: Group): number {
  return doublesFrom(series.length, (offsets.length + rates.length) / series.length + 1);
}

function groupBytes(group: Group): number {
  return doublesOf(group) + (group.shared.length + group.params.length) * 8;
}
