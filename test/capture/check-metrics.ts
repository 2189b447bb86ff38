/**
 * Metrics: what a series promises over its life. A series is a resource, a scope, a metric name and a set of attributes. Requests
 * overtake each other, so the last points of a series are kept until no older one can come: some 150 bytes each plus 8 a bucket.
 */
import { type AttributeTypes, attributesText, stringAttribute, textsByKey } from "./attributes.ts";
import { type Buckets, explicitBuckets, exponentialBuckets, findBucketFaults } from "./check-buckets.ts";
import type { DataCheck } from "./data-check.ts";
import { Interner } from "./interner.ts";
import { originOf } from "./origin.ts";
import {
  METRIC_KINDS,
  type Metric,
  type MetricKind,
  type MetricsRequest,
  type Point,
  type PointList,
  type Received,
} from "./requests.ts";
import { nanos, type TimeWindow } from "./time-window.ts";
import type { Violations } from "./violations.ts";

export interface MetricCounts {
  requests: number;
  points: number;
  pointsByKind: Record<MetricKind, number>;
  series: number;
  /** Distinct service.instance.id. */
  instances: number;
  names: number;
  /** Points of the series that has most, and least. */
  mostPoints: number;
  fewestPoints: number;
  /** Series that grew at least once, of those that may. */
  grown: number;
  cumulative: number;
  /** Series that began again with a later start time. */
  restarts: number;
}

export interface MetricRules {
  /** Series may begin again, with a start time after their last point. */
  restarts: boolean;
}

interface Entry {
  time: bigint;
  start: bigint;
  value: number;
  sum: number;
  buckets: number[] | undefined;
}

interface Series {
  name: string;
  kind: MetricKind;
  /** Kind, unit, temporality, monotonic, bucket layout: one for the whole life. */
  shape: string;
  isDelta: boolean;
  isMonotonic: boolean;
  /** How many came, and the first number of all. */
  count: number;
  firstValue: number;
  /** The last ones that came; those before `settled` were compared and are kept for what comes next. */
  points: Entry[];
  settled: number;
}

const DELTA = 1;
/** Points of a series that wait; requests that overtake each other by half as many passes still find their place. */
const WAITING = 16;

export class MetricCheck {
  readonly counts: MetricCounts = {
    requests: 0,
    points: 0,
    pointsByKind: { gauge: 0, sum: 0, histogram: 0, exponentialHistogram: 0 },
    series: 0,
    instances: 0,
    names: 0,
    mostPoints: 0,
    fewestPoints: 0,
    grown: 0,
    cumulative: 0,
    restarts: 0,
  };
  readonly #rules: MetricRules;
  readonly #window: TimeWindow;
  readonly #types: AttributeTypes;
  readonly #violations: Violations;
  readonly #data: DataCheck | undefined;
  readonly #series = new Map<string, Series>();
  /** Resources, scopes and sets of attributes repeat: a series' key holds their numbers. */
  readonly #texts = new Interner();
  readonly #instances = new Set<string>();
  /** Kind and unit of a name, which all its series share. */
  readonly #names = new Map<string, string>();

  constructor(
    rules: MetricRules,
    window: TimeWindow,
    types: AttributeTypes,
    violations: Violations,
    data?: DataCheck,
  ) {
    this.#data = data;
    this.#rules = rules;
    this.#window = window;
    this.#types = types;
    this.#violations = violations;
  }

  add({ request, file, line, writtenBy }: Received<MetricsRequest>): void {
    this.counts.requests++;
    const where = () => `${file}:${line}`;
    this.#window.begin(writtenBy);
    for (const { resource = {}, scopeMetrics } of request.resourceMetrics ?? []) {
      this.#types.check(resource, where);
      const instance = stringAttribute(resource, "service.instance.id");
      if (instance) this.#instances.add(instance);
      else this.#violations.add("a resource of metrics has no service.instance.id", where);
      this.#data?.resource("metrics", resource, where);
      const resourceNumber = this.#texts.number(attributesText(resource.attributes));
      const values = textsByKey(resource);
      for (const { scope = {}, metrics } of scopeMetrics ?? []) {
        this.#types.check(scope, where);
        this.#data?.scope(scope, originOf(resource), where);
        const prefix = `${resourceNumber} ${this.#texts.number(`${scope.name} ${scope.version}`)} `;
        for (const metric of metrics ?? []) this.#addMetric(metric, prefix, values, where);
      }
    }
    this.#window.end(where);
  }

  /** Check every series over its life. */
  finish(): void {
    const counts = this.counts;
    counts.series = this.#series.size;
    counts.instances = this.#instances.size;
    counts.names = this.#names.size;
    counts.fewestPoints = this.#series.size === 0 ? 0 : Number.POSITIVE_INFINITY;
    for (const [key, series] of this.#series) {
      counts.mostPoints = Math.max(counts.mostPoints, series.count);
      counts.fewestPoints = Math.min(counts.fewestPoints, series.count);
      this.#settle(series, series.points.length, this.#naming(series, key));
      if (series.kind === "gauge" || series.isDelta || !series.isMonotonic) continue;
      counts.cumulative++;
      if (series.points.at(-1)!.value > series.firstValue) counts.grown++;
    }
    this.#data?.metrics.setSeries(this.#seriesByName());
  }

  #seriesByName(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { name } of this.#series.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  #naming({ name }: Series, key: string): () => string {
    return () => {
      const [resource, , , attributes] = key.split(" ").map((number) => this.#texts.text(Number(number)));
      const text = `${attributes} of ${resource}`.replaceAll("\u0001", " ");
      return `${name} {${text.slice(0, 400)}}`;
    };
  }

  #addMetric(
    metric: Metric,
    prefix: string,
    resource: ReadonlyMap<string, string>,
    request: () => string,
  ): void {
    const where = () => `${metric.name} in ${request()}`;
    const kind = METRIC_KINDS.find((name) => metric[name] !== undefined);
    if (!kind) {
      this.#violations.add("a metric has no data of a kind that is sent", where);
      return;
    }
    const list = metric[kind]!;
    const shape = `${kind} ${metric.unit} ${list.aggregationTemporality} ${list.isMonotonic}`;
    const known = this.#names.get(metric.name);
    if (known === undefined) this.#names.set(metric.name, shape);
    else if (known !== shape)
      this.#violations.add("a metric's name has two shapes", () => `${where()}: ${known}; ${shape}`);
    const example = () => `${metric.name} of ${resourceName(resource)} in ${request()}`;
    for (const point of list.dataPoints ?? []) {
      this.#addPoint(point, { kind, list, shape, name: metric.name }, prefix, where);
      this.#data?.point(point, metric, kind, resource, example);
    }
  }

  #addPoint(
    point: Point,
    metric: { kind: Series["kind"]; list: PointList; shape: string; name: string },
    prefix: string,
    where: () => string,
  ): void {
    const { kind, list, name } = metric;
    this.counts.points++;
    this.counts.pointsByKind[kind]++;
    this.#types.check(point, where);
    const buckets = bucketsOf(kind, point);
    if (buckets) {
      for (const fault of findBucketFaults(point, buckets)) {
        this.#violations.add(fault, () => `${where()}: ${JSON.stringify(point)}`);
      }
    }
    const entry = this.#entryOf(point, buckets, where);
    const shape = `${metric.shape} ${buckets?.layout}`;
    const key = `${prefix}${this.#texts.number(name)} ${this.#texts.number(attributesText(point.attributes))}`;
    const known = this.#series.get(key);
    if (!known) {
      const isDelta = list.aggregationTemporality === DELTA;
      const isMonotonic = buckets !== undefined || list.isMonotonic === true;
      const life = { count: 1, firstValue: entry.value, points: [entry], settled: 0 };
      this.#series.set(key, { name, kind, shape: this.#texts.share(shape), isDelta, isMonotonic, ...life });
      return;
    }
    if (known.shape !== shape)
      this.#violations.add("a series changes its shape", () => `${where()}: ${known.shape}; ${shape}`);
    known.points.push(entry);
    known.count++;
    if (known.points.length >= WAITING) this.#settle(known, WAITING / 2, this.#naming(known, key));
  }

  #entryOf(point: Point, buckets: Buckets | undefined, where: () => string): Entry {
    const time = nanos(point.timeUnixNano);
    this.#window.add(time, where);
    this.#window.checkMoment(time, where);
    // proto3 JSON leaves a count of zero out, and so does the Collector; a number's value is always there.
    const value = Number(buckets ? (point.count ?? 0) : (point.asInt ?? point.asDouble ?? Number.NaN));
    const sum = Number(point.sum ?? 0);
    if (!Number.isFinite(value) || !Number.isFinite(sum)) {
      this.#violations.add("a value is not a finite number", () => `${where()}: ${JSON.stringify(point)}`);
    }
    return { time, start: nanos(point.startTimeUnixNano), value, sum, buckets: buckets?.counts };
  }

  /** Compare the oldest points that wait, up to place `end`, and forget all but the last of them. */
  #settle(series: Series, end: number, where: () => string): void {
    const { points } = series;
    points.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    // What comes before the point that was compared last takes its place: it comes too late, and is compared with it.
    for (let i = 0; i < end; i++) {
      if (i >= series.settled) this.#checkEntry(series, points[i]!, points[i - 1], where);
    }
    points.splice(0, end - 1);
    series.settled = 1;
  }

  #checkEntry(
    { kind, isDelta, isMonotonic }: Series,
    point: Entry,
    previous: Entry | undefined,
    where: () => string,
  ): void {
    const at = () => `${where()} at ${point.time}`;
    const isCounted = kind !== "gauge";
    if (isCounted && (point.start <= 0n || point.start >= point.time)) {
      this.#violations.add("a series does not start before its point", at);
    }
    if (isDelta && isMonotonic && !(point.value >= 0)) this.#violations.add("a difference is negative", at);
    if (!previous) return;
    if (point.time === previous.time) this.#violations.add("two points of a series have one time", at);
    if (isDelta && point.start !== previous.time) {
      this.#violations.add("a difference does not begin at the previous point", at);
    }
    if (isCounted && !isDelta) this.#compare(previous, point, isMonotonic, at);
  }

  #compare(previous: Entry, point: Entry, isMonotonic: boolean, at: () => string): void {
    if (point.start !== previous.start) {
      if (this.#rules.restarts && point.start > previous.time) {
        this.counts.restarts++;
        return;
      }
      const example = () => `${at()}: ${previous.start}, then ${point.start}`;
      this.#violations.add("a series has two start times", example);
      return;
    }
    if (!isMonotonic) return;
    const hasFallen =
      point.value < previous.value ||
      point.sum < previous.sum ||
      point.buckets?.some((count, i) => count < previous.buckets![i]!) === true;
    if (hasFallen)
      this.#violations.add(
        "a cumulative value falls",
        () => `${at()}: ${text(previous)}, then ${text(point)}`,
      );
  }
}

/** The most telling of a resource's names. */
function resourceName(values: ReadonlyMap<string, string>): string {
  const keys = ["k8s.pod.name", "service.name", "host.name", "k8s.node.name", "server.address"];
  return keys.map((key) => values.get(key)).find((name) => name !== undefined) ?? "a resource";
}

function bucketsOf(kind: Series["kind"], point: Point): Buckets | undefined {
  if (kind === "histogram") return explicitBuckets(point);
  return kind === "exponentialHistogram" ? exponentialBuckets(point) : undefined;
}

function text({ value, sum, buckets }: Entry): string {
  return `${value} (sum ${sum}, buckets ${buckets?.join(" ")})`;
}
