import { describe, expect, it } from "vitest";
import { FieldCursor } from "../../otlp/message/wire.ts";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import type { ValueModel } from "../../template/metadata.ts";
import { bucketMidpoints, exponentialMidpoints } from "../../template/values.ts";
import { generatorConfigSchema, METRIC_TYPES } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { type ReadPoint, readPoints } from "./read-points.ts";
import { gaugeUnit } from "./values.ts";
import { type MetricsSummary, writeMetrics } from "./write-metrics.ts";

interface Written extends MetricsSummary {
  frames: Buffer[];
  items: number[];
}

async function write(metrics: object, seed = 42): Promise<Written> {
  const config = generatorConfigSchema.parse({ metrics });
  const random = new Random(seed);
  const frames: Buffer[] = [];
  const items: number[] = [];
  const summary = await writeMetrics(
    config,
    buildScenario(config, random.fork("scenario")),
    random.fork("metrics"),
    {
      write(message, points) {
        frames.push(Buffer.from(message));
        items.push(points);
        return undefined;
      },
    },
  );
  return { ...summary, frames, items };
}

const pointsOf = (written: Written): ReadPoint[] => written.frames.flatMap((frame) => [...readPoints(frame)]);

const EVERYTHING = {
  metric_count: 400,
  types: METRIC_TYPES,
  timeseries_per_metric: { min: 20, max: 100, default: 60 },
};
const everything = await write(EVERYTHING);
const points = pointsOf(everything);
const KINDS = ["gauge", "upDown", "counter", "histogram", "exponentialHistogram"];

function kindOf({ kind, isMonotonic }: ReadPoint): string {
  return kind === "sum" ? (isMonotonic ? "counter" : "upDown") : kind;
}

describe("names and kinds", () => {
  it.each([0, 1, 10, 60, 300, 2000])("has exactly %i metrics when that many are asked for", async (count) => {
    const written = await write({
      metric_count: count,
      timeseries_per_metric: { min: 1, max: 9, default: 3 },
    });
    expect(new Set(pointsOf(written).map(({ name }) => name)).size).toBe(count);
    expect(written.metrics).toBe(count);
    expect(Object.keys(written.models)).toHaveLength(count);
    if (count === 0) expect(written.frames).toHaveLength(0);
  });

  it.each(METRIC_TYPES)("has every kind and enough names with nothing but %s", async (type) => {
    const few = { min: 1, max: 20, default: 5 };
    const small = await write({ metric_count: 5, types: [type], timeseries_per_metric: few });
    expect(new Set(pointsOf(small).map(kindOf))).toEqual(new Set(KINDS));
    const large = await write({
      metric_count: 4000,
      types: [type],
      timeseries_per_metric: { min: 1, max: 1, default: 1 },
    });
    expect(Object.keys(large.models)).toHaveLength(4000);
  });

  it("has every kind among the metrics of the default types", async () => {
    const kinds = new Set(pointsOf(await write({ metric_count: 10 })).map(kindOf));
    expect(kinds).toEqual(new Set(KINDS));
  });

  it("gives a metric one kind, one unit, one type of value, and one scope in each language", () => {
    const seen = new Map<string, string>();
    for (const point of points) {
      const own = [kindOf(point), point.unit, point.scope, point.asInt === undefined].join();
      const name = `${point.name} ${point.resource["telemetry.sdk.language"]} ${/^(db|messaging)\.client|process\.duration/.test(point.name) && point.resource["service.name"]}`;
      expect(seen.get(name) ?? own).toBe(own);
      seen.set(name, own);
    }
  });
});

describe("series", () => {
  it("are each written once, the instance of their resource aside", () => {
    const identities = points.map(({ name, resource, attributes }) => {
      const { "service.instance.id": _, ...others } = resource;
      return JSON.stringify([name, sorted(others), sorted(attributes)]);
    });
    expect(new Set(identities).size).toBe(identities.length);
    expect(everything.series).toBe(identities.length);
  });

  it.each([
    { min: 100, max: 500, default: 300 },
    { min: 1, max: 50, default: 10 },
    { min: 70, max: 75, default: 71 },
    { min: 7, max: 7, default: 7 },
  ])("number $min to $max a metric, $default on average", async (range) => {
    const written = await write({ metric_count: 200, types: METRIC_TYPES, timeseries_per_metric: range });
    const perMetric = new Map<string, number>();
    for (const { name } of pointsOf(written)) perMetric.set(name, (perMetric.get(name) ?? 0) + 1);
    expect(Math.min(...perMetric.values())).toBeGreaterThanOrEqual(range.min);
    expect(Math.max(...perMetric.values())).toBeLessThanOrEqual(range.max);
    expect(Math.abs(written.series / 200 / range.default - 1)).toBeLessThan(0.05);
  });

  it("are as many as asked for on average, to 2 %, at the usual size", async () => {
    const written = await write({ metric_count: 2000 });
    expect(Math.abs(written.series / 2000 / 300 - 1)).toBeLessThan(0.02);
    expect(written.items.reduce((sum, points) => sum + points, 0)).toBe(written.series);
  });

  it("keep one type per attribute key", () => {
    const types = new Map<string, string>();
    for (const { resource, attributes } of points) {
      for (const [key, value] of [...Object.entries(resource), ...Object.entries(attributes)]) {
        expect([key, types.get(key) ?? typeof value]).toEqual([key, typeof value]);
        types.set(key, typeof value);
      }
    }
  });

  it("name pods that have one node, namespace and deployment everywhere, the scenario's among them", () => {
    const pods = new Map<unknown, string>();
    for (const { resource } of points) {
      if (resource["k8s.pod.uid"] === undefined) continue;
      const own = ["k8s.pod.name", "k8s.namespace.name", "k8s.node.name", "k8s.deployment.name"]
        .map((key) => resource[key])
        .join();
      expect(pods.get(resource["k8s.pod.uid"]) ?? own).toBe(own);
      pods.set(resource["k8s.pod.uid"], own);
    }
    const config = generatorConfigSchema.parse({});
    const scenario = buildScenario(config, new Random(42).fork("scenario"));
    for (const pod of scenario.infrastructure.pods) expect(pods.has(pod.uid)).toBe(true);
  });
});

describe("frames", () => {
  it("stay below the limit, however many metrics a resource has", async () => {
    const wide = await write({
      metric_count: 3000,
      types: ["application"],
      timeseries_per_metric: { min: 1, max: 400, default: 100 },
    });
    for (const written of [wide, everything]) {
      expect(Math.max(...written.frames.map(({ length }) => length))).toBeLessThan(MAX_FRAME_BYTES * 0.75);
      const counted = written.frames.map((frame) => [...readPoints(frame)].length);
      expect(written.items).toEqual(counted);
    }
  });

  it("are the same for the same seed and differ for another", async () => {
    const same = await write(EVERYTHING);
    expect(Buffer.concat(same.frames).equals(Buffer.concat(everything.frames))).toBe(true);
    expect(same.models).toEqual(everything.models);
    const other = await write(EVERYTHING, 43);
    expect(Buffer.concat(other.frames).equals(Buffer.concat(everything.frames))).toBe(false);
  });

  it("carry every time, as zero, and no start time in gauges", () => {
    for (const { kind, startTime, time } of points) {
      expect(time).toBe(0);
      expect(startTime).toBe(kind === "gauge" ? undefined : 0);
    }
  });

  it("pad the bucket counts of exponential histograms to 3 bytes", () => {
    let seen = 0;
    for (const frame of everything.frames) {
      for (const packed of fieldsAt(frame, [1, 2, 2, 10, 1, 8, 2])) {
        expect(packed.length % 3).toBe(0);
        for (let at = 0; at < packed.length; at++) expect(packed[at]! >= 0x80).toBe(at % 3 !== 2);
        seen++;
      }
    }
    expect(seen).toBe(points.filter(({ kind }) => kind === "exponentialHistogram").length);
  });

  it("are cumulative, or delta where that is asked for and possible", async () => {
    expect(new Set(points.map(({ temporality }) => temporality))).toEqual(new Set([undefined, 2]));
    for (const point of pointsOf(await write({ metric_count: 40, temporality: "delta" }))) {
      const kind = kindOf(point);
      expect(point.temporality).toBe(kind === "gauge" ? undefined : kind === "upDown" ? 2 : 1);
    }
  });
});

describe("numbers", () => {
  const modelOf = ({ name }: ReadPoint): ValueModel => everything.models[name]!;
  const DAY_HOURS = 24;

  it("have a model that says what they are", () => {
    for (const point of points) {
      const kind = kindOf(point);
      const expected = { counter: "sum", upDown: "gauge" }[kind] ?? kind;
      expect(modelOf(point).kind).toBe(expected);
      if (point.kind === "gauge" || point.kind === "sum") {
        expect(modelOf(point).value).toBe(point.asInt === undefined ? "double" : "int");
      }
    }
  });

  it("are multiples of their grid when they are integers, and fit the declared bytes for a day", () => {
    for (const point of points) {
      if (point.asInt === undefined) continue;
      const { firstByte, width, kind, spread = 0 } = modelOf(point);
      expect(point.asInt % 256 ** firstByte).toBe(0);
      expect(point.asInt).toBeGreaterThanOrEqual(0);
      const reach = kind === "sum" ? point.asInt * DAY_HOURS : point.asInt * (1 + spread);
      expect(reach).toBeLessThan(256 ** (firstByte + width));
    }
  });

  it("are doubles on the grid of their range, whose other bytes never change", () => {
    for (const point of points) {
      if (point.asDouble === undefined) continue;
      const { firstByte, width, kind, max = 0, spread = 0 } = modelOf(point);
      const isCounter = kind === "sum";
      const unit = isCounter ? 1 / 128 : gaugeUnit(point.asDouble);
      expect(point.asDouble % unit).toBe(0);
      const top = isCounter ? 2 + point.asDouble * DAY_HOURS : Math.min(max, point.asDouble * (1 + spread));
      const before = bytesOf(isCounter ? 2 : point.asDouble);
      for (const value of [point.asDouble, top - (top % unit), top - (top % unit) - unit]) {
        const after = bytesOf(value);
        for (let byte = 0; byte < 8; byte++) {
          if (byte < firstByte) expect(after[byte]).toBe(0);
          if (byte >= firstByte + width && value >= 2 && isCounter) expect(after[byte]).toBe(before[byte]);
        }
      }
    }
  });

  it("of gauges lie within their bounds", () => {
    for (const point of points) {
      const { kind, min, max, spread } = modelOf(point);
      if (kind !== "gauge") continue;
      const middle = (point.asInt ?? point.asDouble)!;
      expect(spread).toBeGreaterThanOrEqual(0);
      expect(spread).toBeLessThanOrEqual(1);
      expect(middle).toBeGreaterThanOrEqual(min!);
      expect(middle).toBeLessThanOrEqual(max!);
    }
  });

  it("of ratios lie below 1, and no core is busy for longer than time passes", () => {
    const perCore = new Map<string, number>();
    for (const point of points) {
      if (/(utilization|_ratio)$/.test(point.name)) {
        expect(point.unit).toBe("1");
        // What is asked for may be passed by far, what is allowed may not; pages set aside are all free.
        if (/request_utilization|hugepages/.test(point.name)) expect(modelOf(point).max).toBeLessThan(9);
        else expect(modelOf(point).max).toBeLessThan(1);
      }
      if (point.name !== "system.cpu.time") continue;
      const core = `${point.resource["host.name"]} ${point.attributes.cpu}`;
      perCore.set(core, (perCore.get(core) ?? 0) + point.asDouble!);
    }
    expect(perCore.size).toBeGreaterThan(0);
    expect(Math.max(...perCore.values())).toBeLessThanOrEqual(3600);
  });

  it("of histograms agree: count is the sum of the buckets, sum what their middles say and their bounds allow", () => {
    for (const point of points) {
      if (point.kind !== "histogram" && point.kind !== "exponentialHistogram") continue;
      expect(point.count).toBe(point.buckets.reduce((sum, bucket) => sum + bucket, 0));
      expect(point.count).toBeGreaterThan(0);
      expect(point.count * DAY_HOURS).toBeLessThan(256 ** modelOf(point).width);
      const middles =
        point.kind === "histogram"
          ? bucketMidpoints(point.bounds)
          : exponentialMidpoints(point.scale, point.offset, point.buckets.length);
      const sum = point.buckets.reduce((total, bucket, index) => total + bucket * middles[index]!, 0);
      expect(point.sum).toBeCloseTo(sum, 9);
      const [lowest, highest] = sumBounds(point);
      expect(point.sum).toBeGreaterThanOrEqual(lowest);
      expect(point.sum).toBeLessThanOrEqual(highest);
      if (point.kind === "histogram") expect(point.buckets).toHaveLength(point.bounds.length + 1);
      else {
        expect(point.zeroCount).toBe(0);
        expect(Math.max(...point.buckets) * DAY_HOURS).toBeLessThan(2 ** 21);
      }
    }
  });

  it("agree with the scenario where it knows them", () => {
    const desired = points.filter(({ name }) => name === "k8s.deployment.desired");
    const ofService = desired.filter(({ resource }) => resource["k8s.deployment.name"] === "api-gateway");
    expect(ofService.map(({ asInt }) => asInt)).toEqual([3]);
  });
});

function sorted(attributes: object): [string, unknown][] {
  return Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Least and greatest sum of what lies in the buckets. */
function sumBounds({ kind, buckets, bounds, scale, offset }: ReadPoint): [number, number] {
  const edge = (index: number): number =>
    kind === "histogram"
      ? index === 0
        ? 0
        : (bounds[index - 1] ?? Number.POSITIVE_INFINITY)
      : 2 ** ((offset + index) / 2 ** scale);
  const total = (shift: number): number =>
    buckets.reduce((sum, count, index) => (count === 0 ? sum : sum + count * edge(index + shift)), 0);
  return [total(0), total(1)];
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** Payloads of all fields at a path of field numbers. */
function fieldsAt(bytes: Uint8Array, [field, ...rest]: number[]): Uint8Array[] {
  if (field === undefined) return [bytes];
  const cursor = new FieldCursor();
  const found: Uint8Array[] = [];
  cursor.enter(bytes, 0, bytes.length);
  while (cursor.next()) {
    if (cursor.field === field) found.push(...fieldsAt(bytes.subarray(cursor.from, cursor.to), rest));
  }
  return found;
}
