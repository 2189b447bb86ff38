/**
 * What a backend counts for the items of a request, where that is known: Honeycomb's events.
 *
 * Honeycomb counts a span, each of its span events and each of its links as an event (docs.honeycomb.io, manage-data-volume/usage-center), and a log
 * record as one. Metrics of the time series kind are counted in data points, apart from events. In its older kind, points become one event if they came
 * in one request, are of the same second, and have equal attributes of resource and point (manage-data-volume/adjust-granularity/metrics-event-mapping).
 */
import { decodeRequest } from "../../otlp/message/decode.ts";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { METRIC_KINDS, pointsIn } from "../../template/inspect/metric-kinds.ts";

/** Of some requests of one signal. */
export interface Counted {
  /** Spans, data points, log records. */
  items: number;
  /** Events of Honeycomb's: never fewer than items for traces, never more for metrics, whose older kind this is. */
  events: number;
}

/** Count one request, as it is sent. */
export function countAsHoneycomb(signal: Signal, body: Uint8Array): Counted {
  switch (signal) {
    case "traces":
      return countSpans(decodeRequest("traces", body));
    case "metrics":
      return countPoints(decodeRequest("metrics", body));
    case "logs":
      return countRecords(decodeRequest("logs", body));
  }
}

function countSpans({ resourceSpans = [] }: RequestOf<"traces">): Counted {
  const spans = resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans));
  const extra = spans.reduce(
    (sum, { events, links }) => sum + (events?.length ?? 0) + (links?.length ?? 0),
    0,
  );
  return { items: spans.length, events: spans.length + extra };
}

function countRecords({ resourceLogs = [] }: RequestOf<"logs">): Counted {
  const items = resourceLogs
    .flatMap(({ scopeLogs = [] }) => scopeLogs)
    .reduce((sum, { logRecords = [] }) => sum + logRecords.length, 0);
  return { items, events: items };
}

/** All points of a request are of one moment. */
function countPoints({ resourceMetrics = [] }: RequestOf<"metrics">): Counted {
  let items = 0;
  const sets = new Set<string>();
  for (const { resource, scopeMetrics = [] } of resourceMetrics) {
    const owner = setOf(resource?.attributes);
    for (const metric of scopeMetrics.flatMap(({ metrics = [] }) => metrics)) {
      items += pointsIn(metric);
      for (const kind of METRIC_KINDS) {
        const points: readonly { attributes?: Attributes }[] = metric[kind]?.dataPoints ?? [];
        for (const { attributes } of points) sets.add(`${owner}|${setOf(attributes)}`);
      }
    }
  }
  return { items, events: sets.size };
}

type Attributes = readonly Message<"KeyValue">[] | null | undefined;

/** Equal for equal sets, in whatever order they are written. */
function setOf(attributes: Attributes): string {
  return (attributes ?? [])
    .map((attribute) => JSON.stringify(attribute))
    .sort()
    .join();
}
