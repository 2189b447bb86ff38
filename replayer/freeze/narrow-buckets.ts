/**
 * Bucket counts of exponential histograms in as many bytes as they need in their series' life. A template gives each 3 bytes; none of a
 * varint's bytes stays the same while it counts, and a compressor cannot copy less than 3, so all of them would be sent as they are.
 */
import { BYTES, FieldCursor, readFixed64, varintBytes, writeVarint } from "../../otlp/message/wire.ts";
import { exponentialHours, mostInBucket } from "./value-bytes.ts";
import { BUCKET_VARINT_BYTES, MOST_PER_HOUR } from "./value-table.ts";

/** Metric.exponential_histogram, and of its points: zero_count, positive, positive.bucket_counts. */
const EXPONENTIAL_HISTOGRAM = 10;
const ZERO_COUNT = 7;
const POSITIVE = 8;
const BUCKET_COUNTS = 2;

const point = new FieldCursor();
const positive = new FieldCursor();

/** Bytes of the varint of a bucket that counts so much per hour, for so many hours. */
export function bucketVarintBytes(perHour: number, hours: number): number {
  return varintBytes(Math.max(perHour, mostInBucket(perHour, hours)));
}

/**
 * The point at message[from, to) with narrower buckets, in a field of number 1; undefined where there are none, or none of 3 bytes.
 *
 * field  that of the metric which the point stands in
 */
export function narrowBuckets(
  field: number,
  message: Uint8Array,
  from: number,
  to: number,
): Uint8Array | undefined {
  if (field !== EXPONENTIAL_HISTOGRAM) return undefined;
  let zeros = 0;
  let outer = { tagFrom: -1, from: 0, to: 0 };
  let inner = { tagFrom: -1, from: 0, to: 0 };
  point.enter(message, from, to);
  while (point.next()) {
    if (point.field === ZERO_COUNT) zeros = Math.min(MOST_PER_HOUR, readFixed64(message, point.from));
    if (point.field !== POSITIVE || point.wireType !== BYTES) continue;
    outer = { tagFrom: point.tagFrom, from: point.from, to: point.to };
    positive.enter(message, point.from, point.to);
    while (positive.next()) {
      if (positive.field !== BUCKET_COUNTS || positive.wireType !== BYTES) continue;
      inner = { tagFrom: positive.tagFrom, from: positive.from, to: positive.to };
    }
  }
  const counts = wideCounts(message, inner.from, inner.to);
  if (counts === undefined || inner.tagFrom < outer.from) return undefined;
  const hours = exponentialHours(zeros, counts);
  const widths = counts.map((count) => bucketVarintBytes(count, hours));
  const innerBytes = widths.reduce((sum, width) => sum + width, 0);
  const others = inner.tagFrom - outer.from + (outer.to - inner.to);
  const outerBytes = others + 1 + varintBytes(innerBytes) + innerBytes;
  const aroundBytes = outer.tagFrom - from + (to - outer.to);
  const pointBytes = aroundBytes + 1 + varintBytes(outerBytes) + outerBytes;
  const item = new Uint8Array(1 + varintBytes(pointBytes) + pointBytes);
  let at = openField(item, 0, 1, pointBytes);
  at = copy(item, at, message, from, outer.tagFrom);
  at = openField(item, at, POSITIVE, outerBytes);
  at = copy(item, at, message, outer.from, inner.tagFrom);
  at = openField(item, at, BUCKET_COUNTS, innerBytes);
  for (const [bucket, count] of counts.entries()) at = writePadded(item, at, count, widths[bucket]!);
  at = copy(item, at, message, inner.to, outer.to);
  copy(item, at, message, outer.to, to);
  return item;
}

/** The counts of varints of 3 bytes; undefined where there are none or others. */
function wideCounts(bytes: Uint8Array, from: number, to: number): number[] | undefined {
  if (from === to || (to - from) % BUCKET_VARINT_BYTES !== 0) return undefined;
  const counts: number[] = [];
  for (let at = from; at < to; at += BUCKET_VARINT_BYTES) {
    const [a, b, c] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
    if (a < 0x80 || b < 0x80 || c >= 0x80) return undefined;
    counts.push((a & 0x7f) | ((b & 0x7f) << 7) | (c << 14));
  }
  return counts;
}

function openField(target: Uint8Array, at: number, field: number, bytes: number): number {
  target[at] = (field << 3) | BYTES;
  return writeVarint(target, at + 1, bytes);
}

function copy(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number {
  target.set(source.subarray(from, to), at);
  return at + to - from;
}

function writePadded(target: Uint8Array, at: number, value: number, bytes: number): number {
  for (let byte = 0; byte < bytes; byte++) {
    target[at + byte] = ((value >> (7 * byte)) & 0x7f) | (byte < bytes - 1 ? 0x80 : 0);
  }
  return at + bytes;
}
