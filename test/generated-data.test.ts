/**
 * What the generator makes, judged as a stranger would: templates go through one pass into a real Collector, and the check of
 * test/capture, which shares nothing with the generator, reads what the file exporter wrote: trees, conventions, errors, records against
 * their spans, metrics against their units and each other.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { CaptureReport } from "./capture/check-capture.ts";
import { checkGenerated, type GeneratedRun } from "./check-generated.ts";

const SERIES = { min: 5, max: 30, default: 15 };
const HIGH_SPAN_TRACE = 4000;

interface Case extends GeneratedRun {
  name: string;
}

/** Every key of the configuration is in use, but for those that say where the output goes. */
const EVERY_KEY = `
seed: 4711
traces:
  count: 600
  spans: {avg_per_trace: 15, std_dev: 5, error_rate: 0.05, high_span_traces: {enabled: true, count: 1, span_count: ${HIGH_SPAN_TRACE}}}
  services:
    count: 9
    names: [api-gateway, storefront, order-service, payment-service, user-service]
    instances: 2
    ingress: {single: false, services: [api-gateway, storefront]}
    namespaces: [frontend, backend]
    namespace_assignments: {payment-service: payments}
  custom_attributes: {count: 12, probability: 0.3, per_span_min: 1, per_span_max: 3, value_bytes: 40, key_prefix: fat}
  semconv: stable
  root:
    rootless: {enabled: true, percentage: 5}
    late_root: {enabled: true, percentage: 2, delay_ms: 300}
metrics:
  metric_count: 400
  timeseries_per_metric: {min: ${SERIES.min}, max: ${SERIES.max}, default: ${SERIES.default}}
  types: [host_metrics, k8s_cluster, k8s_node, k8s_pod, k8s_container, application, runtime, database, messaging]
  temporality: cumulative
logs:
  count: 4000
  types: {http_access: {percentage: 45}, application: {percentage: 35, services: 6}, system: {percentage: 20}}
`;

/** One signal's part of the configuration, enough of it for a rule or a name to show. */
const renamed = (semconv: "old" | "dup") => `
seed: 12
traces:
  count: 400
  spans: {error_rate: 0.1}
  services: {count: 8}
  semconv: ${semconv}
metrics: {metric_count: 0}
logs: {count: 1500}
`;

const DELTA = `
seed: 13
traces: {count: 0}
metrics:
  metric_count: 300
  timeseries_per_metric: {min: ${SERIES.min}, max: ${SERIES.max}, default: ${SERIES.default}}
  types: [host_metrics, k8s_node, k8s_pod, application, runtime, database, messaging]
  temporality: delta
logs: {count: 0}
`;

const CASES: Case[] = [
  {
    name: "every key in use",
    config: EVERY_KEY,
    rules: {
      semconv: "stable",
      errorRate: 0.05,
      seriesPerMetric: SERIES,
      logShares: { access: 45, application: 35, system: 20 },
    },
    rootless: true,
  },
  { name: "the old conventions", config: renamed("old"), rules: { semconv: "old", errorRate: 0.1 } },
  { name: "both conventions", config: renamed("dup"), rules: { semconv: "dup", errorRate: 0.1 } },
  {
    name: "delta temporality",
    config: DELTA,
    rules: { seriesPerMetric: SERIES },
    passes: 3,
    // A point a second of each series, so that no instances are added.
    rate: 4000,
  },
];

describe.each(CASES)("$name", (one) => {
  let report: CaptureReport;
  beforeAll(async () => {
    report = await checkGenerated(one);
  });

  test("nothing is wrong with it", () => {
    expect(report.violations).toEqual({});
  });

  test("the check had something to look at", () => {
    const { traces, metrics, logs, data } = report;
    if (traces) {
      const { trees } = traces;
      const roles = [
        "http-server",
        "http-client",
        "rpc-server",
        "rpc-client",
        "database",
        "internal",
        "producer",
        "consumer",
      ];
      for (const role of roles) expect(data!.roles[role], role).toBeGreaterThan(20);
      expect(trees!.levels.mean).toBeGreaterThan(3.5);
      expect(trees!.parallel).toBeGreaterThan(0);
      expect(trees!.retries).toBeGreaterThan(0);
      expect(trees!.failedClientsWithFailedServer).toBeGreaterThan(10);
      expect(trees!.failedServersByChild).toBeGreaterThan(10);
      expect(traces.links).toBeGreaterThanOrEqual(trees!.consumers);
    }
    if (logs && traces) {
      const { records } = data!;
      expect(records.compared).toBe(logs.linked);
      expect(records.linkedByKind.access).toBeGreaterThan(100);
      expect(records.linkedExceptions).toBeGreaterThan(5);
      expect(records.bodies).toBeGreaterThan(200);
      expect(data!.objects.sharedPods).toBeGreaterThan(5);
    }
    if (metrics) {
      expect(Object.keys(data!.metrics.comparisons).length).toBeGreaterThan(10);
      expect(data!.metrics.catalogued).toBeGreaterThan(60);
    }
  });
});
