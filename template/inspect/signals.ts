/** What is counted of each signal beside what all have in common. */
import { encodeMessage } from "../../otlp/message/encode.ts";
import { ENUMS, type Message, type RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import type { AttributeCounter } from "./attributes.ts";
import { DistinctCounter } from "./distinct.ts";
import { type SpansPerTrace, TraceCounter } from "./spans-per-trace.ts";

/** Names are told apart up to this many; more are counted as "(other)". */
const MAX_NAMES = 2000;

/** How often each name occurs. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : "(other)";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** Most frequent first. */
  result(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
  }
}

export interface TracesSummary {
  traces: SpansPerTrace & { roots: number };
  kinds: Record<string, number>;
  status: Record<string, number>;
  events: number;
  links: number;
}

export interface MetricsSummary {
  names: number;
  /** Distinct series: resource, scope, metric and attributes. */
  series: { count: number; approximate: boolean };
  /** Data points by kind: gauge, sum, histogram, exponentialHistogram, summary. */
  kinds: Record<string, number>;
  temporality: Record<string, number>;
  units: Record<string, number>;
  /** Data points by metric name. */
  points: Record<string, number>;
}

export interface LogsSummary {
  severities: Record<string, number>;
  /** Records that carry a trace id, and their share. */
  linked: number;
  linkedShare: number;
}

/** Numbers of one signal. `request` counts a request's items and returns how many each service has of them. */
export interface SignalCounter<S extends Signal> {
  request(message: RequestOf<S>): Map<string, number>;
  result(): { traces: TracesSummary; metrics: MetricsSummary; logs: LogsSummary }[S];
}

export function countTraces(attributes: AttributeCounter): SignalCounter<"traces"> {
  const traces = new TraceCounter();
  const [kinds, status] = [new Tally(), new Tally()];
  let [events, links, roots] = [0, 0, 0];
  const countSpan = (span: Message<"Span">): void => {
    traces.add(Buffer.from(span.traceId ?? []).toString("latin1"));
    kinds.add(nameOf("SpanKind", span.kind));
    status.add(nameOf("StatusCode", span.status?.code));
    if (!span.parentSpanId?.length) roots++;
    events += span.events?.length ?? 0;
    links += span.links?.length ?? 0;
    attributes.add(span.attributes);
    for (const part of [...(span.events ?? []), ...(span.links ?? [])]) attributes.add(part.attributes);
  };
  return {
    request: ({ resourceSpans = [] }) =>
      perService(resourceSpans, attributes, ({ scopeSpans = [] }) => {
        let items = 0;
        for (const { scope, spans = [] } of scopeSpans) {
          attributes.add(scope?.attributes);
          spans.forEach(countSpan);
          items += spans.length;
        }
        return items;
      }),
    result: () => ({
      traces: { ...traces.result(), roots },
      kinds: kinds.result(),
      status: status.result(),
      events,
      links,
    }),
  };
}

export function countLogs(attributes: AttributeCounter): SignalCounter<"logs"> {
  const severities = new Tally();
  let [records, linked] = [0, 0];
  const countRecord = (record: Message<"LogRecord">): void => {
    records++;
    severities.add(nameOf("SeverityNumber", record.severityNumber));
    if (record.traceId?.some((byte) => byte !== 0)) linked++;
    attributes.add(record.attributes);
  };
  return {
    request: ({ resourceLogs = [] }) =>
      perService(resourceLogs, attributes, ({ scopeLogs = [] }) => {
        let items = 0;
        for (const { scope, logRecords = [] } of scopeLogs) {
          attributes.add(scope?.attributes);
          logRecords.forEach(countRecord);
          items += logRecords.length;
        }
        return items;
      }),
    result: () => ({
      severities: severities.result(),
      linked,
      linkedShare: records > 0 ? linked / records : 0,
    }),
  };
}

const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

export function countMetrics(attributes: AttributeCounter): SignalCounter<"metrics"> {
  const [kinds, temporality, units, points] = [new Tally(), new Tally(), new Tally(), new Tally()];
  const [names, series] = [new DistinctCounter(), new DistinctCounter(100_000)];
  const countMetric = (metric: Message<"Metric">, envelope: string): number => {
    const kind = METRIC_KINDS.find((name) => metric[name] !== undefined);
    if (kind === undefined) return 0;
    const data = metric[kind]!;
    const dataPoints: { attributes?: Message<"KeyValue">[] | undefined }[] = data.dataPoints ?? [];
    const isMonotonic = kind === "sum" && metric.sum?.isMonotonic === true;
    kinds.add(isMonotonic ? "monotonic sum" : kind, dataPoints.length);
    if ("aggregationTemporality" in data) {
      temporality.add(nameOf("AggregationTemporality", data.aggregationTemporality), dataPoints.length);
    }
    units.add(metric.unit ?? "", dataPoints.length);
    points.add(metric.name ?? "", dataPoints.length);
    names.add(metric.name ?? "");
    const identity = envelope + latin1("Metric", { name: metric.name, unit: metric.unit });
    for (const point of dataPoints) {
      attributes.add(point.attributes);
      series.add(identity + latin1("Resource", { attributes: point.attributes }));
    }
    return dataPoints.length;
  };
  return {
    request: ({ resourceMetrics = [] }) =>
      perService(resourceMetrics, attributes, ({ resource, scopeMetrics = [] }) => {
        let items = 0;
        for (const { scope, metrics = [] } of scopeMetrics) {
          attributes.add(scope?.attributes);
          const envelope = latin1("Resource", resource ?? {}) + latin1("InstrumentationScope", scope ?? {});
          for (const metric of metrics) items += countMetric(metric, envelope);
        }
        return items;
      }),
    result: () => ({
      names: names.count,
      series: { count: series.count, approximate: series.isApproximate },
      kinds: kinds.result(),
      temporality: temporality.result(),
      units: units.result(),
      points: points.result(),
    }),
  };
}

/** Count each resource's items and add them up by service. */
function perService<R extends { resource?: Message<"Resource"> | undefined }>(
  resources: readonly R[],
  attributes: AttributeCounter,
  countItems: (resource: R) => number,
): Map<string, number> {
  const services = new Map<string, number>();
  for (const resource of resources) {
    attributes.add(resource.resource?.attributes);
    const service = serviceOf(resource.resource);
    services.set(service, (services.get(service) ?? 0) + countItems(resource));
  }
  return services;
}

function serviceOf(resource: Message<"Resource"> | undefined): string {
  const attribute = resource?.attributes?.find(({ key }) => key === "service.name");
  return attribute?.value?.stringValue ?? "(no service.name)";
}

/** Short lower-case name of an enum's number: 3 of SpanKind is `client`. */
function nameOf(type: keyof typeof ENUMS, number = 0): string {
  const found = Object.entries(ENUMS[type]).find(([, value]) => value === number);
  return found ? found[0].replace(PREFIXES[type], "").toLowerCase() : String(number);
}

const PREFIXES = {
  SpanKind: "SPAN_KIND_",
  StatusCode: "STATUS_CODE_",
  AggregationTemporality: "AGGREGATION_TEMPORALITY_",
  SeverityNumber: "SEVERITY_NUMBER_",
};

/** A message's bytes as text, to be compared. */
function latin1(name: "Resource" | "InstrumentationScope" | "Metric", message: object): string {
  return Buffer.from(encodeMessage(name, message)).toString("latin1");
}
