/**
 * fast-check arbitraries of metrics template files that keep the contract of docs/template-format.md. For tests.
 */
import fc from "fast-check";
import type { Int64Input, Message } from "../../otlp/message/schema.ts";
import type { ValueModel } from "../../template/metadata.ts";
import { attributes, type TemplateRequest, textAttribute } from "./arbitrary.ts";

const DELTA = 1;
const CUMULATIVE = 2;

/** A metrics file and the value models that its metadata would hold. */
export interface MetricTemplate {
  requests: TemplateRequest<"metrics">[];
  models: Record<string, ValueModel>;
}

const metricPlan = fc.record({
  kind: fc.constantFrom<"gauge" | "upDown" | "sum" | "histogram" | "exponentialHistogram">(
    "gauge",
    "upDown",
    "sum",
    "histogram",
    "exponentialHistogram",
  ),
  value: fc.constantFrom<"int" | "double">("int", "double"),
  isDelta: fc.boolean(),
  hasModel: fc.boolean(),
  /** Doubles: which of the two ranges. */
  isSmall: fc.boolean(),
  firstByte: fc.nat({ max: 2 }),
  width: fc.integer({ min: 3, max: 4 }),
  spread: fc.constantFrom(0, 0.1, 0.5, 1),
  bounds: fc
    .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { maxLength: 14 })
    .map((bounds) => bounds.sort((a, b) => a - b).map((bound) => bound / 8)),
  buckets: fc.integer({ min: 1, max: 12 }),
  scale: fc.integer({ min: -1, max: 6 }),
  offset: fc.integer({ min: -20, max: 20 }),
});
type MetricPlan = typeof metricPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

const pointPlan = fc.record({
  amount: fc.nat({ max: 1_000_000 }),
  counts: fc.array(fc.nat({ max: 20_000 }), { minLength: 15, maxLength: 15 }),
  hasSum: fc.boolean(),
});
type PointPlan = typeof pointPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

const resourcePlan = fc.record({
  attributes,
  /** What stands in service.instance.id, if anything. */
  instanceId: fc.option(fc.constantFrom("7", "0b6f2d0e-7f54-4a73-9a35-5a3d4b1f0a11"), { nil: undefined }),
});
type ResourcePlan = typeof resourcePlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** All kinds, cumulative and delta, with and without models; a resource comes again in later frames, a series does not. */
export const metricTemplate: fc.Arbitrary<MetricTemplate> = fc
  .record({
    metrics: fc.array(metricPlan, { minLength: 1, maxLength: 6 }),
    resources: fc.array(resourcePlan, { minLength: 1, maxLength: 3 }),
    frames: fc.array(
      fc.array(
        fc.record({
          resource: fc.nat(),
          metric: fc.nat(),
          points: fc.array(pointPlan, { minLength: 1, maxLength: 4 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ metrics, resources, frames }) => {
    let series = 0;
    const requests = frames.map(
      (parts): TemplateRequest<"metrics"> => ({
        resourceMetrics: parts.map(({ resource, metric, points }) => {
          const name = metric % metrics.length;
          return {
            resource: buildResource(resources[resource % resources.length]!, resource % resources.length),
            scopeMetrics: [
              {
                scope: { name: "stampede" },
                metrics: [
                  buildMetric(
                    metrics[name]!,
                    name,
                    points.map((point) => ({ ...point, series: series++ })),
                  ),
                ],
              },
            ],
          };
        }),
      }),
    );
    const models = Object.fromEntries(
      metrics.flatMap((plan, name) => (plan.hasModel ? [[`metric.${name}`, modelOf(plan)]] : [])),
    );
    return { requests, models };
  });

function buildResource({ attributes, instanceId }: ResourcePlan, number: number): Message<"Resource"> {
  const all = [textAttribute("host.name", `host-${number}`), ...attributes];
  if (instanceId !== undefined) all.splice(1, 0, textAttribute("service.instance.id", instanceId));
  return { attributes: all } as Message<"Resource">;
}

function modelOf(plan: MetricPlan): ValueModel {
  const { kind, value, firstByte, width, spread, isSmall } = plan;
  if (kind === "histogram" || kind === "exponentialHistogram") {
    return { kind, value: "int", firstByte: 0, width };
  }
  const bytes = value === "int" ? { firstByte, width } : { firstByte: 0, width: 7 };
  if (kind === "sum") return { kind, value, ...bytes };
  const bounds =
    value === "int"
      ? { min: 0, max: 1_100_000 * 256 ** firstByte }
      : isSmall
        ? { min: 2 ** -9, max: 1 }
        : { min: 2, max: 9000 };
  return { kind: "gauge", value, ...bytes, spread, ...bounds };
}

type PlacedPoint = PointPlan & { series: number };

function buildMetric(plan: MetricPlan, name: number, points: PlacedPoint[]): Message<"Metric", Int64Input> {
  const temporality = { aggregationTemporality: plan.isDelta ? DELTA : CUMULATIVE };
  const head = { name: `metric.${name}`, unit: "1" };
  const numbers = points.map((point) => buildNumber(plan, point));
  switch (plan.kind) {
    case "gauge":
      return { ...head, gauge: { dataPoints: numbers } };
    case "upDown":
      return { ...head, sum: { dataPoints: numbers, ...temporality, isMonotonic: false } };
    case "sum":
      return { ...head, sum: { dataPoints: numbers, ...temporality, isMonotonic: true } };
    case "histogram":
      return {
        ...head,
        histogram: { dataPoints: points.map((point) => buildHistogram(plan, point)), ...temporality },
      };
    case "exponentialHistogram":
      return {
        ...head,
        exponentialHistogram: {
          dataPoints: points.map((point) => buildExponential(plan, point)),
          ...temporality,
        },
      };
  }
}

function seriesAttributes(series: number): Message<"KeyValue", Int64Input>[] {
  return [{ key: "series", value: { intValue: series } }];
}

function buildNumber(
  { value, firstByte, hasModel, isSmall, kind }: MetricPlan,
  { amount, series }: PlacedPoint,
): Message<"NumberDataPoint", Int64Input> {
  const attributes = seriesAttributes(series);
  // Without a model, gauges may be negative and integers have no constant low bytes.
  if (value === "int") {
    if (hasModel) return { asInt: amount * 256 ** firstByte, attributes };
    return { asInt: kind !== "sum" && series % 2 === 1 ? -amount : amount, attributes };
  }
  const asDouble = isSmall && kind !== "sum" ? 2 ** -9 + (amount % 8000) * 2 ** -13 : 2 + amount / 128;
  return { asDouble, attributes };
}

function buildHistogram(
  { bounds }: MetricPlan,
  { counts, hasSum, series }: PlacedPoint,
): Message<"HistogramDataPoint", Int64Input> {
  const bucketCounts = counts.slice(0, bounds.length + 1);
  return {
    count: bucketCounts.reduce((sum, count) => sum + count, 0),
    ...(hasSum && { sum: 1 }),
    bucketCounts,
    explicitBounds: bounds,
    attributes: seriesAttributes(series),
  };
}

function buildExponential(
  { scale, offset, buckets }: MetricPlan,
  { counts, hasSum, series }: PlacedPoint,
): Message<"ExponentialHistogramDataPoint", Int64Input> {
  const bucketCounts = counts.slice(0, buckets);
  const zeroCount = counts[14]!;
  return {
    count: bucketCounts.reduce((sum, count) => sum + count, zeroCount),
    ...(hasSum && { sum: 1 }),
    scale,
    zeroCount,
    positive: { offset, bucketCounts },
    attributes: seriesAttributes(series),
  };
}
