/**
 * What a Collector says of itself: the counters of its receivers and exporters, read from its Prometheus page.
 */
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import type { Signal } from "../../../otlp/signal.ts";
import { fetchText } from "./fetch-text.ts";

/** A counter of items. `component` is the receiver's or exporter's id, such as `otlp` or `otlp_http/honeycomb`. */
export interface ItemCounter {
  kind: "receiver" | "exporter";
  /** accepted, refused, failed of a receiver; sent, send_failed, enqueue_failed of an exporter. */
  outcome: string;
  signal: Signal;
  component: string;
  items: number;
}

/** One reading of a Collector's page. */
export interface SelfMetrics {
  /** Counters appear only after their first increment: a missing one is 0, or not reported at all (the nop exporter). */
  counters: ItemCounter[];
  /** What waits in the exporters' queues, in their sizers' units. */
  queued: number;
  /** What the queues can hold, in the same units; absent where nothing tells. */
  queueCapacity?: number;
  /** Of its process, since it started; absent where it does not tell. */
  cpuSeconds?: number;
  rssBytes?: number;
  /** Since it started, seconds; absent where it does not tell. */
  uptimeSeconds?: number;
}

const SIGNAL_OF: Record<string, Signal> = { spans: "traces", metric_points: "metrics", log_records: "logs" };

// Depending on release and settings a name carries the unit (`__spans`), `_total`, both, or neither.
const COUNTER_NAME =
  /^otelcol_(receiver|exporter)_(accepted|refused|failed|sent|send_failed|enqueue_failed)_(spans|metric_points|log_records)(?:__\w+?)?(?:_total)?$/;

/** What is read once a page, by the start of its name: the unit and `_total` may follow. */
const GAUGES = {
  uptimeSeconds: /^otelcol_process_uptime(_seconds)?(_total)?$/,
  cpuSeconds: /^otelcol_process_cpu_seconds(_total)?$/,
  rssBytes: /^otelcol_process_memory_rss(_bytes)?$/,
  queueCapacity: /^otelcol_exporter_queue_capacity(?:__\w+?)?$/,
} as const;

/** Read a Prometheus text page. Pages without such counters give an empty list. */
export function parseSelfMetrics(page: string): SelfMetrics {
  const counters: ItemCounter[] = [];
  let queued = 0;
  const gauges: Partial<Record<keyof typeof GAUGES, number>> = {};
  for (const family of parsePrometheusTextFormat(page)) {
    if (family.name.startsWith("otelcol_exporter_queue_size")) {
      for (const { value } of family.metrics) queued += Number(value);
      continue;
    }
    for (const name of Object.keys(GAUGES) as (keyof typeof GAUGES)[]) {
      if (!GAUGES[name].test(family.name)) continue;
      const sum = family.metrics.reduce((total, { value }) => total + Number(value), 0);
      if (Number.isFinite(sum)) gauges[name] = sum;
    }
    const match = COUNTER_NAME.exec(family.name);
    if (!match) continue;
    const kind = match[1] as ItemCounter["kind"];
    for (const { value, labels } of family.metrics) {
      const component = labels?.[kind] ?? "";
      counters.push({
        kind,
        outcome: match[2]!,
        signal: SIGNAL_OF[match[3]!]!,
        component,
        items: Number(value),
      });
    }
  }
  return { counters, queued, ...gauges };
}

/** Of a page; a usual one has some 20 kB. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Fetch and read the page at `url`. Rejects with one line when it does not answer within `timeoutMs`, or not with a page. */
export async function scrapeSelfMetrics(url: string, timeoutMs = 5000): Promise<SelfMetrics> {
  const page = await fetchText(url, { timeoutMs, maxBytes: MAX_PAGE_BYTES, expected: "a Prometheus page" });
  return parseSelfMetrics(page);
}
