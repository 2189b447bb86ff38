/**
 * Metrics with their points as protobuf, one resource's points at a time.
 *
 * Source: opentelemetry/proto/metrics/v1/metrics.proto. docs/template-format.md says which fields a template has.
 */

import { ProtoWriter } from "../../otlp/message/writer.ts";
import type { ValueModel } from "../../template/metadata.ts";
import { encodeAttributes } from "../attributes.ts";
import type { Random } from "../random.ts";
import { BucketFiller, EXPONENTIAL_SCALE, ExponentialFiller, type FilledBuckets } from "./buckets.ts";
import type { Carrier } from "./carriers/carrier.ts";
import type {
  Amounts,
  DimensionValue,
  ExponentialHistogramMetric,
  HistogramMetric,
  MetricDefinition,
  NumberMetric,
  Range,
  Reading,
} from "./definition.ts";
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
  readonly #range = new NumberRange();
  #mostPerHour = 0;

  /** random: used through forks only, so that the numbers of a metric do not depend on which others there are. */
  constructor(metric: MetricDefinition, temporality: keyof typeof TEMPORALITY, random: Random) {
    this.metric = metric;
    this.#random = random.fork(metric.name);
    this.#head = encode((writer) => {
      writer.string(1, metric.name);
      writer.string(2, metric.description);
      writer.string(3, metric.unit);
    });
    this.#bounds = encode((writer) => {
      if (metric.kind === "histogram") writer.packedDouble(7, metric.bounds);
    });
    this.#temporality = metric.kind === "upDownCounter" ? TEMPORALITY.cumulative : TEMPORALITY[temporality];
    if (metric.kind === "histogram") this.#filler = new BucketFiller(metric.bounds, metric.measured);
    if (metric.kind === "exponentialHistogram") this.#filler = new ExponentialFiller(metric.measured);
  }

  /** Write the metric with the first `count` points that the resource can have of it. */
  write(writer: ProtoWriter, carrier: Carrier, count: number): void {
    const { metric } = this;
    writer.begin(METRIC_FIELD, 2);
    writer.raw(this.#head);
    writer.begin(DATA_FIELD[metric.kind], 2);
    const lists = listsOf(metric, carrier);
    if (isNumber(metric)) this.#writeNumbers(writer, metric, carrier, lists, count);
    else this.#writeHistograms(writer, metric, carrier, lists, count);
    if (metric.kind !== "gauge") writer.varint(2, this.#temporality);
    if (metric.kind === "counter") writer.varint(3, 1);
    writer.end();
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
    lists: Lists,
    count: number,
  ): void {
    const { level, spread, form } = metric.number;
    const amounts = this.#amountsOf(level, carrier);
    const mayBeZero = typeof level === "function" || level[0] === 0;
    // What is read is meant exactly; what does not move is not drawn askew either.
    const isScattered = typeof level !== "function" && spread > 0;
    for (let index = 0; index < count; index++) {
      let amount = amountAt(amounts, lists, index);
      if (isScattered) amount *= drawScatter(this.#random);
      const value = onGrid(metric.kind, metric.number, amount, mayBeZero);
      this.#range.add(metric, value);
      writer.begin(1);
      if (metric.kind !== "gauge") writer.fixed64(2, 0);
      writer.fixed64(3, 0);
      if (form === "int") writer.sfixed64(6, value);
      else writer.double(4, value);
      writePointAttributes(writer, ATTRIBUTES_FIELD[metric.kind], lists, index);
      writer.end();
    }
  }

  #writeHistograms(
    writer: ProtoWriter,
    metric: HistogramMetric | ExponentialHistogramMetric,
    carrier: Carrier,
    lists: Lists,
    count: number,
  ): void {
    const rates = this.#amountsOf(metric.measured.rate, carrier);
    const medians = this.#amountsOf(metric.measured.median, carrier);
    for (let index = 0; index < count; index++) {
      const rate = amountAt(rates, lists, index);
      const median = (typeof medians === "number" ? medians : medians[index]!) * drawScatter(this.#random);
      const filled = this.#filler!.fill(rate, median);
      if (filled.count > this.#mostPerHour) this.#mostPerHour = filled.count;
      writer.begin(1, 2);
      if (metric.kind === "exponentialHistogram") writePointAttributes(writer, 1, lists, index);
      writer.fixed64(2, 0);
      writer.fixed64(3, 0);
      writer.fixed64(4, filled.count);
      writer.double(5, filled.sum);
      if (metric.kind === "histogram") {
        writer.packedFixed64(6, filled.counts);
        writer.raw(this.#bounds);
        writePointAttributes(writer, ATTRIBUTES_FIELD.histogram, lists, index);
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

const scratch = new ProtoWriter();

function encode(write: (writer: ProtoWriter) => void): Uint8Array {
  scratch.reset();
  write(scratch);
  return scratch.finish().slice();
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

/** The share of one point, or its own amount. */
function amountAt(amounts: Amounts, lists: Lists, index: number): number {
  return typeof amounts === "number" ? amounts * weightOf(lists, index) : amounts[index]!;
}

// ---- attributes of points ------------------------------------------------------------------------------------

type Lists = readonly (readonly DimensionValue[])[];

const NO_LIST: readonly DimensionValue[] = [];

function listsOf(metric: MetricDefinition, carrier: Carrier): Lists {
  return metric.dimensions.map((dimension) =>
    typeof dimension === "string" ? (carrier.lists[dimension] ?? NO_LIST) : dimension,
  );
}

/** Points are numbered with the last dimension running fastest. */
function weightOf(lists: Lists, index: number): number {
  let weight = 1;
  for (let at = lists.length - 1; at >= 0; at--) {
    const list = lists[at]!;
    weight *= list[index % list.length]!.weight;
    index = Math.floor(index / list.length);
  }
  return weight;
}

function writePointAttributes(writer: ProtoWriter, field: number, lists: Lists, index: number): void {
  let rest = 1;
  for (const list of lists) rest *= list.length;
  for (const list of lists) {
    rest /= list.length;
    writer.raw(encoded(list[Math.floor(index / rest) % list.length]!, field));
  }
}

/** Attributes of a dimension's value, encoded once per field that they stand in. */
const encodings = new WeakMap<DimensionValue, Map<number, Uint8Array>>();

function encoded(value: DimensionValue, field: number): Uint8Array {
  let byField = encodings.get(value);
  if (!byField) {
    byField = new Map();
    encodings.set(value, byField);
  }
  let bytes = byField.get(field);
  if (!bytes) {
    bytes = encodeAttributes(field, value.attributes);
    byField.set(field, bytes);
  }
  return bytes;
}
