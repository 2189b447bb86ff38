/** What a month of a rate comes to: as OTLP counts it, and as Honeycomb does. */
import { type PerSignal, SIGNALS } from "../../otlp/signal.ts";
import type { ExporterForm } from "./exporter-form.ts";
import type { Traffic } from "./traffic.ts";

/** Of thirty days. */
const SECONDS_A_MONTH = 30 * 86_400;

export interface Month {
  /** Spans, data points, log records that the backend is sent; signals that it does not take are absent. */
  items: Partial<PerSignal<number>>;
  /** Bytes of all of them, not compressed. */
  plainBytes: number;
  honeycomb?: HoneycombMonth;
}

export interface HoneycombMonth {
  /** Spans with their span events and links, and log records: what an amount of events a month is about. */
  events: number;
  /** Of them, what spans carry. */
  spanEventsAndLinks: number;
  /** Metrics of the time series kind, which are counted apart. */
  dataPoints: number;
  /** What data points would be as events of the older kind: put together where requests and attributes let that be, and at the most. */
  metricEvents: number;
}

/** isHoneycomb  whether to count as Honeycomb does */
export function monthOf(
  eventsPerSecond: number,
  { shares, of }: Traffic,
  { signals }: Pick<ExporterForm, "signals">,
  isHoneycomb: boolean,
): Month {
  const items: Month["items"] = {};
  let plainBytes = 0;
  for (const signal of SIGNALS) {
    if (!signals.includes(signal) || !of[signal]) continue;
    items[signal] = eventsPerSecond * shares[signal]! * SECONDS_A_MONTH;
    plainBytes += items[signal] * of[signal].plainBytes;
  }
  if (!isHoneycomb) return { items, plainBytes };
  const { traces = 0, metrics = 0, logs = 0 } = items;
  const spanEventsAndLinks = traces * ((of.traces?.countedPerItem ?? 1) - 1);
  return {
    items,
    plainBytes,
    honeycomb: {
      events: traces + spanEventsAndLinks + logs,
      spanEventsAndLinks,
      dataPoints: metrics,
      metricEvents: metrics * (of.metrics?.countedPerItem ?? 1),
    },
  };
}
