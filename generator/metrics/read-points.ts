/**
 * Template metrics read back into plain points: how tests look at what was written.
 */
import { decodeRequest } from "../../otlp/message/decode.ts";

type PlainValue = string | number | boolean;

/** One data point, with what surrounds it. */
export interface ReadPoint {
  name: string;
  unit: string;
  scope: string;
  kind: "gauge" | "sum" | "histogram" | "exponentialHistogram";
  temporality: number | undefined;
  isMonotonic: boolean | undefined;
  resource: Record<string, PlainValue>;
  attributes: Record<string, PlainValue>;
  /** undefined: the field is absent. */
  startTime: number | undefined;
  time: number | undefined;
  asInt: number | undefined;
  asDouble: number | undefined;
  count: number;
  sum: number;
  buckets: number[];
  bounds: number[];
  scale: number;
  offset: number;
  zeroCount: number | undefined;
}

/** All points of one template frame. */
export function* readPoints(message: Uint8Array): Generator<ReadPoint> {
  for (const { resource, scopeMetrics } of decodeRequest("metrics", message).resourceMetrics ?? []) {
    const resourceAttributes = plainAttributes(resource?.attributes);
    for (const { scope, metrics } of scopeMetrics ?? []) {
      for (const metric of metrics ?? []) {
        const kind = (["gauge", "sum", "histogram", "exponentialHistogram"] as const).find(
          (each) => metric[each],
        )!;
        const data = metric[kind]!;
        for (const each of data.dataPoints ?? []) {
          const point = each as Partial<PointFields>;
          yield {
            name: metric.name ?? "",
            unit: metric.unit ?? "",
            scope: scope?.name ?? "",
            kind,
            temporality: "aggregationTemporality" in data ? data.aggregationTemporality : undefined,
            isMonotonic: "isMonotonic" in data ? data.isMonotonic : undefined,
            resource: resourceAttributes,
            attributes: plainAttributes(point.attributes),
            startTime: optional(point.startTimeUnixNano),
            time: optional(point.timeUnixNano),
            asInt: optional(point.asInt),
            asDouble: point.asDouble,
            count: Number(point.count ?? 0),
            sum: point.sum ?? Number.NaN,
            buckets: (point.bucketCounts ?? point.positive?.bucketCounts ?? []).map(Number),
            bounds: point.explicitBounds ?? [],
            scale: point.scale ?? 0,
            offset: point.positive?.offset ?? 0,
            zeroCount: optional(point.zeroCount),
          };
        }
      }
    }
  }
}

/** Fields of the three kinds of points together. 64-bit ones are Long or number. */
interface PointFields {
  attributes: readonly { key?: string | undefined; value?: object | undefined }[];
  startTimeUnixNano: unknown;
  timeUnixNano: unknown;
  asInt: unknown;
  asDouble: number;
  count: unknown;
  sum: number;
  bucketCounts: unknown[];
  explicitBounds: number[];
  scale: number;
  zeroCount: unknown;
  positive: { offset?: number; bucketCounts?: unknown[] };
}

function optional(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function plainAttributes(attributes: PointFields["attributes"] | undefined): Record<string, PlainValue> {
  return Object.fromEntries(
    (attributes ?? []).map(({ key, value }) => {
      const [[type, content]] = Object.entries(value ?? {}) as [[string, unknown]];
      return [key ?? "", type === "intValue" ? Number(content) : (content as PlainValue)];
    }),
  );
}
