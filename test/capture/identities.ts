/**
 * What two captures are compared by: the bodies of their requests without what time decides, and the identities in them.
 */
import { createHash } from "node:crypto";
import { attributesText } from "./attributes.ts";
import type { CaptureFiles } from "./check-capture.ts";
import {
  METRIC_KINDS,
  type MetricsRequest,
  type Point,
  readRequests,
  type TraceRequest,
} from "./requests.ts";
import { blankTimes } from "./text-times.ts";

/** Fields of numbers in data points: they depend on how long a series has lived. */
const VALUE_FIELDS = new Set(["asInt", "asDouble", "count", "sum", "zeroCount"]);

/**
 * A hash of each request of `files`, sorted: equal for two captures exactly when they hold the same requests, in whatever order,
 * but for times (fields and texts) and the numbers of data points. Of buckets, how many there are counts.
 */
export async function timelessBodies(files: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { request } of readRequests<unknown>(files)) {
    const text = JSON.stringify(request, (key, value: unknown) => {
      if (key.endsWith("TimeUnixNano") || key === "timeUnixNano") return "time";
      if (VALUE_FIELDS.has(key)) return undefined;
      if (key === "bucketCounts" && Array.isArray(value)) return value.length;
      return typeof value === "string" ? blankTimes(value) : value;
    });
    hashes.push(createHash("sha256").update(text).digest("hex"));
  }
  return hashes.sort();
}

/** The ids of a capture. */
export interface Identities {
  traceIds: Set<string>;
  /** Without their trace ids: eight random bytes do not meet in captures of this size either. */
  spanIds: Set<string>;
  series: Set<string>;
  /** Numbers of each data point, by series and time since the first series began, in ns. */
  values: Map<string, string>;
}

export async function identitiesOf(files: CaptureFiles): Promise<Identities> {
  const found: Identities = { traceIds: new Set(), spanIds: new Set(), series: new Set(), values: new Map() };
  for await (const { request } of readRequests<TraceRequest>(files.traces)) {
    for (const { scopeSpans } of request.resourceSpans ?? []) {
      for (const { traceId, spanId } of (scopeSpans ?? []).flatMap(({ spans }) => spans ?? [])) {
        found.traceIds.add(traceId);
        found.spanIds.add(spanId);
      }
    }
  }
  const points = await readPoints(files.metrics);
  // Gauges have no start; the series of one run began together.
  const began = new BigUint64Array(points.map(({ point }) => BigInt(point.startTimeUnixNano ?? 0)))
    .sort()
    .find((start) => start > 0n)!;
  for (const { series, point } of points) {
    found.series.add(series);
    const numbers = JSON.stringify(point, (key, value: unknown) =>
      key.endsWith("imeUnixNano") || key === "attributes" ? undefined : value,
    );
    found.values.set(`${series} ${BigInt(point.timeUnixNano ?? 0) - began}`, numbers);
  }
  return found;
}

async function readPoints(files: readonly string[]): Promise<{ series: string; point: Point }[]> {
  const points: { series: string; point: Point }[] = [];
  for await (const { request } of readRequests<MetricsRequest>(files)) {
    for (const { resource, scopeMetrics } of request.resourceMetrics ?? []) {
      const resourceText = attributesText(resource?.attributes);
      for (const { scope, metrics } of scopeMetrics ?? []) {
        for (const metric of metrics ?? []) {
          const list = METRIC_KINDS.map((kind) => metric[kind]).find((one) => one !== undefined);
          for (const point of list?.dataPoints ?? []) {
            const series = [resourceText, scope?.name, metric.name, attributesText(point.attributes)].join(
              "\u0002",
            );
            points.push({ series, point });
          }
        }
      }
    }
  }
  return points;
}

/** Members of both sets; a few of them are enough to see what went wrong. */
export function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...a].filter((one) => b.has(one)).slice(0, 5);
}
