import { expect, test } from "vitest";
import { parseSelfMetrics } from "./self-metrics.ts";

const NAMES = [
  { form: "plain, the default since 0.152", name: "otelcol_receiver_accepted_spans" },
  { form: "with the type", name: "otelcol_receiver_accepted_spans_total" },
  { form: "with the unit", name: "otelcol_receiver_accepted_spans__spans" },
  { form: "with unit and type", name: "otelcol_receiver_accepted_spans__spans__total" },
];

test.each(NAMES)("a counter's name is understood $form", ({ name }) => {
  const page = `# HELP ${name} Number of spans.\n# TYPE ${name} counter\n${name}{receiver="otlp",transport="grpc"} 1.5e+06\n`;
  expect(parseSelfMetrics(page).counters).toEqual([
    { kind: "receiver", outcome: "accepted", signal: "traces", component: "otlp", items: 1_500_000 },
  ]);
});

test("every label set of a counter is an entry, and other metrics are passed over", () => {
  const page = [
    "# TYPE otelcol_process_uptime counter",
    "otelcol_process_uptime 12.5",
    "# TYPE otelcol_exporter_send_failed_log_records counter",
    'otelcol_exporter_send_failed_log_records{exporter="otlp_http/a"} 3',
    'otelcol_exporter_send_failed_log_records{exporter="otlp_http/b"} 4',
    "# TYPE http_server_request_duration histogram",
    'http_server_request_duration_bucket{le="+Inf"} 1',
    "http_server_request_duration_sum 1",
    "http_server_request_duration_count 1",
    "",
  ].join("\n");
  const { counters, uptimeSeconds } = parseSelfMetrics(page);
  expect(uptimeSeconds).toBe(12.5);
  expect(counters.map(({ component, items }) => [component, items])).toEqual([
    ["otlp_http/a", 3],
    ["otlp_http/b", 4],
  ]);
  expect(counters[0]).toMatchObject({ kind: "exporter", outcome: "send_failed", signal: "logs" });
});

test("what waits in all queues is added up", () => {
  const page = [
    "# TYPE otelcol_exporter_queue_size gauge",
    'otelcol_exporter_queue_size{data_type="traces",exporter="a"} 5',
    'otelcol_exporter_queue_size{data_type="logs",exporter="a"} 7',
    "# TYPE otelcol_exporter_queue_capacity gauge",
    'otelcol_exporter_queue_capacity{data_type="traces",exporter="a"} 1000',
    "",
  ].join("\n");
  expect(parseSelfMetrics(page).queued).toBe(12);
});

test.each(["", "_bytes"])("process and queues are read, whatever the unit is called: %j", (unit) => {
  const page = [
    "# TYPE otelcol_exporter_queue_capacity gauge",
    'otelcol_exporter_queue_capacity{data_type="traces",exporter="a"} 1000',
    'otelcol_exporter_queue_capacity{data_type="logs",exporter="a"} 500',
    `# TYPE otelcol_process_cpu_seconds${unit && "_total"} counter`,
    `otelcol_process_cpu_seconds${unit && "_total"} 12.25`,
    `# TYPE otelcol_process_memory_rss${unit} gauge`,
    `otelcol_process_memory_rss${unit} 1.5e+08`,
    "# TYPE otelcol_process_memory_rss_peak gauge",
    "otelcol_process_memory_rss_peak 9e+08",
    "",
  ].join("\n");
  expect(parseSelfMetrics(page)).toEqual({
    counters: [],
    queued: 0,
    queueCapacity: 1500,
    cpuSeconds: 12.25,
    rssBytes: 150_000_000,
  });
});

test("an empty page has no counters", () => {
  expect(parseSelfMetrics("")).toEqual({ counters: [], queued: 0 });
});
