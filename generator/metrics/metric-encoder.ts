/**
 * Metrics with their points as protobuf, one resource's points at a time.
 *
 * Source: opentelemetry/proto/metrics/v1/metrics.proto. docs/template-format.md says which fields a template has.
 */

import type { ProtoWriter } from "../../otlp/message/writer.ts";
import type { ValueModel } from "../../template/metadata.ts";
import { encodeAttributes } from "../attributes.ts";
import type { Random } from "../random.ts";
import { type Filling, fillingsOf, sumOf, timesFor } from "./buckets.ts";
import type { Carrier } from "./carriers.ts";
import type { DimensionValue, MetricDefinition, NumberMetric } from "./definition.ts";
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
  readonly #fillings: readonly Filling[];
  readonly #range = new NumberRange();
  #mostPerHour = 0;

  constructor(metric: MetricDefinition, temporality: keyof typeof TEMPORALITY) {
    this.metric = metric;
    this.#temporality = metric.kind === "upDownCounter" ? TEMPORALITY.cumulative : TEMPORALITY[temporality];
    this.#fillings = isNumber(metric) ? [] : fillingsOf(metric);
  }

  /** Write the metric with the first `count` points that the resource can have of it. */
  write(writer: ProtoWriter, carrier: Carrier, count: number, random: Random): void {
    const { metric } = this;
    writer.begin(METRIC_FIELD, 2);
    writer.string(1, metric.name);
    writer.string(2, metric.description);
    writer.string(3, metric.unit);
    writer.begin(DATA_FIELD[metric.kind], 2);
    const lists = listsOf(metric, carrier);
    const level = levelOf(metric, carrier, random);
    for (let index = 0; index < count; index++) {
      const amount = level * weightOf(lists, index) * drawScatter(random);
      writer.begin(1, metric.kind === "histogram" || metric.kind === "exponentialHistogram" ? 2 : 1);
      if (metric.kind === "exponentialHistogram") writePointAttributes(writer, 1, lists, index);
      if (metric.kind !== "gauge") writer.fixed64(2, 0);
      writer.fixed64(3, 0);
      if (isNumber(metric))
        this.#writeNumber(
          writer,
          metric,
          metric.number.spread === 0 ? level * weightOf(lists, index) : amount,
        );
      else this.#writeBuckets(writer, amount, index);
      if (metric.kind !== "exponentialHistogram")
        writePointAttributes(writer, ATTRIBUTES_FIELD[metric.kind], lists, index);
      writer.end();
    }
    if (metric.kind !== "gauge") writer.varint(2, this.#temporality);
    if (metric.kind === "counter") writer.varint(3, 1);
    writer.end();
    writer.end();
  }

  /** The model for all points written so far. */
  model(): ValueModel {
    const { metric } = this;
    return isNumber(metric) ? this.#range.model(metric) : histogramModel(metric.kind, this.#mostPerHour);
  }

  #writeNumber(writer: ProtoWriter, metric: NumberMetric, amount: number): void {
    const value = onGrid(metric.kind, metric.number, amount);
    this.#range.add(value);
    if (metric.number.form === "int") writer.sfixed64(6, value);
    else writer.double(4, value);
  }

  #writeBuckets(writer: ProtoWriter, amount: number, index: number): void {
    const filling = this.#fillings[index % this.#fillings.length]!;
    const times = timesFor(filling, amount);
    const counts = filling.buckets.map((share) => share * times);
    const count = filling.count * times;
    this.#mostPerHour = Math.max(this.#mostPerHour, count);
    writer.fixed64(4, count);
    writer.double(5, sumOf(filling, times));
    if (this.metric.kind === "histogram") {
      writer.packedFixed64(6, counts);
      writer.packedDouble(7, this.metric.bounds);
    } else if (this.metric.kind === "exponentialHistogram") {
      writer.sint32(6, this.metric.scale);
      writer.fixed64(7, 0);
      writer.begin(8);
      writer.sint32(1, filling.offset);
      writer.packedPaddedVarint(2, counts, BUCKET_COUNT_BYTES);
      writer.end();
    }
  }
}

function isNumber(metric: MetricDefinition): metric is NumberMetric {
  return metric.kind !== "histogram" && metric.kind !== "exponentialHistogram";
}

/** What one resource's points of a metric add up to when their weights add up to 1. */
function levelOf(metric: MetricDefinition, carrier: Carrier, random: Random): number {
  if (!isNumber(metric)) return drawLevel(random, metric.rate.low, metric.rate.high);
  const { low, high, of } = metric.number;
  return drawLevel(random, low, high) * (of === undefined ? 1 : (carrier.amounts[of] ?? 0));
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
    // A copy, since what encodeAttributes returns keeps its whole buffer alive.
    bytes = new Uint8Array(encodeAttributes(field, value.attributes));
    byField.set(field, bytes);
  }
  return bytes;
}
