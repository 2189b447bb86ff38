/**
 * What tests want to know of OTLP/JSON as the Collector's file exporter writes it. Plain property access on what
 * JSON.parse gave: nothing of Stampede's own decoders takes part.
 */
import type { Signal } from "../otlp/signal.ts";
import type { OtlpRequest } from "./collector.ts";

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

export interface LogRecord {
  traceId?: string;
  spanId?: string;
  timeUnixNano: string;
  observedTimeUnixNano: string;
  body?: { stringValue?: string };
}

/** A data point of whatever kind, with the name of its metric and its resource's attributes as text. */
export interface Point {
  metric: string;
  kind: (typeof METRIC_KINDS)[number];
  isMonotonic: boolean;
  /** Same for two points exactly when they belong to one series. */
  series: string;
  startTimeUnixNano?: string;
  timeUnixNano: string;
  asInt?: string;
  asDouble?: number;
  count?: string;
  sum?: number;
  bucketCounts?: string[];
  zeroCount?: string;
  positive?: { bucketCounts?: string[] };
}

const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

export function spansOf(requests: readonly OtlpRequest[]): Span[] {
  return requests.flatMap((request) =>
    request.resourceSpans.flatMap((resource: OtlpRequest) =>
      resource.scopeSpans.flatMap((scope: OtlpRequest) => scope.spans),
    ),
  );
}

export function logRecordsOf(requests: readonly OtlpRequest[]): LogRecord[] {
  return requests.flatMap((request) =>
    request.resourceLogs.flatMap((resource: OtlpRequest) =>
      resource.scopeLogs.flatMap((scope: OtlpRequest) => scope.logRecords),
    ),
  );
}

export function pointsOf(requests: readonly OtlpRequest[]): Point[] {
  const points: Point[] = [];
  for (const request of requests) {
    for (const resource of request.resourceMetrics) {
      const resourceKey = JSON.stringify(resource.resource.attributes);
      for (const scope of resource.scopeMetrics) {
        for (const metric of scope.metrics) {
          const kind = METRIC_KINDS.find((name) => metric[name] !== undefined)!;
          const { isMonotonic, dataPoints } = metric[kind];
          for (const point of dataPoints) {
            const series = `${metric.name} ${resourceKey} ${JSON.stringify(point.attributes ?? [])}`;
            points.push({ ...point, metric: metric.name, kind, isMonotonic: isMonotonic === true, series });
          }
        }
      }
    }
  }
  return points;
}

/** Items of a signal: spans, data points, log records. */
export function countItems(signal: Signal, requests: readonly OtlpRequest[]): number {
  if (signal === "traces") return spansOf(requests).length;
  return signal === "metrics" ? pointsOf(requests).length : logRecordsOf(requests).length;
}
