/**
 * What becomes of OTLP metrics in Prometheus, computed from OTLP/JSON: names, units, suffixes, labels, times and values. Written from the
 * specification, so that it is a second opinion on both who sends and who stores.
 *
 * Source: OpenTelemetry specification 1.38, compatibility/prometheus_and_openmetrics.md, "OTLP Metric points to Prometheus" and
 * "Resource Attributes"; units: UCUM, as the words that Prometheus' guide to naming asks for.
 */
import type { OtlpRequest } from "../collector.ts";

/** Labels, the name under `__name__`, as one text that does not depend on their order. */
export type SeriesKey = string;

/** Points of a series: milliseconds since the epoch, and the value as a text in one form. */
export type Points = Map<number, string>;

/** A native histogram, which an exponential one becomes: its buckets that hold something, by their upper bounds. */
export interface NativeHistogram {
  count: number;
  sum: number;
  buckets: { upTo: number; count: number }[];
}

/** A value in one form, whoever wrote it: doubles that are equal give the same text. */
export function valueText(value: number | NativeHistogram): string {
  if (typeof value === "number") return String(value);
  // Bounds are powers that each side computes in its own way.
  const buckets = value.buckets.map(({ upTo, count }) => `${upTo.toPrecision(9)}: ${count}`);
  return `${value.count} of ${value.sum} in ${buckets.join(", ")}`;
}

/** What becomes labels besides the attributes of a point; whoever writes to Prometheus, or takes it in, is told. */
export interface Labelling {
  /** Whether a resource attribute becomes a label of every series of the resource. */
  promotes(attribute: string): boolean;
  /** Whether the scope's name and version do. */
  hasScope: boolean;
}

/** The key of a series by its labels. */
export function seriesKey(labels: Readonly<Record<string, string>>): SeriesKey {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All series of some requests. Throws where two points have one place: series that collide. */
export function promSeriesOf(requests: readonly OtlpRequest[], labelling: Labelling): Map<SeriesKey, Points> {
  const all = new Map<SeriesKey, Points>();
  const put: Put = (labels, atMs, value) => {
    const key = seriesKey(labels);
    const points: Points = all.get(key) ?? new Map();
    all.set(key, points);
    if (points.has(atMs)) throw new Error(`two points of ${key} at ${atMs}`);
    points.set(atMs, valueText(value));
  };
  for (const { resourceMetrics = [] } of requests) {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const own = resourceLabels(resource?.attributes ?? [], labelling);
      for (const { scope, metrics } of scopeMetrics) {
        const labels = { ...own, ...(labelling.hasScope && scopeLabels(scope)) };
        for (const metric of metrics) putMetric(metric, labels, put);
      }
    }
  }
  return all;
}

type Put = (labels: Record<string, string>, atMs: number, value: number | NativeHistogram) => void;

/** Data points of a metric of any kind. */
export function pointsOf({ gauge, sum, histogram, exponentialHistogram }: OtlpRequest): OtlpRequest[] {
  return (gauge ?? sum ?? histogram ?? exponentialHistogram).dataPoints;
}

function putMetric(metric: OtlpRequest, own: Record<string, string>, put: Put): void {
  const name = promName(metric);
  for (const point of pointsOf(metric)) {
    // What is said of a point wins over what is said of its resource, but for the two that name the target.
    const labels = { ...own, ...labelsOf(point.attributes ?? []), ...targetOf(own) };
    const atMs = Number(BigInt(point.timeUnixNano) / 1_000_000n);
    const one = (suffix: string, value: number | NativeHistogram, more = {}) =>
      put({ ...labels, ...more, __name__: name + suffix }, atMs, value);
    if (metric.exponentialHistogram) {
      one("", nativeHistogram(point));
      continue;
    }
    if (!metric.histogram) {
      one("", Number(point.asInt ?? point.asDouble ?? 0));
      continue;
    }
    let below = 0;
    point.explicitBounds.forEach((bound: number, index: number) => {
      below += Number(point.bucketCounts[index]);
      one("_bucket", below, { le: plainDecimal(bound) });
    });
    one("_bucket", Number(point.count ?? 0), { le: "+Inf" });
    one("_count", Number(point.count ?? 0));
    one("_sum", Number(point.sum ?? 0));
  }
}

/** Bucket i of a scale holds what lies between base^i and base^(i + 1), with base = 2^(2^-scale). Ours measure nothing below 0. */
function nativeHistogram(point: OtlpRequest): NativeHistogram {
  const { scale = 0, zeroCount = 0, positive = {} } = point;
  const upTo = (index: number) => 2 ** (2 ** -scale * (index + 1));
  const buckets = (positive.bucketCounts ?? []).map((count: string, index: number) => ({
    upTo: upTo((positive.offset ?? 0) + index),
    count: Number(count),
  }));
  if (Number(zeroCount) > 0) throw new Error("a zero bucket: no generator of ours makes one");
  return {
    count: Number(point.count ?? 0),
    sum: Number(point.sum ?? 0),
    buckets: buckets.filter(({ count }: { count: number }) => count > 0),
  };
}

/** `job` and `instance` name a target wherever both are known. */
function targetOf({ job, instance }: Record<string, string>): Record<string, string> {
  return { ...(job !== undefined && { job }), ...(instance !== undefined && { instance }) };
}

function resourceLabels(attributes: readonly OtlpRequest[], { promotes }: Labelling): Record<string, string> {
  const of = (key: string) => attributes.find((attribute) => attribute.key === key)?.value.stringValue;
  const [service, namespace, instance] = [
    of("service.name"),
    of("service.namespace"),
    of("service.instance.id"),
  ];
  return {
    ...labelsOf(attributes.filter(({ key }) => promotes(key))),
    ...(service !== undefined && { job: namespace === undefined ? service : `${namespace}/${service}` }),
    ...(instance !== undefined && { instance }),
  };
}

function scopeLabels({ name, version }: OtlpRequest): Record<string, string> {
  return { otel_scope_name: name, ...(version && { otel_scope_version: version }) };
}

function labelsOf(attributes: readonly OtlpRequest[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const { key, value } of [...attributes].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const name = key.replaceAll(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d)/, "key_");
    const text = textOf(value);
    // Attributes that become one label are joined, in the order of their keys.
    labels[name] = labels[name] === undefined ? text : `${labels[name]};${text}`;
  }
  return labels;
}

/** An attribute's value as a label has it. */
function textOf(value: OtlpRequest): string {
  if (value.arrayValue) return JSON.stringify(value.arrayValue.values.map(plainValue));
  return String(plainValue(value));
}

function plainValue(value: OtlpRequest): string | number | boolean {
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? "";
}

const UNITS: Record<string, string> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  Cel: "celsius",
  Hz: "hertz",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  m: "meters",
  g: "grams",
  "%": "percent",
  "1": "",
};

const PER_UNITS: Record<string, string> = { s: "second", m: "minute", h: "hour", d: "day" };

/** Name of a metric with the words for its unit and kind, none of them twice. */
export function promName({ name, unit = "", sum, gauge }: OtlpRequest): string {
  const words: string[] = name.split(/[^a-zA-Z0-9:]+/).filter((word: string) => word !== "");
  const [main = "", per = ""] = unit.split("/", 2);
  // What stands in braces is a remark, not a unit.
  const word = (text: string, known: Record<string, string>) =>
    /[{}]/.test(text) ? "" : (known[text] ?? text).replaceAll(/[^a-zA-Z0-9:]+/g, "_").replace(/^_/, "");
  const unitWord = word(main.trim(), UNITS);
  const perWord = word(per.trim(), PER_UNITS);
  if (unitWord !== "" && !words.includes(unitWord)) words.push(unitWord);
  if (perWord !== "" && !words.includes(`per_${perWord}`)) words.push(`per_${perWord}`);
  const last = (ending: string) => [...words.filter((one) => one !== ending), ending];
  const all = sum?.isMonotonic ? last("total") : gauge && unit === "1" ? last("ratio") : words;
  return all.join("_").replace(/^(?=\d)/, "_");
}

/** A bound without an exponent, in as few digits as tell it. */
function plainDecimal(bound: number): string {
  const text = String(bound);
  return text.includes("e")
    ? bound.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 })
    : text;
}
