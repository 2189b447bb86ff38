/** Templates made by `stampede generate`: small ones of all three signals, or those of a test's own config. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputOf, stampede } from "./stampede.ts";

const CONFIG = `
seed: 7
traces:
  count: 300
  spans: {avg_per_trace: 12, std_dev: 4, high_span_traces: {enabled: true, count: 1, span_count: 3000}}
  services: {count: 5}
metrics:
  metric_count: 60
  timeseries_per_metric: {min: 4, max: 20, default: 10}
  types: [host_metrics, k8s_pod]
logs:
  count: 3000
  types: {http_access: {percentage: 40}, application: {percentage: 40, services: 3}, system: {percentage: 20}}
`;

/** Generate into `directory`, which must exist, by the text of a config. Returns the directory to give to `replay --input`. */
export async function generateTemplates(directory: string, config = CONFIG): Promise<string> {
  const file = join(directory, "generator.yaml");
  writeFileSync(file, config);
  const templates = join(directory, "templates");
  await outputOf("generate", stampede("generate", "--config", file, "--output-dir", templates));
  return templates;
}
