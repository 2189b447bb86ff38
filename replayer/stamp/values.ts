/**
 * Metric values: one kernel per group of points of equal shape. The layout is freeze/value-table.ts's, the arithmetic
 * template/values.ts's. Cumulative points show what was counted since the run began, points of differences what was counted
 * since the previous one.
 */
import { countedUnits, gaugeUnits, instanceSalt, seriesKey } from "../../template/values.ts";
import { GROUP, GROUP_HEADER_INTS, offsetsPerPoint, paramsPerPoint } from "../freeze/value-table.ts";
import {
  stampExponentials,
  stampExponentialsApart,
  stampHistograms,
  stampHistogramsApart,
} from "./histograms.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { group, now, previous } from "./value-group.ts";
import { writeDouble, writeInteger } from "./write-bytes.ts";

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
  group.salt = instanceSalt(instanceSeed);
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
  const { points, width, offsets, series, params, salt } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 2;
    const units = gaugeUnits(key, now, doubles[at]!, doubles[at + 1]!);
    writeInteger(view, ints[offsets + point]!, units, width);
  }
}

function stampGaugeDoubles({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, offsets, series, params, salt } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const at = params + point * 3;
    const units = gaugeUnits(key, now, doubles[at]!, doubles[at + 1]!);
    writeDouble(view, ints[offsets + point]!, units * doubles[at + 2]!, firstByte, width);
  }
}

function stampSumInts({ ints, doubles, view }: SendBuffer): void {
  const { points, width, isDelta, offsets, series, params, salt } = group;
  for (let point = 0; point < points; point++) {
    const key = seriesKey(ints[series + point]!, salt);
    const rate = doubles[params + point]!;
    let units = countedUnits(key, now, rate);
    if (isDelta) units -= countedUnits(key, previous, rate);
    writeInteger(view, ints[offsets + point]!, units, width);
  }
}

function stampSumDoubles({ ints, doubles, view }: SendBuffer): void {
  const { points, width, firstByte, isDelta, offsets, series, params, salt } = group;
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
