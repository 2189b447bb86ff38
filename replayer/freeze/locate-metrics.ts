/**
 * Finding the slots of a metrics body: times, start times, instances, and the values with the numbers that move them.
 */
import { BYTES, FIXED64, FieldCursor, readFixed64 } from "../../otlp/message/wire.ts";
import type { ValueModel } from "../../template/metadata.ts";
import { INSTANCE_ID_CHARACTERS, INSTANCE_TEXT_FROM } from "../../template/slots.ts";
import {
  LEAD_LIMIT_SECONDS,
  secondsUntil,
  sentBucketMidpoints,
  sentExponentialMidpoints,
  TEMPLATE_AMOUNT_SECONDS,
} from "../../template/values.ts";
import { ABSOLUTE_TIMES, FreezeError } from "./freeze-error.ts";
import { bucketVarintBytes } from "./narrow-buckets.ts";
import type { SlotTable } from "./slot-table.ts";
import {
  bytesFor,
  changingDoubleBytes,
  changingIntegerBytes,
  exponentialHours,
  histogramHours,
  histogramSumByte,
  LIFE_SECONDS,
  risingDifferenceBytes,
  risingDoubleLimit,
} from "./value-bytes.ts";
import { BUCKET_VARINT_BYTES, KERNEL, MOST_PER_HOUR, packRate } from "./value-table.ts";

const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const EXPONENTIAL_HISTOGRAM = 10;
const SUMMARY = 11;
const DELTA = 1;

/** What freezing a metrics file finds out about it as a whole. */
export interface MetricFindings {
  /** Points seen so far: the ordinal of the next series. */
  series: number;
  /** Seconds after which some value would need a byte that was declared constant. */
  lifetimeSeconds: number;
  hasDelta: boolean;
}

const resourceMetrics = new FieldCursor();
const inResource = new FieldCursor();
const scopeMetrics = new FieldCursor();
const metric = new FieldCursor();
const data = new FieldCursor();
const point = new FieldCursor();
const part = new FieldCursor();

/** Note every slot of the body in `slots`, write into the body what of them is constant, and add to `findings`. */
export function locateMetricSlots(
  body: Buffer,
  slots: SlotTable,
  models: Readonly<Record<string, ValueModel>>,
  findings: MetricFindings,
): void {
  resourceMetrics.enter(body, 0, body.length);
  while (resourceMetrics.next()) {
    inResource.enter(body, resourceMetrics.from, resourceMetrics.to);
    while (inResource.next()) {
      if (inResource.field === 1) locateInstance(body, inResource.from, inResource.to, slots);
      if (inResource.field !== 2) continue;
      scopeMetrics.enter(body, inResource.from, inResource.to);
      while (scopeMetrics.next()) {
        if (scopeMetrics.field !== 2) continue;
        locateMetric(body, scopeMetrics.from, scopeMetrics.to, slots, models, findings);
      }
    }
  }
}

/** Where service.instance.id stands in a resource: the attribute with its tag, and its text, which is empty if it is none. */
export interface InstanceIdPlace {
  attributeFrom: number;
  attributeTo: number;
  from: number;
  to: number;
}

/** Find it in the resource at bytes[from, to). Attributes are field 1, a KeyValue {1: key, 2: AnyValue {1: text}} each. */
export function findInstanceId(bytes: Uint8Array, from: number, to: number): InstanceIdPlace | undefined {
  point.enter(bytes, from, to);
  while (point.next()) {
    if (point.field !== 1) continue;
    const place = { attributeFrom: point.tagFrom, attributeTo: point.to, from: 0, to: 0 };
    let isInstanceId = false;
    part.enter(bytes, point.from, point.to);
    while (part.next()) {
      if (part.field === 1) isInstanceId = INSTANCE_KEY.equals(bytes.subarray(part.from, part.to));
      if (part.field !== 2) continue;
      data.enter(bytes, part.from, part.to);
      if (data.next() && data.field === 1) [place.from, place.to] = [data.from, data.to];
    }
    if (isInstanceId) return place;
  }
  return undefined;
}

const INSTANCE_KEY = Buffer.from("service.instance.id");

function locateInstance(body: Buffer, from: number, to: number, slots: SlotTable): void {
  const id = findInstanceId(body, from, to);
  if (id && id.to - id.from === INSTANCE_ID_CHARACTERS) slots.instance(id.from + INSTANCE_TEXT_FROM);
}

function locateMetric(
  body: Buffer,
  from: number,
  to: number,
  slots: SlotTable,
  models: Readonly<Record<string, ValueModel>>,
  findings: MetricFindings,
): void {
  let name = "";
  metric.enter(body, from, to);
  while (metric.next()) if (metric.field === 1) name = body.toString("utf8", metric.from, metric.to);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  metric.enter(body, from, to);
  while (metric.next()) {
    const kind = metric.field;
    if (kind === SUMMARY) throw new FreezeError(`metric ${name}: summaries have no place in a template`);
    if (kind !== GAUGE && kind !== SUM && kind !== HISTOGRAM && kind !== EXPONENTIAL_HISTOGRAM) continue;
    let isDelta = false;
    let isMonotonic = kind === HISTOGRAM || kind === EXPONENTIAL_HISTOGRAM;
    data.enter(body, metric.from, metric.to);
    while (data.next()) {
      if (data.field === 2 && data.wireType === 0) isDelta = data.value === DELTA;
      if (data.field === 3 && data.wireType === 0) isMonotonic = data.value !== 0;
    }
    if (isDelta) findings.hasDelta = true;
    data.enter(body, metric.from, metric.to);
    while (data.next()) {
      if (data.field !== 1) continue;
      const series = findings.series++;
      const context = { body, slots, model, findings, name, series, isDelta };
      if (kind === GAUGE || kind === SUM)
        locateNumber(context, data.from, data.to, kind === SUM, isMonotonic);
      else if (kind === HISTOGRAM) locateHistogram(context, data.from, data.to);
      else locateExponential(context, data.from, data.to);
    }
  }
}

interface PointContext {
  body: Buffer;
  slots: SlotTable;
  model: ValueModel | undefined;
  findings: MetricFindings;
  name: string;
  series: number;
  isDelta: boolean;
}

function locateNumber(
  context: PointContext,
  from: number,
  to: number,
  isSum: boolean,
  isMonotonic: boolean,
): void {
  const { body, slots, isDelta } = context;
  let doubleAt = -1;
  let intAt = -1;
  point.enter(body, from, to);
  while (point.next()) {
    if (point.field === 2 && isSum) slots.startTime(timeAt(context), isDelta);
    else if (point.field === 3) slots.time(body, timeAt(context), 0);
    else if (point.field === 4) doubleAt = eightBytesAt(context);
    else if (point.field === 6) intAt = eightBytesAt(context);
  }
  if (doubleAt < 0 && intAt < 0) throw new FreezeError(`metric ${context.name}: a point has no value`);
  if (intAt >= 0) locateInteger(context, intAt, isMonotonic);
  else locateDouble(context, doubleAt, isMonotonic);
}

function locateInteger(context: PointContext, at: number, isMonotonic: boolean): void {
  const { body, slots, series, isDelta } = context;
  const value = Number(body.readBigInt64LE(at));
  const { firstByte, width } = integerBytes(context, value, isMonotonic);
  const unit = 256 ** firstByte;
  const shape = { width, delta: isDelta, buckets: 0, shared: [], firstByte: 0 };
  body.writeBigInt64LE(0n, at);
  if (isMonotonic) {
    if (value === 0) return;
    const rate = value / TEMPLATE_AMOUNT_SECONDS / unit;
    const life = Math.ceil(rate * (LIFE_SECONDS + LEAD_LIMIT_SECONDS));
    const changing = context.model && value > 0 ? Math.min(width, bytesFor(life)) : width;
    liveUntil(context, 256 ** changing, rate);
    slots.values.add({ ...shape, kernel: KERNEL.sumInt, width: changing }, series, [at + firstByte], [rate]);
  } else {
    const band = bandOf(context, value, unit, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    const [middle, half] = band;
    body.writeBigInt64LE(BigInt.asIntN(64, BigInt(middle - half) * BigInt(unit)), at);
    if (half === 0) return;
    const changing = changingIntegerBytes(middle - half, middle + half);
    slots.values.add({ ...shape, kernel: KERNEL.gaugeInt, width: changing }, series, [at + firstByte], band);
  }
}

function locateDouble(context: PointContext, at: number, isMonotonic: boolean): void {
  const { body, slots, series, isDelta } = context;
  const value = body.readDoubleLE(at);
  if (!Number.isFinite(value))
    throw new FreezeError(`metric ${context.name}: a value must be finite, found ${value}`);
  if (isMonotonic) {
    const rate = (value / TEMPLATE_AMOUNT_SECONDS) * 128;
    // Cumulative doubles begin at 2, the floor of the range whose top byte never changes; differences have no floor.
    const floor = isDelta ? 0 : 2;
    body.writeDoubleLE(floor, at);
    if (value === 0) return;
    const { firstByte, width, limit } = risingDoubleBytes(context, rate / 128);
    liveUntil(context, (Math.min(largestDouble(context), limit) - 2) * 128, rate);
    slots.values.add(
      { kernel: KERNEL.sumDouble, width, delta: isDelta, buckets: 0, shared: [limit], firstByte },
      series,
      [at + firstByte],
      [rate, 1 / 128, floor],
    );
  } else {
    const [unit, lowest, highest] = doubleRange(value);
    const [middle, half] = bandOf(context, value, unit, lowest, highest);
    body.writeDoubleLE((middle - half) * unit, at);
    if (half === 0) return;
    const bytes = changingDoubleBytes((middle - half) * unit, (middle + half) * unit, unit);
    slots.values.add(
      { kernel: KERNEL.gaugeDouble, ...bytes, delta: isDelta, buckets: 0, shared: [] },
      series,
      [at + bytes.firstByte],
      [middle, half, unit],
    );
  }
}

function locateHistogram(context: PointContext, from: number, to: number): void {
  const { body, slots, series, isDelta } = context;
  let countAt = -1;
  let sumAt = -1;
  let bucketsAt = -1;
  let buckets: number[] = [];
  let bounds: number[] = [];
  point.enter(body, from, to);
  while (point.next()) {
    if (point.field === 2) slots.startTime(timeAt(context), isDelta);
    else if (point.field === 3) slots.time(body, timeAt(context), 0);
    else if (point.field === 4) countAt = eightBytesAt(context);
    else if (point.field === 5) sumAt = eightBytesAt(context);
    else if (point.field === 6 && point.wireType === BYTES) {
      bucketsAt = point.from;
      buckets = eights(point.from, point.to, (at) => Math.min(MOST_PER_HOUR, readFixed64(body, at)));
    } else if (point.field === 7) bounds = eights(point.from, point.to, (at) => body.readDoubleLE(at));
  }
  if (countAt < 0 || buckets.length !== bounds.length + 1) {
    throw new FreezeError(
      `metric ${context.name}: a histogram point needs a count and one bucket more than bounds, found ${buckets.length} buckets and ${bounds.length} bounds`,
    );
  }
  const total = sumOf(buckets);
  const width = Math.min(4, context.model?.width ?? 4);
  body.fill(0, bucketsAt, bucketsAt + buckets.length * 8).fill(0, countAt, countAt + 8);
  if (sumAt >= 0) body.fill(0, sumAt, sumAt + 8);
  if (total === 0) return;
  const [first, end] = filledBuckets(buckets);
  const hours = histogramHours(buckets, width, context.model !== undefined);
  liveFor(context, hours);
  const counts = Math.floor(hours * total) + buckets.length;
  const midpoints = sentBucketMidpoints(bounds, first, end);
  const firstByte = histogramSumByte(midpoints, counts);
  slots.values.add(
    {
      kernel: KERNEL.histogram,
      width: bytesFor(counts),
      delta: isDelta,
      buckets: end - first,
      shared: [hours, ...midpoints],
      firstByte,
    },
    series,
    [countAt, sumAt < 0 ? -1 : sumAt + firstByte, bucketsAt + first * 8, bucketsAt + end * 8],
    [],
    buckets.slice(first, end).map((count) => packRate(count, 8)),
  );
}

function locateExponential(context: PointContext, from: number, to: number): void {
  const { body, slots, series, isDelta } = context;
  let countAt = -1;
  let sumAt = -1;
  let zeroAt = -1;
  let scale = 0;
  let offset = 0;
  let bucketsAt = -1;
  let buckets: number[] = [];
  let widths: number[] = [];
  point.enter(body, from, to);
  while (point.next()) {
    if (point.field === 2) slots.startTime(timeAt(context), isDelta);
    else if (point.field === 3) slots.time(body, timeAt(context), 0);
    else if (point.field === 4) countAt = eightBytesAt(context);
    else if (point.field === 5) sumAt = eightBytesAt(context);
    else if (point.field === 6) scale = fromZigzag(point.value);
    else if (point.field === 7) zeroAt = eightBytesAt(context);
    else if (point.field === 8) {
      part.enter(body, point.from, point.to);
      while (part.next()) {
        if (part.field === 1) offset = fromZigzag(part.value);
        if (part.field !== 2) continue;
        bucketsAt = part.from;
        ({ counts: buckets, widths } = paddedVarints(context, part.from, part.to));
      }
    }
  }
  if (countAt < 0 || zeroAt < 0 || bucketsAt < 0) {
    throw new FreezeError(
      `metric ${context.name}: an exponential histogram point needs count, zero_count and positive buckets`,
    );
  }
  const zeros = Math.min(MOST_PER_HOUR, readFixed64(body, zeroAt));
  const total = sumOf(buckets) + zeros;
  body.fill(0, countAt, countAt + 8).fill(0, zeroAt, zeroAt + 8);
  if (sumAt >= 0) body.fill(0, sumAt, sumAt + 8);
  if (total === 0) return;
  const [first, end] = filledBuckets(buckets);
  const hours = exponentialHours(zeros, buckets);
  liveFor(context, hours);
  if (buckets.some((count, bucket) => bucketVarintBytes(count, hours) > widths[bucket]!))
    throw narrow(context);
  const counts = Math.floor(hours * total) + buckets.length + 1;
  const midpoints = sentExponentialMidpoints(scale, offset, first, end);
  const firstByte = histogramSumByte(midpoints, counts);
  const bucketsFrom = bucketsAt + sumOf(widths.slice(0, first));
  const bucketsTo = bucketsAt + sumOf(widths.slice(0, end));
  slots.values.add(
    {
      kernel: KERNEL.exponentialHistogram,
      width: bytesFor(counts),
      delta: isDelta,
      buckets: end - first,
      shared: [hours, ...midpoints],
      firstByte,
    },
    series,
    [countAt, sumAt < 0 ? -1 : sumAt + firstByte, zeros > 0 ? zeroAt : -1, bucketsFrom, bucketsTo],
    [],
    [packRate(zeros, 1), ...buckets.slice(first, end).map((count, i) => packRate(count, widths[first + i]!))],
  );
}

/** The bucket counts of an exponential histogram and how many bytes each has, up to 3. */
function paddedVarints(
  context: PointContext,
  from: number,
  to: number,
): { counts: number[]; widths: number[] } {
  const { body } = context;
  const counts: number[] = [];
  const widths: number[] = [];
  for (let at = from, begin = from; at < to; at++) {
    if (body[at]! >= 0x80 && at + 1 < to) continue;
    const width = at + 1 - begin;
    if (body[at]! >= 0x80 || width > BUCKET_VARINT_BYTES) throw narrow(context);
    let count = 0;
    for (let byte = at; byte >= begin; byte--) count = (count << 7) | (body[byte]! & 0x7f);
    counts.push(count);
    widths.push(width);
    begin = at + 1;
  }
  return { counts, widths };
}

function narrow({ name }: PointContext): FreezeError {
  return new FreezeError(
    `metric ${name}: bucket counts of an exponential histogram must be varints padded to 3 bytes`,
  );
}

/** Which bytes of an integer change: as declared, else as many as its value or a day of its growth needs. */
function integerBytes(
  context: PointContext,
  value: number,
  isMonotonic: boolean,
): { firstByte: number; width: number } {
  const { model } = context;
  const reach = Math.abs(value) * (isMonotonic ? 24 : 1 + (model?.spread ?? DEFAULT_SPREAD));
  if (model && value >= 0 && (isMonotonic || reach < 256 ** (model.firstByte + model.width))) return model;
  return { firstByte: 0, width: value >= 0 && reach < 256 ** 4 ? 4 : 8 };
}

const DEFAULT_SPREAD = 0.1;

/** What a sum of doubles must stay below: the end of its range, or of the bytes that change where the top one may. */
function largestDouble({ model }: PointContext): number {
  return model && model.firstByte + model.width === 8 ? 2 ** 21 : WIDE_BELOW;
}

/** Which bytes of a rising double change: cumulative ones as declared, differences as a day and a half of them needs. */
function risingDoubleBytes(
  context: PointContext,
  perSecond: number,
): { firstByte: number; width: number; limit: number } {
  if (perSecond < 0) return { firstByte: 0, width: 8, limit: Number.POSITIVE_INFINITY };
  if (context.isDelta) return risingDifferenceBytes(perSecond);
  // Below 2^21 nothing lies under byte 3; the first byte is never so high that the floor of 2 had no room.
  const firstByte = Math.min(5, Math.max(3, context.model?.firstByte ?? 3));
  const end = largestDouble(context) > WIDE_BELOW ? 8 : 7;
  const limit = risingDoubleLimit(firstByte);
  return {
    firstByte,
    width: end - firstByte,
    limit: end === 8 ? limit : Math.min(limit, WIDE_BELOW - 1 / 128),
  };
}

/** Where the range of doubles from 2 on ends, in which the top byte never changes. */
const WIDE_BELOW = 131_072;

/** Middle and half width, in units, of the band in which a gauge wanders. */
function bandOf(
  context: PointContext,
  value: number,
  unit: number,
  lowest: number,
  highest: number,
): [number, number] {
  const model = context.model;
  const min = Math.max(model?.min ?? Number.NEGATIVE_INFINITY, lowest);
  const max = Math.min(model?.max ?? Number.POSITIVE_INFINITY, highest);
  const half = Math.abs(value) * (model?.spread ?? DEFAULT_SPREAD);
  const room = Math.max(0, Math.min(half, value - min, max - value));
  return [Math.round(value / unit), Math.floor(room / unit)];
}

/** Unit and bounds of the range of doubles that a value stays in; in the first two the top byte never changes. */
function doubleRange(value: number): [unit: number, lowest: number, highest: number] {
  if (value >= 2 && value < 131_072) return [1 / 128, 2, 131_072 - 1 / 128];
  if (value >= 2 ** -9 && value < 2) return [2 ** -13, 2 ** -9, 2 - 2 ** -13];
  const magnitude = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)));
  return [2 ** (magnitude - 24), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** The cursor stands on a time of a point: where it lies. */
function timeAt(context: PointContext): number {
  const at = eightBytesAt(context);
  if (readFixed64(context.body, at) !== 0) throw new FreezeError(`metric ${context.name}: ${ABSOLUTE_TIMES}`);
  return at;
}

function eightBytesAt({ name }: PointContext): number {
  if (point.wireType !== FIXED64) {
    throw new FreezeError(
      `metric ${name}: field ${point.field} of a point must have 8 bytes; is it a file of another signal?`,
    );
  }
  return point.from;
}

/** The same of histograms: they count for so many hours, of which the lead is a part. */
function liveFor({ findings, isDelta }: PointContext, hours: number): void {
  if (isDelta) return;
  const seconds = hours * TEMPLATE_AMOUNT_SECONDS - LEAD_LIMIT_SECONDS;
  findings.lifetimeSeconds = Math.min(findings.lifetimeSeconds, seconds);
}

/** Differences stay small, as their interval does: only what is counted since the run began grows out of its bytes. */
function liveUntil({ findings, isDelta }: PointContext, limit: number, unitsPerSecond: number): void {
  if (isDelta) return;
  findings.lifetimeSeconds = Math.min(findings.lifetimeSeconds, secondsUntil(limit, unitsPerSecond));
}

function eights(from: number, to: number, read: (at: number) => number): number[] {
  return Array.from({ length: (to - from) / 8 }, (_, i) => read(from + i * 8));
}

/** From the first bucket with a count to behind the last. */
function filledBuckets(buckets: readonly number[]): [first: number, end: number] {
  const first = buckets.findIndex((count) => count > 0);
  return first < 0 ? [0, 0] : [first, buckets.findLastIndex((count) => count > 0) + 1];
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}

function fromZigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
