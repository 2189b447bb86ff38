import { expectMessage, fixed64Offset } from "../../otlp/message/expect.ts";
import { BYTES, FIXED64, FieldCursor, VARINT, WireError } from "../../otlp/message/wire.ts";
import { IntColumn } from "./columns.ts";
import { SeriesHash } from "./series-hash.ts";

/** Bits that tell what may be asked of a point. */
export const CUMULATIVE = 1;
export const DELTA = 2;
/** A monotonic sum, or a histogram's count. */
export const MONOTONIC = 4;
/** A histogram whose count is not the sum of its buckets. */
export const MISMATCH = 8;

/** Salts of the parts of a series' hash. */
const RESOURCE_PART = 1;
const SCOPE_PART = 2;
const NAME_PART = 3;
const POINT_PART = 4;

/** Field numbers of Metric's data. */
const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const EXPONENTIAL_HISTOGRAM = 10;
const SUMMARY = 11;

/** Field number of the attributes in each kind of point. */
const ATTRIBUTES_FIELD = new Map([
  [GAUGE, 7],
  [SUM, 7],
  [HISTOGRAM, 9],
  [EXPONENTIAL_HISTOGRAM, 1],
  [SUMMARY, 7],
]);

/** The data points of one request, as SpanTable does it for spans: one row a point. Valid until the next `fill`. */
export class PointTable {
  /** Rows. */
  length = 0;
  /** The two lanes of the series' hash over resource attributes, scope, metric name and point attributes. */
  readonly seriesA = new IntColumn();
  readonly seriesB = new IntColumn();
  /** Offset of start_time_unix_nano; -1 when absent. */
  readonly start = new IntColumn();
  /** Offset of time_unix_nano; -1 when absent. */
  readonly time = new IntColumn();
  /** CUMULATIVE, DELTA, MONOTONIC, MISMATCH. */
  readonly traits = new IntColumn();
  /** Offset and length of the metric's name. */
  readonly nameAt = new IntColumn();
  readonly nameLength = new IntColumn();
  /** Value of a number point, count of a histogram; NaN without one. Integers beyond 2^53 are rounded. */
  values = new Float64Array(1024);

  readonly #request = new FieldCursor();
  readonly #resource = new FieldCursor();
  readonly #attributes = new FieldCursor();
  readonly #scope = new FieldCursor();
  readonly #metric = new FieldCursor();
  readonly #data = new FieldCursor();
  readonly #point = new FieldCursor();
  readonly #buckets = new FieldCursor();
  readonly #resourceHash = new SeriesHash();
  readonly #scopeHash = new SeriesHash();
  readonly #metricHash = new SeriesHash();
  readonly #pointHash = new SeriesHash();
  #body: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #name = { from: 0, to: 0 };

  /** Read an ExportMetricsServiceRequest. Throws WireError. */
  fill(body: Uint8Array): void {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.length = 0;
    const request = this.#request;
    request.enter(body, 0, body.length);
    while (request.next()) {
      if (request.field !== 1) continue;
      expectMessage(request);
      this.#addResource(request.from, request.to);
    }
  }

  /** A ResourceMetrics: what identifies the resource first, wherever it stands, then the scopes. */
  #addResource(from: number, to: number): void {
    const resource = this.#resource;
    const hash = this.#resourceHash;
    hash.reset();
    resource.enter(this.#body, from, to);
    while (resource.next()) {
      if (resource.field !== 1) continue;
      expectMessage(resource);
      this.#attributes.enter(this.#body, resource.from, resource.to);
      this.#addAttributes(hash, 1, RESOURCE_PART);
    }
    resource.enter(this.#body, from, to);
    while (resource.next()) {
      if (resource.field !== 2) continue;
      expectMessage(resource);
      this.#addScope(resource.from, resource.to);
    }
  }

  #addAttributes(hash: SeriesHash, field: number, salt: number): void {
    const attributes = this.#attributes;
    while (attributes.next()) {
      if (attributes.field === field) hash.add(this.#body, attributes.from, attributes.to, salt);
    }
  }

  #addScope(from: number, to: number): void {
    const scope = this.#scope;
    const hash = this.#scopeHash;
    hash.set(this.#resourceHash);
    scope.enter(this.#body, from, to);
    while (scope.next()) {
      if (scope.field === 1) hash.add(this.#body, scope.from, scope.to, SCOPE_PART);
    }
    scope.enter(this.#body, from, to);
    while (scope.next()) {
      if (scope.field !== 2) continue;
      expectMessage(scope);
      this.#addMetric(scope.from, scope.to);
    }
  }

  #addMetric(from: number, to: number): void {
    const metric = this.#metric;
    const hash = this.#metricHash;
    hash.set(this.#scopeHash);
    this.#name = { from: 0, to: 0 };
    metric.enter(this.#body, from, to);
    while (metric.next()) {
      if (metric.field !== 1) continue;
      this.#name = { from: metric.from, to: metric.to };
      hash.add(this.#body, metric.from, metric.to, NAME_PART);
    }
    metric.enter(this.#body, from, to);
    while (metric.next()) {
      if (!ATTRIBUTES_FIELD.has(metric.field)) continue;
      expectMessage(metric);
      this.#addData(metric.field, metric.from, metric.to);
    }
  }

  #addData(kind: number, from: number, to: number): void {
    const data = this.#data;
    let traits = kind === HISTOGRAM || kind === EXPONENTIAL_HISTOGRAM ? MONOTONIC : 0;
    if (kind !== GAUGE && kind !== SUMMARY) {
      data.enter(this.#body, from, to);
      while (data.next()) {
        if (data.field === 2 && data.wireType === VARINT) traits |= temporalityTrait(data.value);
        if (data.field === 3 && data.wireType === VARINT && data.value !== 0) traits |= MONOTONIC;
      }
    }
    data.enter(this.#body, from, to);
    while (data.next()) {
      if (data.field !== 1) continue;
      expectMessage(data);
      this.#addPoint(kind, traits, data.from, data.to);
    }
  }

  #addPoint(kind: number, metricTraits: number, from: number, to: number): void {
    const point = this.#point;
    const hash = this.#pointHash;
    const histogram = kind === HISTOGRAM || kind === EXPONENTIAL_HISTOGRAM;
    const attributesField = ATTRIBUTES_FIELD.get(kind)!;
    let [start, time, value, buckets, bucketFields] = [-1, -1, histogram ? 0 : Number.NaN, 0, 0];
    hash.set(this.#metricHash);
    point.enter(this.#body, from, to);
    while (point.next()) {
      const { field } = point;
      if (field === attributesField) hash.add(this.#body, point.from, point.to, POINT_PART);
      else if (field === 2) start = fixed64Offset(point);
      else if (field === 3) time = fixed64Offset(point);
      else if (histogram) {
        if (field === 4) value = this.#unsigned(fixed64Offset(point));
        else if (kind === HISTOGRAM && field === 6) {
          buckets += this.#fixedCounts(point);
          bucketFields++;
        } else if (kind === EXPONENTIAL_HISTOGRAM && (field === 7 || field === 8 || field === 9)) {
          buckets += field === 7 ? this.#unsigned(fixed64Offset(point)) : this.#exponentialCounts(point);
          bucketFields++;
        }
      } else if (field === 4 && kind !== SUMMARY) value = this.#view.getFloat64(fixed64Offset(point), true);
      else if (field === 6 && kind !== SUMMARY) value = this.#signed(fixed64Offset(point));
    }
    // A histogram may come without buckets, with its count and sum alone.
    const mismatch = histogram && bucketFields > 0 && buckets !== value ? MISMATCH : 0;
    this.#push(start, time, metricTraits | mismatch, value);
  }

  #push(start: number, time: number, traits: number, value: number): void {
    const row = this.length++;
    this.seriesA.set(row, this.#pointHash.a);
    this.seriesB.set(row, this.#pointHash.b);
    this.start.set(row, start);
    this.time.set(row, time);
    this.traits.set(row, traits);
    this.nameAt.set(row, this.#name.from);
    this.nameLength.set(row, this.#name.to - this.#name.from);
    if (row >= this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[row] = value;
  }

  #unsigned(at: number): number {
    return this.#view.getUint32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  #signed(at: number): number {
    return this.#view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  /** Sum of bucket_counts of a histogram: fixed64, packed or one by one. */
  #fixedCounts(cursor: FieldCursor): number {
    const length = cursor.to - cursor.from;
    if ((cursor.wireType !== BYTES && cursor.wireType !== FIXED64) || length % 8 !== 0) {
      throw new WireError(`byte ${cursor.tagFrom}: bucket_counts are not fixed64 numbers`);
    }
    let sum = 0;
    for (let at = cursor.from; at < cursor.to; at += 8) sum += this.#unsigned(at);
    return sum;
  }

  /** Sum of the counts in the positive or negative buckets of an exponential histogram. */
  #exponentialCounts(cursor: FieldCursor): number {
    expectMessage(cursor);
    const buckets = this.#buckets;
    let sum = 0;
    buckets.enter(this.#body, cursor.from, cursor.to);
    while (buckets.next()) {
      if (buckets.field !== 2) continue;
      sum += buckets.wireType === VARINT ? buckets.value : sumVarints(this.#body, buckets.from, buckets.to);
    }
    return sum;
  }
}

/** Trait of an aggregation_temporality: 1 delta, 2 cumulative. */
function temporalityTrait(temporality: number): number {
  if (temporality === 2) return CUMULATIVE;
  return temporality === 1 ? DELTA : 0;
}

/** Sum of packed varints in bytes[from, to). Throws WireError when the last one does not end. */
function sumVarints(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  let scale = 1;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    sum += (byte & 0x7f) * scale;
    scale = byte < 0x80 ? 1 : scale * 128;
  }
  if (scale !== 1) throw new WireError(`byte ${from}: packed varints do not end`);
  return sum;
}
