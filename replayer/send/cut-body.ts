/**
 * Cutting a stamped body to its first items, so that a run that is to send an exact number of them can.
 *
 * Happens once per signal and run, so it decodes and encodes again. Of the last trace the spans with the lowest ordinals stay: a
 * parent's ordinal is below its children's, so nobody loses a parent.
 */
import { decodeRequest } from "../../otlp/message/decode.ts";
import { encodeRequest } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { SpanDecoder } from "../../template/ids.ts";

/** A request with the first `items` items of `body`; a new buffer. */
export function cutBody(signal: Signal, body: Buffer, items: number): Buffer {
  return Buffer.from(CUT[signal](body, items));
}

const CUT: Record<Signal, (body: Buffer, items: number) => Uint8Array> = {
  traces: cutTraces,
  metrics: cutMetrics,
  logs: cutLogs,
};

function cutTraces(body: Buffer, items: number): Uint8Array {
  const request = decodeRequest("traces", body);
  const spans = (request.resourceSpans ?? []).flatMap((r) =>
    (r.scopeSpans ?? []).flatMap((s) => s.spans ?? []),
  );
  const traces = new Map<string, number>();
  const decoder = new SpanDecoder();
  const places = spans.map((span) => {
    const traceId = Buffer.from(span.traceId!);
    const key = traceId.toString("hex");
    if (!traces.has(key)) traces.set(key, traces.size);
    decoder.enter(traceId, 0);
    decoder.read(span.spanId!, 0);
    return { span, trace: traces.get(key)!, ordinal: decoder.ordinal };
  });
  places.sort((a, b) => a.trace - b.trace || a.ordinal - b.ordinal);
  const kept = new Set<Message<"Span">>(places.slice(0, items).map(({ span }) => span));
  for (const resource of request.resourceSpans ?? []) {
    for (const scope of resource.scopeSpans ?? [])
      scope.spans = scope.spans?.filter((span) => kept.has(span));
    resource.scopeSpans = resource.scopeSpans?.filter((scope) => scope.spans?.length);
  }
  request.resourceSpans = request.resourceSpans?.filter((resource) => resource.scopeSpans?.length);
  return encodeRequest("traces", request);
}

function cutLogs(body: Buffer, items: number): Uint8Array {
  const request = decodeRequest("logs", body);
  let left = items;
  for (const resource of request.resourceLogs ?? []) {
    for (const scope of resource.scopeLogs ?? []) {
      scope.logRecords = scope.logRecords?.slice(0, left);
      left -= scope.logRecords?.length ?? 0;
    }
    resource.scopeLogs = resource.scopeLogs?.filter((scope) => scope.logRecords?.length);
  }
  request.resourceLogs = request.resourceLogs?.filter((resource) => resource.scopeLogs?.length);
  return encodeRequest("logs", request);
}

function cutMetrics(body: Buffer, items: number): Uint8Array {
  const request = decodeRequest("metrics", body);
  let left = items;
  for (const resource of request.resourceMetrics ?? []) {
    for (const scope of resource.scopeMetrics ?? []) {
      for (const metric of scope.metrics ?? []) {
        for (const data of [metric.gauge, metric.sum, metric.histogram, metric.exponentialHistogram]) {
          if (!data) continue;
          data.dataPoints = data.dataPoints?.slice(0, left) as typeof data.dataPoints;
          left -= data.dataPoints?.length ?? 0;
        }
      }
      scope.metrics = scope.metrics?.filter((metric) => hasPoints(metric));
    }
    resource.scopeMetrics = resource.scopeMetrics?.filter((scope) => scope.metrics?.length);
  }
  request.resourceMetrics = request.resourceMetrics?.filter((resource) => resource.scopeMetrics?.length);
  return encodeRequest("metrics", request);
}

function hasPoints({ gauge, sum, histogram, exponentialHistogram }: Message<"Metric">): boolean {
  return [gauge, sum, histogram, exponentialHistogram].some((data) => data?.dataPoints?.length);
}
