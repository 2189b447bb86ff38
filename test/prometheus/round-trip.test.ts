/**
 * Metrics go through a real Collector into a real Prometheus, over OTLP and over remote write, with the backends' files and the Prometheus
 * configuration that users have; what Prometheus has stored is, series for series and point for point, what the Collector was sent.
 *
 * The witness for what was sent is the same Collector's file exporter, read by JSON.parse. mapping.ts computes what that is in Prometheus.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Report } from "../../ledger/report.ts";
import { type Collector, type OtlpRequest, startCollector } from "../collector.ts";
import { stampede } from "../stampede.ts";
import { generateTemplates } from "../templates.ts";
import { type Points, pointsOf, promSeriesOf, type SeriesKey, seriesKey, valueText } from "./mapping.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

const COMPOSE = fileURLToPath(new URL("../../collector-config/compose/prometheus.yaml", import.meta.url));
const TYPES = [
  ...["host_metrics", "k8s_cluster", "k8s_node", "k8s_pod", "k8s_container"],
  ...["application", "runtime", "database", "messaging"],
];
const GENERATOR = `
seed: 7
traces: {count: 0}
logs: {count: 0}
metrics:
  metric_count: 160
  timeseries_per_metric: {min: 2, max: 8, default: 4}
  types: [${TYPES.join(", ")}]
`;

/** Points, which is not series: a histogram's point is one for each of its buckets there. */
const POINTS = 6000;

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-round-trip-"));
  templates = await generateTemplates(directory, GENERATOR);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const WAYS = [
  {
    backend: "prometheus",
    endpoint: (url: string) => ({ PROMETHEUS_ENDPOINT: `${url}/api/v1/otlp` }),
    labels: { promotes: () => true, hasScope: false },
  },
  {
    backend: "prometheus-remote-write",
    endpoint: (url: string) => ({ PROMETHEUS_REMOTE_WRITE_ENDPOINT: `${url}/api/v1/write` }),
    labels: { promotes: () => true, hasScope: true },
  },
] as const;

describe.each(WAYS)("with the backend $backend", ({ backend, endpoint, labels }) => {
  let prometheus: Prometheus;
  let collector: Collector;
  let report: Report;
  let sent: Map<SeriesKey, Points>;
  let stored: Map<SeriesKey, Points>;
  let requests: OtlpRequest[];

  beforeAll(async () => {
    prometheus = await startPrometheus(...asShipped());
    collector = await startCollector(`file,${backend}`, endpoint(prometheus.url));
    const config = join(directory, "replayer.yaml");
    writeFileSync(config, "metrics: {interval: 2s}\n");
    const file = join(directory, "report.json");
    const { exitCode, stderr } = await stampede(
      "replay",
      ...["--config", config, "--input", templates, "--endpoint", collector.grpc],
      ...["--rate", "1000", "--count", `${POINTS}`, "--processes", "2", "--report", file],
    );
    expect(exitCode, stderr).toBe(0);
    report = JSON.parse(readFileSync(file, "utf8"));
    // What is in its queue is sent first.
    await collector.stop();
    requests = collector.exported("metrics");
    sent = promSeriesOf(requests, labels);
    stored = new Map(
      (await prometheus.stored('{__name__=~".+", __name__!="target_info"}')).map(({ labels, points }) => [
        seriesKey(labels),
        new Map(points.map(({ atMs, value }) => [atMs, valueText(value)])),
      ]),
    );
  });
  afterAll(async () => {
    await collector?.dispose();
    await prometheus?.dispose();
  });

  test("every point that was accepted is among those that are compared, and every kind of metric", () => {
    const metrics: OtlpRequest[] = requests
      .flatMap(({ resourceMetrics }) => resourceMetrics)
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics);
    expect(report.signals.metrics?.accepted).toBe(POINTS);
    expect(metrics.flatMap(pointsOf)).toHaveLength(POINTS);
    expect(new Set(metrics.map(kindOf))).toEqual(
      new Set(["gauge", "sum that grows", "sum that falls", "histogram", "exponentialHistogram"]),
    );
  });

  test("the series are those that were sent, by name and labels", () => {
    const missing = [...sent.keys()].filter((key) => !stored.has(key));
    const more = [...stored.keys()].filter((key) => !sent.has(key));
    expect({ missing: missing.slice(0, 3), more: more.slice(0, 3) }).toEqual({ missing: [], more: [] });
    expect(stored.size).toBe(sent.size);
  });

  test("each has the points that were sent, moment for moment and value for value", () => {
    for (const [key, points] of sent) {
      expect([...(stored.get(key) ?? [])].sort(byTime), key).toEqual([...points].sort(byTime));
    }
  });

  test("counters and histograms are what PromQL takes them for", async () => {
    const names = [...sent.keys()].map((key) => Object.fromEntries(JSON.parse(key)).__name__ as string);
    const counter = names.find((name) => name.endsWith("_total"))!;
    const histogram = names.find((name) => name.endsWith("_bucket"))!;
    expect((await prometheus.query(`sum(increase(${counter}[5m])) >= 0`)).length).toBe(1);
    const quantile = `histogram_quantile(0.9, sum by (le) (increase(${histogram}[5m])))`;
    expect((await prometheus.query(quantile)).length).toBe(1);
  });
});

/** Configuration and flags of the Prometheus that compose puts behind the Collectors. */
function asShipped(): [config: object, flags: string[]] {
  const { services, configs } = parse(readFileSync(COMPOSE, "utf8"));
  const flags: string[] = services["prometheus-backend"].command;
  return [parse(configs["prometheus-backend"].content), flags.filter((flag) => flag.startsWith("--web."))];
}

function kindOf({ gauge, sum, histogram }: OtlpRequest): string {
  if (sum) return sum.isMonotonic ? "sum that grows" : "sum that falls";
  return gauge ? "gauge" : histogram ? "histogram" : "exponentialHistogram";
}

function byTime([a]: [number, string], [b]: [number, string]): number {
  return a - b;
}
