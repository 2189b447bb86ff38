/**
 * Keys of the section `metrics`.
 */
import { z } from "zod";

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

const MAX_SERIES = 1_000_000;
const seriesCount = (usual: number) => z.number().int().min(1).max(MAX_SERIES).default(usual);

/** The section `metrics`. */
export const metrics = z
  .strictObject({
    metric_count: z.number().int().min(0).max(100_000).default(2000).meta({
      description:
        "distinct metric names: first those of the catalogue, then made-up ones; 0: no metric file",
      example: 300,
    }),
    timeseries_per_metric: z
      .strictObject({
        min: seriesCount(100).meta({ description: "fewest series of a metric", example: 1 }),
        max: seriesCount(500).meta({ description: "most series of a metric", example: 1000 }),
        default: seriesCount(300).meta({ description: "their mean over all metrics", example: 50 }),
      })
      .superRefine(({ min, max, default: mean }, context) => {
        const problem = (key: string, message: string) =>
          context.addIssue({ code: "custom", path: [key], message });
        if (min > max) problem("min", `must not be above max (${max}), found ${min}`);
        else if (mean < min || mean > max) {
          problem("default", `must lie between min (${min}) and max (${max}), found ${mean}`);
        }
      })
      .prefault({})
      .meta({ description: "How many series (combinations of attributes) a metric has." }),
    types: z
      .array(z.enum(METRIC_TYPES))
      .min(1)
      .default(["host_metrics", "k8s_cluster", "k8s_node", "k8s_pod", "k8s_container"])
      .meta({ description: "what the metrics are of", example: ["k8s_pod", "application", "runtime"] }),
    temporality: z.enum(["cumulative", "delta"]).default("cumulative").meta({
      description: "of sums and histograms: since the start, or since the last point",
      example: "delta",
    }),
  })
  .prefault({})
  .meta({ description: "The metric file." });

/** What one of the kinds of metrics is called. */
export type MetricType = (typeof METRIC_TYPES)[number];
