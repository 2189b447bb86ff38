import { describe, expect, test } from "vitest";
import { generatorConfigSchema, serviceNamesOf } from "./config.ts";

const problems = (value: unknown): string[] => {
  const result = generatorConfigSchema.safeParse(value);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
};

describe("a generator config", () => {
  test("is complete when it is empty", () => {
    expect(generatorConfigSchema.parse({})).toMatchObject({
      seed: 42,
      output: { directory: "./generated", prefix: "telemetry" },
      traces: {
        count: 10_000,
        spans: { avg_per_trace: 15, std_dev: 5, error_rate: 0.01, high_span_traces: { enabled: false } },
        services: { names: [], ingress: { single: true } },
        custom_attributes: { count: 10, probability: 0.3 },
        semconv: "stable",
      },
      metrics: { metric_count: 2000, timeseries_per_metric: { min: 100, max: 500, default: 300 } },
      logs: {
        count: 50_000,
        types: {
          http_access: { percentage: 40 },
          application: { percentage: 40, services: 5 },
          system: { percentage: 20 },
        },
      },
    });
  });

  test("can be parsed again, and stays the same", () => {
    const once = generatorConfigSchema.parse({ traces: { spans: { high_span_traces: { count: 2 } } } });
    expect(generatorConfigSchema.parse(once)).toEqual(once);
    expect(once.traces.spans.high_span_traces).toEqual({ enabled: true, count: 2, span_count: 100_000 });
  });

  test("fills up the names of services", () => {
    const config = generatorConfigSchema.parse({
      traces: { services: { count: 4, names: ["user-service", "zeta"] } },
    });
    expect(serviceNamesOf(config)).toEqual(["user-service", "zeta", "api-gateway", "order-service"]);
    const many = serviceNamesOf(generatorConfigSchema.parse({ traces: { services: { count: 1000 } } }));
    expect(new Set(many).size).toBe(1000);
  });

  test("gives kinds of logs that are not written down no share", () => {
    const { types } = generatorConfigSchema.parse({ logs: { types: { system: { percentage: 100 } } } }).logs;
    expect([types.http_access.percentage, types.application.percentage]).toEqual([0, 0]);
  });

  test("accepts the limits of older files", () => {
    expect(problems({ limits: { max_memory_gb: 4, allow_unbounded: true } })).toEqual([]);
  });

  test.each([
    [
      { logs: { types: { system: { percentage: 90 } } } },
      "logs.types: the percentages must sum to 100, found 90",
    ],
    [
      { traces: { services: { names: ["a", "b"], ingress: { service: "c" } } } },
      'traces.services.ingress.service: must be the name of a service (a, b), found "c"',
    ],
    [
      { traces: { services: { names: ["a"], ingress: { single: false, services: ["a", "x"] } } } },
      'traces.services.ingress.services.1: must be the name of a service (a), found "x"',
    ],
    [
      { traces: { services: { names: ["a", "b"], count: 1 } } },
      "traces.services.names: must be at most count (1) names, found 2",
    ],
    [
      { traces: { services: { namespace_assignments: { nobody: "x" } } } },
      'traces.services.namespace_assignments.nobody: must be the name of a service (api-gateway, user-service, order-service, product-catalog, payment-service), found "nobody"',
    ],
    [
      { metrics: { timeseries_per_metric: { min: 10, max: 20 } } },
      "metrics.timeseries_per_metric.default: must lie between min (10) and max (20), found 300",
    ],
    [
      { traces: { custom_attributes: { per_span_min: 5, per_span_max: 2 } } },
      "traces.custom_attributes.per_span_max: must not be below per_span_min (5), found 2",
    ],
  ])("is refused with one line at the key to change: %j", (value, message) => {
    expect(problems(value)).toEqual([message]);
  });

  test("is refused for broken rules too when other sections hold broken values", () => {
    const found = problems({
      seed: -1,
      traces: { count: "many", services: { names: ["a", "a"] } },
      metrics: { metric_count: -1, timeseries_per_metric: { min: 9, max: 5 } },
      logs: { types: { system: { percentage: 90 } } },
    });
    expect(found.map((problem) => problem.split(":")[0])).toEqual([
      "seed",
      "traces.count",
      "traces.services.names",
      "metrics.metric_count",
      "metrics.timeseries_per_metric.min",
      "logs.types",
    ]);
  });

  test("is refused when spans would not fit into a frame, in bytes and not in letters", () => {
    const fat = (key_prefix: string) =>
      problems({ traces: { custom_attributes: { per_span_max: 2000, value_bytes: 40, key_prefix } } });
    expect(fat("x".repeat(150))).toEqual([]);
    expect(fat("\u65e5".repeat(150))).toEqual([
      "traces.custom_attributes.per_span_max: a span would have more than 524288 bytes, found 2000 attributes of 40 bytes; lower one of them",
    ]);
  });

  test.each(["rootless", "late_root"])(
    "takes %s that is written down for wanted, unless it says otherwise",
    (key) => {
      const enabled = (value: object) => {
        const { root } = generatorConfigSchema.parse({ traces: { root: { [key]: value } } }).traces;
        return root[key as keyof typeof root].enabled;
      };
      expect(generatorConfigSchema.parse({}).traces.root.rootless.enabled).toBe(false);
      expect([enabled({ percentage: 5 }), enabled({ enabled: false, percentage: 5 })]).toEqual([true, false]);
    },
  );

  test("is refused when it has a key that nobody knows", () => {
    expect(problems({ traces: { cuont: 1 } })[0]).toContain("cuont");
  });
});
