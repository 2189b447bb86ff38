/**
 * The templates that are sent when nobody names any: generated once into the user's cache.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type GeneratorConfig, generatorConfigSchema } from "../generator/config.ts";
import { userCacheDirectory } from "../replayer/freeze/freeze-cache.ts";
import { METADATA_FILE } from "../template/metadata.ts";
import { generateShown, type ShownOptions } from "./generate-shown.ts";

/** Raise when the generator makes other data of the same config. */
const GENERATION = 2;

/** Enough to look like a system, small enough to be made and frozen within seconds. */
const DEFAULT_CONFIG: GeneratorConfig = generatorConfigSchema.parse({
  seed: 42,
  traces: {
    count: 2000,
    spans: {
      avg_per_trace: 15,
      std_dev: 5,
      error_rate: 0.01,
      high_span_traces: { enabled: true, count: 1, span_count: 3000 },
    },
  },
  metrics: {
    metric_count: 200,
    timeseries_per_metric: { min: 50, max: 200, default: 100 },
    types: ["host_metrics", "k8s_cluster", "k8s_node", "k8s_pod", "k8s_container", "application"],
  },
  logs: { count: 10_000 },
});

/**
 * The directory of the default set of templates, which is generated if it is not there.
 *
 * noteOf  what to say before that begins, of the directory
 * stream  where that and progress go; stderr
 * Throws what `generateShown` throws; then the cache is as it was.
 */
export async function cachedTemplates(
  noteOf: (directory: string) => string,
  stream?: ShownOptions["stream"],
): Promise<string> {
  const content = JSON.stringify([GENERATION, DEFAULT_CONFIG]);
  const key = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const directory = join(userCacheDirectory(), `templates-${key}`);
  if (existsSync(join(directory, METADATA_FILE))) return directory;
  await generateShown(DEFAULT_CONFIG, { outputDir: directory, notes: [noteOf(directory)], stream });
  return directory;
}
