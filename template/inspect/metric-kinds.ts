/** The kinds of data that a metric may hold. */
import type { Message } from "../../otlp/message/schema.ts";

/** OTLP's fields of a metric, of which it has one. */
export const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

/** How many data points a metric has. */
export function pointsIn(metric: Message<"Metric">): number {
  return METRIC_KINDS.reduce((sum, kind) => sum + (metric[kind]?.dataPoints?.length ?? 0), 0);
}
