/** Small export requests as senders make them, for tests of what a sink makes of them. */
import { encodeRequest } from "../otlp/message/encode.ts";
import { idKeyOf, spanIdOf, traceIdOf } from "../template/ids.ts";

/** One span of a trace: its ordinal, and the ordinal of its parent. */
export interface SampleSpan {
  incarnation?: number;
  pass?: number;
  trace: number;
  span: number;
  /** Spans of the trace. */
  of: number;
  /** Ordinal of the parent; none for a root. */
  parent?: number;
  /** Milliseconds since the epoch. */
  startMs?: number;
  endMs?: number;
  seed?: number;
}

export const SAMPLE_INCARNATION = 0xabcdef012345;

const nanos = (ms: number) => `${Math.round(ms)}000000`;

/** Encoded ExportTraceServiceRequest. */
export function tracesBody(spans: SampleSpan[]): Buffer {
  const encoded = spans.map((sample) => {
    const { incarnation = SAMPLE_INCARNATION, pass = 0, trace, span, of, parent, seed = 0 } = sample;
    const { endMs = Date.now() - 10, startMs = endMs - 5 } = sample;
    const traceId = traceIdOf(idKeyOf(seed), { incarnation, pass, ordinal: trace });
    return {
      traceId,
      spanId: spanIdOf(traceId, span, of),
      ...(parent === undefined ? {} : { parentSpanId: spanIdOf(traceId, parent, of) }),
      name: "GET /things",
      kind: 2,
      startTimeUnixNano: nanos(startMs),
      endTimeUnixNano: nanos(endMs),
    };
  });
  return Buffer.from(encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: encoded }] }] }));
}

/** Every span of a trace: a root, and all others its children. */
export function wholeTrace(trace: number, of: number, rest: Partial<SampleSpan> = {}): SampleSpan[] {
  return Array.from({ length: of }, (_, span) => ({
    trace,
    span,
    of,
    ...(span === 0 ? {} : { parent: 0 }),
    ...rest,
  }));
}

/** Encoded ExportLogsServiceRequest: a record for each entry, tied to a span or on its own, without ids or with ids of zeros. */
export function logsBody(records: (SampleSpan | "unlinked" | "zeros")[]): Buffer {
  const logRecords = records.map((record) => {
    const time = { timeUnixNano: nanos(Date.now() - 10), observedTimeUnixNano: nanos(Date.now()) };
    if (record === "unlinked") return { ...time, severityNumber: 9 };
    if (record === "zeros") return { ...time, traceId: Buffer.alloc(16), spanId: Buffer.alloc(8) };
    const { incarnation = SAMPLE_INCARNATION, pass = 0, trace, span, of, seed = 0 } = record;
    const traceId = traceIdOf(idKeyOf(seed), { incarnation, pass, ordinal: trace });
    return { ...time, severityNumber: 9, traceId, spanId: spanIdOf(traceId, span, of) };
  });
  return Buffer.from(encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
}

/** One data point. Times are milliseconds since the epoch. */
export interface SamplePoint {
  kind: "gauge" | "sum" | "histogram" | "exponentialHistogram";
  /** 1 delta, 2 cumulative; default 2. */
  temporality?: number;
  host?: string;
  startMs?: number;
  timeMs: number;
  /** Value, or a histogram's count. */
  value: number;
  /** Counts of the buckets; default all of `value` in one. */
  buckets?: number[];
}

/** Encoded ExportMetricsServiceRequest: a resource, a metric and a point for each entry. */
export function metricsBody(points: SamplePoint[]): Buffer {
  const resourceMetrics = points.map((point) => ({
    resource: { attributes: [{ key: "host.name", value: { stringValue: point.host ?? "a" } }] },
    scopeMetrics: [{ metrics: [{ name: `sample.${point.kind}`, ...dataOf(point) }] }],
  }));
  return Buffer.from(encodeRequest("metrics", { resourceMetrics }));
}

function dataOf(point: SamplePoint) {
  const { kind, temporality = 2, timeMs, startMs, value, buckets = [value] } = point;
  const times = {
    timeUnixNano: nanos(timeMs),
    ...(startMs === undefined ? {} : { startTimeUnixNano: nanos(startMs) }),
  };
  const counts = buckets.map(String);
  switch (kind) {
    case "gauge":
      return { gauge: { dataPoints: [{ ...times, asDouble: value }] } };
    case "sum":
      return {
        sum: {
          aggregationTemporality: temporality,
          isMonotonic: true,
          dataPoints: [{ ...times, asInt: value }],
        },
      };
    case "histogram": {
      const dataPoints = [{ ...times, count: value, bucketCounts: counts, explicitBounds: [] }];
      return { histogram: { aggregationTemporality: temporality, dataPoints } };
    }
    case "exponentialHistogram": {
      const positive = { offset: 0, bucketCounts: counts };
      const dataPoints = [{ ...times, count: value, scale: 1, zeroCount: 0, positive }];
      return { exponentialHistogram: { aggregationTemporality: temporality, dataPoints } };
    }
  }
}
