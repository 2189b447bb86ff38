/**
 * Metrics with their points as protobuf, one resource's points at a time.
 *
 * Source: opentelemetry/proto/metrics/v1/metrics.proto. docs/template-format.md says which fields a template has.
 */

import { ProtoWriter } from "../../otlp/message/writer.ts";
import type { ValueModel } from "../../template/metadata.ts";
import type { Random } from "../random.ts";
import { BucketFiller, EXPONENTIAL_SCALE, ExponentialFiller, type FilledBuckets } from "./buckets.ts";
import { type Carrier, pointsOn } from "./carriers/carrier.ts";
import type {
  Amounts,
  Dimension,
  ExponentialHistogramMetric,
  HistogramMetric,
  MetricDefinition,
  NumberMetric,
  Range,
  Reading,
} from "./definition.ts";
import { type Lists, type PointList, pointsOf } from "./point-list.ts";
import { drawLevel, drawScatter, histogramModel, NumberRange, onGrid } from "./values.ts";

/** Field of a metric in ScopeMetrics. */
const METRIC_FIELD = 2;

/** Field of the data in a metric. */
const DATA_FIELD = {
  gauge: 5,
  upDownCounter: 7,
  counter: 7,
  histogram: 9,
  exponentialHistogram: 10,
} as const;

/** Field of the attributes in a point. */
const ATTRIBUTES_FIELD = {
  gauge: 7,
  upDownCounter: 7,
  counter: 7,
  histogram: 9,
  exponentialHistogram: 1,
} as const;

export const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

/** Bytes of a bucket count of an exponential histogram. */
const BUCKET_COUNT_BYTES = 3;

/** Writes one metric, resource after resource, and learns what its value model must allow for. */
export class MetricEncoder {
  readonly metric: MetricDefinition;
  readonly #temporality: number;
  readonly #filler: BucketFiller | ExponentialFiller | undefined;
  readonly #random: Random;
  /** Name, description and unit. */
  readonly #head: Uint8Array;
  /** Bounds of buckets. */
  readonly #bounds: Uint8Array;
  /** Where they are the same on all resources. */
  readonly #points: PointList | undefined;
  readonly #range = new NumberRange();
  #mostPerHour = 0;
  /** Bytes of the lengths as they were the last time: most resources have as many points of a metric as the one before. */
  #metricWidth = 2;
  #dataWidth = 2;

  /** random: used through forks only, so that the numbers of a metric do not depend on which others there are. */
  constructor(metric: MetricDefinition, temporality: keyof typeof TEMPORALITY, random: Random) {
    this.metric = metric;
    this.#random = random.fork(metric.name);
    this.#head = encode((writer) => {
      writer.string(1, metric.name);
      writer.string(2, metric.description);
      writer.string(3, metric.unit);
    });
    this.#bounds = metric.kind === "histogram" ? encodedBounds(metric.bounds) : NO_BOUNDS;
    this.#temporality = metric.kind === "upDownCounter" ? TEMPORALITY.cumulative : TEMPORALITY[temporality];
    if (isFixed(metric.dimensions)) {
      this.#points = pointsOf(metric.dimensions, ATTRIBUTES_FIELD[metric.kind]);
    }
    if (metric.kind === "histogram") this.#filler = new BucketFiller(metric.bounds, metric.measured);
    if (metric.kind === "exponentialHistogram") this.#filler = new ExponentialFiller(metric.measured);
  }

  /** How many points a resource that reports the metric can have of it; 0: none after all. */
  pointsOn(carrier: Carrier): number {
    return pointsOn(carrier, this.metric.dimensions);
  }

  /** Write the metric with the first `count` points that the resource can have of it. */
  write(writer: ProtoWriter, carrier: Carrier, count: number): void {
    const { metric } = this;
    writer.begin(METRIC_FIELD, this.#metricWidth);
    const metricStart = writer.length;
    writer.raw(this.#head);
    writer.begin(DATA_FIELD[metric.kind], this.#dataWidth);
    const dataStart = writer.length;
    const points = this.#points ?? pointsOf(listsOf(metric, carrier), ATTRIBUTES_FIELD[metric.kind]);
    points.reach(count);
    if (isNumber(metric)) this.#writeNumbers(writer, metric, carrier, points, count);
    else this.#writeHistograms(writer, metric, carrier, points, count);
    if (metric.kind !== "gauge") writer.varint(2, this.#temporality);
    if (metric.kind === "counter") writer.varint(3, 1);
    this.#dataWidth = lengthWidth(writer.length - dataStart);
    writer.end();
    this.#metricWidth = lengthWidth(writer.length - metricStart);
    writer.end();
  }

  /** The model for all points written so far. */
  model(): ValueModel {
    const { metric } = this;
    return isNumber(metric)
      ? this.#range.model(metric, this.#temporality === TEMPORALITY.delta)
      : histogramModel(metric.kind, this.#mostPerHour);
  }

  #writeNumbers(
    writer: ProtoWriter,
    metric: NumberMetric,
    carrier: Carrier,
    { attributes, weights }: PointList,
    count: number,
  ): void {
    const { level, spread, form } = metric.number;
    const amounts = this.#amountsOf(level, carrier);
    const mayBeZero = typeof level === "function" || level[0] === 0;
    // What is read is meant exactly; what does not move is not drawn askew either.
    const isScattered = typeof level !== "function" && spread > 0;
    for (let index = 0; index < count; index++) {
      let amount = typeof amounts === "number" ? amounts * weights[index]! : amounts[index]!;
      if (isScattered) amount *= drawScatter(this.#random);
      const value = onGrid(metric.kind, metric.number, amount, mayBeZero);
      this.#range.add(metric, value);
      writer.raw(numberPointHead(metric.kind !== "gauge", attributes[index]!.length));
      if (form === "int") writer.sfixed64(6, value);
      else writer.double(4, value);
      writer.raw(attributes[index]!);
    }
  }

  #writeHistograms(
    writer: ProtoWriter,
    metric: HistogramMetric | ExponentialHistogramMetric,
    carrier: Carrier,
    { attributes, weights }: PointList,
    count: number,
  ): void {
    const rates = this.#amountsOf(metric.measured.rate, carrier);
    const medians = this.#amountsOf(metric.measured.median, carrier);
    for (let index = 0; index < count; index++) {
      const rate = typeof rates === "number" ? rates * weights[index]! : rates[index]!;
      const median = (typeof medians === "number" ? medians : medians[index]!) * drawScatter(this.#random);
      const filled = this.#filler!.fill(rate, median);
      if (filled.count > this.#mostPerHour) this.#mostPerHour = filled.count;
      writer.begin(1, 2);
      if (metric.kind === "exponentialHistogram") writer.raw(attributes[index]!);
      writer.fixed64(2, 0);
      writer.fixed64(3, 0);
      writer.fixed64(4, filled.count);
      writer.double(5, filled.sum);
      if (metric.kind === "histogram") {
        writer.packedFixed64(6, filled.counts);
        writer.raw(this.#bounds);
        writer.raw(attributes[index]!);
      } else writeExponentialBuckets(writer, filled);
      writer.end();
    }
  }

  /** What one resource's points add up to when their weights add up to 1, or what each of them is. */
  #amountsOf(level: Range | Reading<never>, { vitals }: Carrier): Amounts {
    // The carriers of a metric bring the vitals that its definition reads; a test reads every metric on every kind of carrier.
    if (typeof level === "function") return (level as Reading<unknown>)(vitals);
    return drawLevel(this.#random, level[0], level[1]);
  }
}

/** Bytes of a length. */
function lengthWidth(length: number): number {
  return length < 2 ** 7 ? 1 : length < 2 ** 14 ? 2 : 3;
}

const scratch = new ProtoWriter();

function encode(write: (writer: ProtoWriter) => void): Uint8Array {
  scratch.reset();
  write(scratch);
  // Copied to where small Buffers are kept together: an array of its own for each metric would take more than its bytes.
  return Buffer.from(scratch.finish());
}

const NO_BOUNDS = new Uint8Array(0);
const knownBounds = new WeakMap<readonly number[], Uint8Array>();

/** Many metrics have the same bounds. */
function encodedBounds(bounds: readonly number[]): Uint8Array {
  let bytes = knownBounds.get(bounds);
  if (!bytes) {
    bytes = encode((writer) => writer.packedDouble(7, bounds));
    knownBounds.set(bounds, bytes);
  }
  return bytes;
}

function writeExponentialBuckets(writer: ProtoWriter, { counts, offset }: FilledBuckets): void {
  writer.sint32(6, EXPONENTIAL_SCALE);
  writer.fixed64(7, 0);
  writer.begin(8);
  writer.sint32(1, offset);
  writer.packedPaddedVarint(2, counts, BUCKET_COUNT_BYTES);
  writer.end();
}

function isNumber(metric: MetricDefinition): metric is NumberMetric {
  return metric.kind !== "histogram" && metric.kind !== "exponentialHistogram";
}

const NO_LIST: readonly never[] = [];

function listsOf(metric: MetricDefinition, carrier: Carrier): Lists {
  return metric.dimensions.map((dimension) =>
    typeof dimension === "string" ? (carrier.lists[dimension] ?? NO_LIST) : dimension,
  );
}

/** Whether the points of a metric are the same on all resources. */
function isFixed(dimensions: readonly Dimension[]): dimensions is Lists {
  return dimensions.every((dimension) => typeof dimension !== "string");
}

// ---- points of numbers ---------------------------------------------------------------------------------------

/** Bytes of a fixed64 field. */
const FIXED64_BYTES = 9;

/** By the length of the attributes, without and with a start time. */
const heads: readonly [Uint8Array[], Uint8Array[]] = [[], []];

/** Everything of a number's point before its value: tag and length of the point, and the times, which are 0. */
function numberPointHead(hasStart: boolean, attributeBytes: number): Uint8Array {
  const known = heads[hasStart ? 1 : 0];
  let head = known[attributeBytes];
  if (!head) {
    head = encode((writer) => {
      writer.begin(1);
      if (hasStart) writer.fixed64(2, 0);
      writer.fixed64(3, 0);
      writer.raw(new Uint8Array(FIXED64_BYTES + attributeBytes));
      writer.end();
    });
    head = head.slice(0, head.length - FIXED64_BYTES - attributeBytes);
    known[attributeBytes] = head;
  }
  return head;
}
