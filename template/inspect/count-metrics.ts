/** What is counted of metrics: names, kinds, units, and how many series each metric has. */
import type Long from "long";
import { encodeMessage } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import { DistinctCounter, hash53 } from "./distinct.ts";
import { METRIC_KINDS } from "./metric-kinds.ts";
import { countEnvelopes, nameOf, type Shared, type SignalCounter, Tally } from "./tally.ts";
import { Spread } from "./trace-shapes.ts";

/** Metric names that are told apart; points of further ones are counted as of "(other)". */
const MAX_METRICS = 200_000;
/** Metrics whose series are told apart, for files that hold more than one moment. */
const MAX_COUNTED = 5000;

export interface MetricsSummary {
  names: number;
  /** Distinct series: resource, scope, metric and attributes. */
  series: { count: number; approximate: boolean };
  seriesPerMetric: { min: number; mean: number; max: number; approximate: boolean };
  /** Data points by kind: gauge, sum, histogram, exponentialHistogram, summary. */
  kinds: Record<string, number>;
  temporality: Record<string, number>;
  units: Record<string, number>;
  /** Data points by metric name. */
  points: Record<string, number>;
  /** By metric name, those with most points first. */
  byName: Record<string, MetricSummary>;
}

export interface MetricSummary {
  kind: string;
  unit: string;
  /** Absent for gauges. */
  temporality?: string;
  points: number;
  series: number;
}

interface Known {
  summary: MetricSummary;
  counter: DistinctCounter | undefined;
}

export function countMetrics(shared: Shared): SignalCounter<"metrics", MetricsSummary> {
  const { attributes } = shared;
  const [kinds, temporality, units] = [new Tally(), new Tally(), new Tally()];
  const metrics = new Map<string, Known>();
  const series = new DistinctCounter(100_000);
  const moment = new OneMoment();

  const meet = (name: string, kind: string, metric: Message<"Metric">, time: string | undefined): Known => {
    const key = metrics.has(name) || metrics.size < MAX_METRICS ? name : "(other)";
    let known = metrics.get(key);
    if (known === undefined) {
      const summary: MetricSummary = {
        kind,
        unit: metric.unit ?? "",
        ...(time === undefined ? {} : { temporality: time }),
        points: 0,
        series: 0,
      };
      known = { summary, counter: metrics.size < MAX_COUNTED ? new DistinctCounter(200) : undefined };
      metrics.set(key, known);
    }
    return known;
  };

  const countMetric = (metric: Message<"Metric">, envelope: string): number => {
    const field = METRIC_KINDS.find((name) => metric[name] !== undefined);
    if (field === undefined) return 0;
    const data = metric[field]!;
    const points: Point[] = data.dataPoints ?? [];
    const kind = field === "sum" && metric.sum?.isMonotonic === true ? "monotonic sum" : field;
    const time =
      "aggregationTemporality" in data
        ? nameOf("AggregationTemporality", data.aggregationTemporality)
        : undefined;
    kinds.add(kind, points.length);
    if (time !== undefined) temporality.add(time, points.length);
    units.add(metric.unit ?? "", points.length);
    const known = meet(metric.name ?? "", kind, metric, time);
    known.summary.points += points.length;
    const identity = envelope + latin1("Metric", { name: metric.name, unit: metric.unit });
    for (const point of points) {
      attributes.add("point", point.attributes);
      moment.add(point.timeUnixNano);
      const hash = hash53(identity + latin1("Resource", { attributes: point.attributes }));
      series.addHash(hash);
      known.counter?.addHash(hash);
    }
    return points.length;
  };

  return {
    add: ({ resourceMetrics }) =>
      countEnvelopes(
        shared,
        resourceMetrics,
        (resource) => resource.scopeMetrics,
        ({ scope, metrics: some = [] }, { resource }) => {
          const envelope = latin1("Resource", resource ?? {}) + latin1("InstrumentationScope", scope ?? {});
          let items = 0;
          for (const metric of some) items += countMetric(metric, envelope);
          return items;
        },
      ),
    result: () => {
      const summaries = [...metrics].map(([name, known]) => [name, closed(known, moment.isOne)] as const);
      const sorted = summaries.toSorted(([a, x], [b, y]) => y.points - x.points || (a < b ? -1 : 1));
      const perMetric = new Spread();
      for (const [, summary] of sorted) perMetric.add(summary.series);
      const { count: names, ...spread } = perMetric.result();
      const points = sorted.reduce((sum, [, summary]) => sum + summary.points, 0);
      const isEstimate = !moment.isOne && [...metrics.values()].some(isEstimated);
      return {
        names,
        series: moment.isOne
          ? { count: points, approximate: false }
          : { count: series.count, approximate: series.isApproximate },
        seriesPerMetric: { ...spread, approximate: isEstimate },
        kinds: kinds.result(),
        temporality: temporality.result(),
        units: units.result(),
        points: Object.fromEntries(sorted.map(([name, summary]) => [name, summary.points])),
        byName: Object.fromEntries(sorted),
      };
    },
  };
}

interface Point {
  attributes?: Message<"KeyValue">[] | undefined;
  timeUnixNano?: Long | undefined;
}

/** Whether all points have one time: then each is a series of its own, as in a template, and counting needs no estimate. */
class OneMoment {
  isOne = true;
  #time: Long | undefined;

  add(time: Long | undefined): void {
    if (!this.isOne) return;
    this.#time ??= time;
    this.isOne = time !== undefined && this.#time!.equals(time);
  }
}

function closed({ summary, counter }: Known, isOneMoment: boolean): MetricSummary {
  const { points } = summary;
  const series = isOneMoment || counter === undefined ? points : Math.min(points, counter.count);
  return { ...summary, series };
}

function isEstimated({ counter }: Known): boolean {
  return counter === undefined || counter.isApproximate;
}

/** A message's bytes as text, to be compared. */
function latin1(name: "Resource" | "InstrumentationScope" | "Metric", message: object): string {
  return Buffer.from(encodeMessage(name, message)).toString("latin1");
}
