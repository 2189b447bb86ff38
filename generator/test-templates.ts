/** Templates made in this process, for tests: of one config the same bytes every time. */
import type { z } from "zod";
import { generatorConfigSchema } from "./config.ts";
import { generate } from "./generate.ts";

/** Some 1,500 spans, 60 series and 500 log records. */
const SMALL: z.input<typeof generatorConfigSchema> = {
  seed: 3,
  traces: { count: 150, spans: { avg_per_trace: 10, std_dev: 3 } },
  metrics: { metric_count: 20, timeseries_per_metric: { min: 2, max: 6, default: 3 } },
  logs: { count: 500 },
};

/** Write templates into `outputDir`, by the config if there is one. Resolves with their metadata. */
export function makeTemplates(outputDir: string, config = SMALL) {
  return generate(generatorConfigSchema.parse(config), { outputDir, createdAt: "2026-01-01T00:00:00Z" });
}
