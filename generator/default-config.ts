/**
 * The set that is made when nobody said which: enough variety to look real, made in a second or two.
 */
import { type GeneratorConfig, generatorConfigSchema } from "./config.ts";

/** Config of the default set: some 50,000 spans, 10,000 metric series, 20,000 log records; about 35 MB. */
export const DEFAULT_GENERATOR_CONFIG: GeneratorConfig = generatorConfigSchema.parse({
  traces: {
    count: 2000,
    spans: { high_span_traces: { enabled: true, count: 1, span_count: 20_000 } },
    services: {
      names: ["api-gateway", "user-service", "order-service", "product-catalog", "payment-service"],
    },
  },
  metrics: {
    metric_count: 200,
    timeseries_per_metric: { min: 20, max: 100, default: 50 },
    types: ["host_metrics", "k8s_cluster", "k8s_node", "k8s_pod", "k8s_container", "application"],
  },
  logs: { count: 20_000 },
});
