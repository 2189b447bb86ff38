/**
 * The generator's part of the configuration: keys, defaults, ranges and the rules between them.
 *
 * The schema refuses unknown keys; `loadConfig` adds file, line and the nearest known key. The parsed value keeps the
 * keys of the file, so that `metadata.yaml` shows a config that can be used again. What `.meta()` says of a key goes into
 * docs/configuration.md and docs/generator.schema.json, by `scripts/write-schemas.ts`: `description` is what the key does,
 * `example` is a value as a file has it, `absent` says what holds without a key that has no default, `flag` names the
 * command's flag that wins over it.
 */
import { z } from "zod";
import { MAX_FRAME_BYTES } from "../template/frames.ts";
import { logs } from "./config/logs.ts";
import { metrics } from "./config/metrics.ts";
import { traces } from "./config/traces.ts";
import { DEFAULT_SERVICES } from "./config/values.ts";
import { serviceNames } from "./scenario/service-names.ts";

export { METRIC_TYPES, type MetricType } from "./config/metrics.ts";

/** The schema of a generator config; an empty document is a complete one. */
export const generatorConfigSchema = z
  .strictObject({
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(42).meta({
      description: "the same release, config and seed give the same bytes of every `.pb`, on any machine",
      flag: "--seed",
      example: 7,
    }),
    output: z
      .strictObject({
        directory: z.string().min(1).default("./generated").meta({
          description: "where the files go; made if it is not there",
          flag: "--output-dir",
          example: "/var/lib/stampede",
        }),
        prefix: z
          .string()
          .max(100)
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be letters, digits, dots, dashes and underscores")
          .default("telemetry")
          .meta({
            expected:
              "a text of letters, digits, dots, dashes and underscores that begins with a letter or digit, 100 at most",
            short: "text",
            description:
              "files are called `<prefix>-traces.pb` and so on; letters, digits, dots, dashes and underscores",
            example: "checkout",
          }),
      })
      .prefault({})
      .meta({ description: "Where the files go, and what they are called." }),
    traces,
    metrics,
    logs,
    limits: z
      .strictObject({
        max_memory_gb: z.number().optional().meta({ description: "no effect", example: 4 }),
        allow_unbounded: z.boolean().optional().meta({ description: "no effect", example: true }),
      })
      .optional()
      .meta({
        description:
          "Keys of older files. They have no effect, as memory is bounded whatever is asked for; a note says so.",
        deprecated: true,
      }),
  })
  .superRefine(checkRules);

/** A complete generator config. Keys are as in the file. */
export type GeneratorConfig = z.infer<typeof generatorConfigSchema>;

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
