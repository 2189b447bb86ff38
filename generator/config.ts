/**
 * The generator's part of the configuration: keys, defaults, ranges, and in each section the rules between them,
 * so that a broken rule is reported whatever else is wrong elsewhere.
 *
 * The schema refuses unknown keys; `loadConfig` adds file, line and the nearest known key. The parsed value keeps the
 * keys of the file, so that `metadata.yaml` shows a config that can be used again. What `.meta()` says of a key goes into
 * docs/configuration.md and docs/generator.schema.json, by `scripts/write-schemas.ts`: `description` is what the key does,
 * `example` is a value as a file has it, `absent` says what holds without a key that has no default, `flag` names the
 * command's flag that wins over it.
 */
import { z } from "zod";
import { logs } from "./config/logs.ts";
import { metrics } from "./config/metrics.ts";
import { namesOf } from "./config/services.ts";
import { traces } from "./config/traces.ts";

export { METRIC_TYPES, type MetricType } from "./config/metrics.ts";

/** The schema of a generator config; an empty document is a complete one. */
export const generatorConfigSchema = z.strictObject({
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
});

/** A complete generator config. Keys are as in the file. */
export type GeneratorConfig = z.infer<typeof generatorConfigSchema>;

/** The names of all services of a config: the given ones, then the made-up ones. */
export function serviceNamesOf(config: GeneratorConfig): string[] {
  return namesOf(config.traces.services);
}
