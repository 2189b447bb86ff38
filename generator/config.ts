/**
 * The generator's part of the configuration: keys, defaults, ranges and the rules between them.
 *
 * The schema refuses unknown keys; `loadConfig` adds file, line and the nearest known key. The parsed value keeps the
 * keys of the file, so that `metadata.yaml` shows a config that can be used again.
 */
import { z } from "zod";
import { MAX_FRAME_BYTES } from "../template/frames.ts";
import { serviceNames } from "./scenario/service-names.ts";

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const percentage = z.number().min(0).max(100);
const name = z.string().min(1).max(200);

const DEFAULT_SERVICES = 5;

/** Absent: no high-span traces. Written down without `enabled`: wanted. */
const highSpanTraces = z
  .strictObject({
    enabled: z.boolean().default(true),
    count: count.default(10),
    span_count: z.number().int().min(1).max(10_000_000).default(100_000),
  })
  .prefault({ enabled: false });

const spans = z
  .strictObject({
    /** Mean and deviation of the normal distribution of spans per trace; a trace has at least 1. */
    avg_per_trace: z.number().min(1).max(100_000).default(15),
    std_dev: z.number().min(0).max(100_000).default(5),
    /** Share of all spans that have the status Error. */
    error_rate: share.default(0.01),
    high_span_traces: highSpanTraces,
  })
  .prefault({});

const services = z
  .strictObject({
    /** Absent: as many as there are names, or 5. */
    count: z.number().int().min(1).max(1000).optional(),
    names: z.array(name).default([]),
    /** Processes (pods) per service. */
    instances: z.number().int().min(1).max(1000).default(3),
    ingress: z
      .strictObject({
        /** true: all traces begin at one service; false: at several. */
        single: z.boolean().default(true),
        /** The one service; absent: the first. */
        service: name.optional(),
        /** The several services; absent: all. */
        services: z.array(name).min(1).optional(),
      })
      .prefault({}),
    /** Assigned round robin. */
    namespaces: z.array(name).min(1).default(["shop"]),
    namespace_assignments: z.record(name, name).default({}),
  })
  .prefault({});

const customAttributes = z
  .strictObject({
    /** Names and types are fixed for the run; each span carries each of them with `probability`. */
    count: z.number().int().min(0).max(1000).default(10),
    probability: share.default(0.3),
    /** Fat spans: every span carries this many attributes `<key_prefix>.0`, `.1`, ... of `value_bytes` each. 0 = off. */
    per_span_min: z.number().int().min(0).max(2000).default(0),
    per_span_max: z.number().int().min(0).max(2000).default(0),
    value_bytes: z.number().int().min(1).max(65_535).default(64),
    key_prefix: name.default("fat"),
  })
  .prefault({});

const traces = z
  .strictObject({
    /** Traces of usual size; high-span traces come on top. 0 and no high-span traces: no trace file. */
    count: count.default(10_000),
    spans,
    services,
    custom_attributes: customAttributes,
    /** Attribute names: the stable conventions, the ones before them, or both at once. */
    semconv: z.enum(["stable", "old", "dup"]).default("stable"),
    root: z
      .strictObject({
        rootless: z
          .strictObject({ enabled: z.boolean().default(false), percentage: percentage.default(0) })
          .prefault({}),
        late_root: z
          .strictObject({
            enabled: z.boolean().default(false),
            percentage: percentage.default(0),
            delay_ms: z.number().min(0).max(86_400_000).default(0),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .prefault({});

/** The kinds of metrics, as `metrics.types` names them. */
export const METRIC_TYPES = [
  "host_metrics",
  "k8s_cluster",
  "k8s_node",
  "k8s_pod",
  "k8s_container",
  "application",
  "runtime",
  "database",
  "messaging",
] as const;

const metrics = z
  .strictObject({
    /** Distinct names. 0: no metric file. */
    metric_count: z.number().int().min(0).max(100_000).default(2000),
    timeseries_per_metric: z
      .strictObject({
        min: z.number().int().min(1).default(100),
        max: z.number().int().min(1).default(500),
        default: z.number().int().min(1).default(300),
      })
      .prefault({}),
    types: z
      .array(z.enum(METRIC_TYPES))
      .min(1)
      .default(["host_metrics", "k8s_cluster", "k8s_node", "k8s_pod", "k8s_container"]),
    /** Of sums and histograms. */
    temporality: z.enum(["cumulative", "delta"]).default("cumulative"),
  })
  .prefault({});

/** A kind that is not written down has no records, unless `types` is absent as a whole. */
const logTypes = z
  .strictObject({
    http_access: z.strictObject({ percentage }).prefault({ percentage: 0 }),
    application: z
      .strictObject({
        percentage,
        /** How many of the services write such logs, ingress first; at most all of them. */
        services: z.number().int().min(1).default(5),
      })
      .prefault({ percentage: 0 }),
    system: z.strictObject({ percentage }).prefault({ percentage: 0 }),
  })
  .prefault({
    http_access: { percentage: 40 },
    application: { percentage: 40 },
    system: { percentage: 20 },
  });

const logs = z
  .strictObject({
    /** Log records. 0: no log file. */
    count: count.default(50_000),
    types: logTypes,
  })
  .prefault({});

/** The schema of a generator config; an empty document is a complete one. */
export const generatorConfigSchema = z
  .strictObject({
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(42),
    output: z
      .strictObject({
        directory: z.string().min(1).default("./generated"),
        /** Files are called `<prefix>-traces.pb` and so on. */
        prefix: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be letters, digits, dots, dashes and underscores")
          .default("telemetry"),
      })
      .prefault({}),
    traces,
    metrics,
    logs,
    /** Keys of older files. They have no effect, as memory is bounded whatever is asked for; `loadConfig` says so. */
    limits: z
      .strictObject({ max_memory_gb: z.number().optional(), allow_unbounded: z.boolean().optional() })
      .optional(),
  })
  .superRefine(checkRules);

/** A complete generator config. Keys are as in the file. */
export type GeneratorConfig = z.infer<typeof generatorConfigSchema>;

/** What one of several alternatives of metrics is called. */
export type MetricType = (typeof METRIC_TYPES)[number];

/** The names of all services of a config: the given ones, then the made-up ones. */
export function serviceNamesOf(config: GeneratorConfig): string[] {
  const { names, count: wanted } = config.traces.services;
  return serviceNames(names, wanted ?? (names.length || DEFAULT_SERVICES));
}

/** Rules between fields; each problem is reported at the key that is to be changed. */
function checkRules(config: GeneratorConfig, context: z.RefinementCtx): void {
  const problem = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: "custom", path, message });
  };
  checkServices(config, problem);
  const fat = config.traces.custom_attributes;
  if (fat.per_span_max < fat.per_span_min) {
    problem(
      ["traces", "custom_attributes", "per_span_max"],
      `must not be below per_span_min (${fat.per_span_min}), found ${fat.per_span_max}`,
    );
  }
  if (fat.per_span_max * (fat.value_bytes + fat.key_prefix.length + 20) > MAX_FRAME_BYTES / 2) {
    problem(
      ["traces", "custom_attributes", "per_span_max"],
      `a span would have more than ${MAX_FRAME_BYTES / 2} bytes, found ${fat.per_span_max} attributes of ${fat.value_bytes} bytes; lower one of them`,
    );
  }
  const { min, max, default: mean } = config.metrics.timeseries_per_metric;
  if (min > max) {
    problem(["metrics", "timeseries_per_metric", "min"], `must not be above max (${max}), found ${min}`);
  } else if (mean < min || mean > max) {
    problem(
      ["metrics", "timeseries_per_metric", "default"],
      `must lie between min (${min}) and max (${max}), found ${mean}`,
    );
  }
  const { http_access, application, system } = config.logs.types;
  const sum = http_access.percentage + application.percentage + system.percentage;
  if (Math.abs(sum - 100) > 1e-6) {
    problem(["logs", "types"], `the percentages must sum to 100, found ${sum}`);
  }
}

function checkServices(
  config: GeneratorConfig,
  problem: (path: (string | number)[], message: string) => void,
): void {
  const { count: wanted, names, ingress, namespace_assignments } = config.traces.services;
  const path = ["traces", "services"];
  if (wanted !== undefined && names.length > wanted) {
    problem([...path, "names"], `must be at most count (${wanted}) names, found ${names.length}`);
    return;
  }
  const known = new Set(serviceNamesOf(config));
  if (new Set(names).size < names.length) problem([...path, "names"], "must differ from each other");
  const unknown = (service: string): string =>
    `must be the name of a service (${[...known].slice(0, 8).join(", ")}${known.size > 8 ? ", ..." : ""}), found "${service}"`;
  if (ingress.single) {
    if (ingress.services)
      problem([...path, "ingress", "services"], "needs single: false; one service is `service`");
    if (ingress.service !== undefined && !known.has(ingress.service)) {
      problem([...path, "ingress", "service"], unknown(ingress.service));
    }
  } else {
    if (ingress.service !== undefined) {
      problem([...path, "ingress", "service"], "needs single: true; several services are `services`");
    }
    for (const [index, service] of (ingress.services ?? []).entries()) {
      if (!known.has(service)) problem([...path, "ingress", "services", index], unknown(service));
    }
  }
  for (const service of Object.keys(namespace_assignments)) {
    if (!known.has(service)) problem([...path, "namespace_assignments", service], unknown(service));
  }
}
