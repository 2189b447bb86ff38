import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import { instanceText, TIME_STEP_NS } from "../../template/slots.ts";
import { freezeSettings } from "../freeze/arbitrary.ts";
import { type MetricTemplate, metricTemplate } from "../freeze/arbitrary-metrics.ts";
import type { FrozenSummary } from "../freeze/frozen-file.ts";
import { newStampKey, type StampKey } from "./stamp-key.ts";
import { baseNs, baseSteps, bigOf, decodedTemplate, withFrozen } from "./stamped.ts";

const INSTANCE_ID = "service.instance.id";
const INSTANCE_SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/;

type Kind = "gauge" | "upDown" | "sum" | "histogram" | "exponentialHistogram";
type Point = Message<"NumberDataPoint"> &
  Message<"HistogramDataPoint"> &
  Message<"ExponentialHistogramDataPoint">;
interface PlacedPoint {
  resource: Message<"Resource">;
  name: string;
  kind: Kind;
  isDelta: boolean;
  /** Resource without its instance, scope, metric without its points. */
  around: unknown;
  point: Point;
}

/** When a series is stamped: the start of the run, and seconds of its life at which points are sent. */
const life = fc.record({
  runSteps: baseSteps,
  shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
  block: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  instance: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

describe("a stamped pass of metrics", () => {
  test("holds every point once, in order, and differs from the template in slots only", () => {
    fc.assert(
      fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
        const template = decodedTemplate("metrics", requests).flatMap(pointsOf);
        withFrozen("metrics", requests, { ...settings, models }, (frozen) => {
          const [key] = keysOf(life, frozen.summary);
          const sent = frozen.requests(key!).flatMap(pointsOf);
          expect(sent.length).toBe(frozen.summary.items);
          expect(sent.length + frozen.summary.droppedItems).toBe(template.length);
          expect(frozen.summary.series).toBe(sent.length);
          const kept = new Set(sent.map(({ point }) => seriesOf(point)));
          const expected = template.filter(({ point }) => kept.has(seriesOf(point)));
          expect(sent.map(constantPart)).toEqual(expected.map(constantPart));
        });
      }),
      { numRuns: 200 },
    );
  });

  test("has the base as time; series start with the run, differences with the previous point", () => {
    fc.assert(
      fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
        withFrozen("metrics", requests, { ...settings, models }, (frozen) => {
          for (const key of keysOf(life, frozen.summary)) {
            for (const { point, kind, isDelta } of frozen.requests(key).flatMap(pointsOf)) {
              expect(bigOf(point.timeUnixNano)).toBe(baseNs(key));
              if (kind === "gauge") expect(point.startTimeUnixNano).toBeUndefined();
              else {
                const start = isDelta ? key.previousSteps : key.runSteps;
                expect(bigOf(point.startTimeUnixNano)).toBe(baseNs({ baseSteps: start }));
              }
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test("numbers resources and instances in service.instance.id, so that no series stands twice", () => {
    fc.assert(
      fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
        withFrozen("metrics", requests, { ...settings, models }, (frozen) => {
          const [key] = keysOf(life, frozen.summary);
          const others = [
            { ...key!, instance: (key!.instance + 1) % 2 ** 40 },
            { ...key!, block: (key!.block + 1) % 2 ** 48 },
          ];
          const numbers = new Map<string, string>();
          for (const { resource } of frozen.requests(key!).flatMap(pointsOf)) {
            const id = instanceIdOf(resource);
            expect(id).toMatch(INSTANCE_SHAPE);
            expect(id.slice(9)).toBe(instanceText(key!.block, key!.instance));
            expect(id.replaceAll("-", "").slice(22)).toBe(key!.instance.toString(16).padStart(10, "0"));
            const name = JSON.stringify(resource.attributes![0]);
            expect(numbers.get(name) ?? id).toBe(id);
            numbers.set(name, id);
          }
          const ids = new Set(numbers.values());
          expect(ids.size).toBe(numbers.size);
          for (const other of others) {
            for (const { resource } of frozen.requests(other).flatMap(pointsOf)) {
              expect(ids).not.toContain(instanceIdOf(resource));
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test("keeps to batch size and byte limit; the same key gives the same bytes, any key the same lengths", () => {
    fc.assert(
      fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
        withFrozen("metrics", requests, { ...settings, models }, (frozen) => {
          const keys = keysOf(life, frozen.summary);
          const bodies = frozen.bodies(keys[0]!);
          for (const body of bodies) expect(body.length).toBeLessThanOrEqual(settings.maxRequestBytes);
          for (const key of keys) {
            expect(frozen.bodies(key).map(({ length }) => length)).toEqual(
              bodies.map(({ length }) => length),
            );
          }
          expect(Buffer.concat(frozen.bodies(keys[0]!)).equals(Buffer.concat(bodies))).toBe(true);
          frozen.requests(keys[0]!).forEach((request, batch) => {
            const points = pointsOf(request).length;
            expect(points).toBeLessThanOrEqual(settings.batchSize);
            expect(frozen.file.items(batch)).toBe(points);
          });
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe("service.instance.id", () => {
  const metrics = [{ name: "m", gauge: { dataPoints: [{ asInt: 1 }] } }];
  test.each([
    ["no resource", {}],
    ["no attributes", { resource: {} }],
    ["a number there", { resource: { attributes: [{ key: INSTANCE_ID, value: { intValue: 7 } }] } }],
    ["an empty text there", { resource: { attributes: [{ key: INSTANCE_ID, value: { stringValue: "" } }] } }],
    ["no value there", { resource: { attributes: [{ key: INSTANCE_ID }] } }],
  ])("is set where a template has %s", (_, resource) => {
    const requests = [{ resourceMetrics: [{ ...resource, scopeMetrics: [{ metrics }] }] }];
    const settings = {
      batchSize: 10,
      maxRequestBytes: 10_000,
      seed: 0,
      jitterMs: 0,
      linkLogs: true,
      models: {},
      lateRoots: [],
    };
    withFrozen("metrics", requests, settings, (frozen) => {
      const [sent] = frozen.request({ ...newStampKey(), block: 5, instance: 9 }).resourceMetrics!;
      expect(instanceIdOf(sent!.resource!)).toBe("00000000-0000-8000-9000-050000000009");
    });
  });
});

describe("stamped values", () => {
  test("of cumulative series never fall while a series lives", () => {
    overLives((template, sent) => {
      void template;
      for (let n = 0; n < sent[0]!.length; n++) {
        const { kind, isDelta } = sent[0]![n]!;
        if (isDelta || kind === "gauge" || kind === "upDown") continue;
        for (let at = 1; at < sent.length; at++) {
          const before = amountsOf(sent[at - 1]![n]!.point);
          const now = amountsOf(sent[at]![n]!.point);
          for (const [i, amount] of now.entries()) expect(amount).toBeGreaterThanOrEqual(before[i]!);
        }
      }
    });
  });

  test("of histograms: the count is the sum of the buckets, the sum what values in the middle half of each make", () => {
    overLives((template, sent) => {
      for (const points of sent) {
        for (const [n, { point, kind }] of points.entries()) {
          if (kind !== "histogram" && kind !== "exponentialHistogram") continue;
          const model = template[n]!.point;
          const counts = bucketsOf(point);
          const zeros = Number(bigOf(point.zeroCount ?? 0n));
          expect(Number(bigOf(point.count))).toBe(counts.reduce((sum, count) => sum + count, zeros));
          expect(counts.length).toBe(bucketsOf(model).length);
          expect(point.sum === undefined).toBe(model.sum === undefined);
          if (point.sum === undefined) continue;
          const middle = counts.reduce((sum, count, i) => sum + count * midpointOf(point, i), 0);
          const room = counts.reduce((sum, count, i) => sum + (count * widthOf(point, i)) / 4, 0);
          const rounding = counts.reduce((sum, count) => sum + count, 0) * 2 ** -17 + middle * 1e-12;
          expect(Math.abs(point.sum - middle)).toBeLessThanOrEqual(room + rounding);
        }
      }
    });
  });

  test("of gauges stay in their band and within their bounds", () => {
    overLives((template, sent, models) => {
      for (const points of sent) {
        for (const [n, { point, kind, name }] of points.entries()) {
          if (kind !== "gauge" && kind !== "upDown") continue;
          const model = models[name];
          const middle = amountsOf(template[n]!.point)[0]!;
          const value = amountsOf(point)[0]!;
          const half = Math.abs(middle) * (model?.spread ?? 0.1);
          expect(Math.abs(value - middle)).toBeLessThanOrEqual(half);
          if (!model) continue;
          expect(value).toBeGreaterThanOrEqual(model.min!);
          expect(value).toBeLessThanOrEqual(model.max!);
        }
      }
    });
  });

  test("change only in the bytes that were declared", () => {
    overLives((_, sent, models) => {
      for (let n = 0; n < sent[0]!.length; n++) {
        const { name, kind, isDelta, point } = sent[0]![n]!;
        const model = models[name];
        // Differences of doubles begin at zero: no range of exponents holds them.
        if (!model || (point.asDouble !== undefined && isDelta && kind === "sum")) continue;
        const fixed = sent.map((points) =>
          wordsOf(points[n]!.point).map((word) => word & ~changingBits(model)),
        );
        for (const words of fixed) expect(words).toEqual(fixed[0]);
        if (model.value === "int") {
          for (const points of sent) {
            for (const word of wordsOf(points[n]!.point)) {
              expect(word % 256n ** BigInt(model.firstByte)).toBe(0n);
            }
          }
        }
      }
    });
  });

  test("of doubles keep their top byte, but for differences, which begin at zero", () => {
    overLives((template, sent) => {
      for (const points of sent) {
        for (const [n, { point, isDelta, kind }] of points.entries()) {
          if (point.asDouble === undefined || (kind === "sum" && isDelta)) continue;
          expect(bitsOf(point.asDouble) >> 56n).toBe(bitsOf(template[n]!.point.asDouble!) >> 56n);
        }
      }
    });
  });

  test("of differences add up to what the same series, cumulative, rose by", () => {
    fc.assert(
      fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
        const whole = { ...settings, models, maxRequestBytes: 3_670_016 };
        const deltas = structuredClone(requests);
        for (const request of deltas) setTemporality(request, 1);
        const totals = structuredClone(requests);
        for (const request of totals) setTemporality(request, 2);
        withFrozen("metrics", deltas, whole, (delta) => {
          withFrozen("metrics", totals, whole, (total) => {
            const keys = keysOf(life, { ...total.summary, hasDelta: true });
            const start = { ...keys[0]!, baseSteps: life.runSteps, previousSteps: life.runSteps };
            const first = total.requests(start).flatMap(pointsOf);
            const last = total.requests(keys.at(-1)!).flatMap(pointsOf);
            const parts = keys.map((key) => delta.requests(key).flatMap(pointsOf));
            for (const [n, { kind, point }] of last.entries()) {
              if (kind === "gauge" || kind === "upDown") continue;
              const before = amountsOf(first[n]!.point);
              const rose = amountsOf(point).map((amount, i) => amount - before[i]!);
              const sums = rose.map((_, i) =>
                parts.reduce((sum, points) => sum + amountsOf(points[n]!.point)[i]!, 0),
              );
              // Sums of histograms are exact up to 2^37; everything else is, always, far below what this lets pass.
              for (const [i, sum] of sums.entries()) {
                expect(Math.abs(sum - rose[i]!)).toBeLessThanOrEqual(rose[i]! * 1e-12);
              }
            }
          });
        });
      }),
      { numRuns: 100 },
    );
  });
});

/** Check a claim over the whole life of arbitrary series: `sent` holds the points of each moment, in the template's order. */
function overLives(
  claim: (template: PlacedPoint[], sent: PlacedPoint[][], models: MetricTemplate["models"]) => void,
): void {
  fc.assert(
    fc.property(metricTemplate, freezeSettings, life, ({ requests, models }, settings, life) => {
      const whole = { ...settings, models, maxRequestBytes: 3_670_016 };
      const template = decodedTemplate("metrics", requests).flatMap(pointsOf);
      withFrozen("metrics", requests, whole, (frozen) => {
        const sent = keysOf(life, frozen.summary).map((key) => frozen.requests(key).flatMap(pointsOf));
        claim(template, sent, models);
      });
    }),
    { numRuns: 150 },
  );
}

/** Keys of successive points of one instance, within the lifetime that freezing found. */
function keysOf({ runSteps, shares, block, instance }: Life, summary: FrozenSummary): StampKey[] {
  const lifetime = summary.lifetimeSeconds ?? 30 * 86_400;
  // Differences must fit into the bytes of their metric too, so no more than some hours lie between two.
  const seconds = summary.hasDelta ? Math.min(lifetime, 6 * 3600) : lifetime;
  const mostSteps = Math.floor((seconds * 1e9) / TIME_STEP_NS);
  let previousSteps = runSteps;
  return shares
    .sort((a, b) => a - b)
    .map((share) => {
      const steps = runSteps + Math.floor(share * mostSteps);
      const key = { ...newStampKey(), incarnation: 1, runSteps, baseSteps: steps, previousSteps };
      previousSteps = steps;
      return { ...key, block, instance };
    });
}

function pointsOf(request: RequestOf<"metrics">): PlacedPoint[] {
  return (request.resourceMetrics ?? []).flatMap(({ resource, scopeMetrics }) =>
    (scopeMetrics ?? []).flatMap(({ scope, metrics }) =>
      (metrics ?? []).flatMap((metric) => {
        const { gauge, sum, histogram, exponentialHistogram, ...head } = metric;
        const data = gauge ?? sum ?? histogram ?? exponentialHistogram;
        const { dataPoints, ...dataHead } = data!;
        const kind: Kind = gauge
          ? "gauge"
          : sum
            ? sum.isMonotonic
              ? "sum"
              : "upDown"
            : histogram
              ? "histogram"
              : "exponentialHistogram";
        const attributes = resource!.attributes!.filter(({ key }) => key !== INSTANCE_ID);
        return (dataPoints ?? []).map((point) => ({
          resource: resource!,
          name: head.name!,
          kind,
          isDelta: "aggregationTemporality" in dataHead && dataHead.aggregationTemporality === 1,
          around: { attributes, scope, head, dataHead },
          point: point as Point,
        }));
      }),
    ),
  );
}

function constantPart({ around, point }: PlacedPoint): unknown {
  const values = ["asInt", "asDouble", "count", "sum", "zeroCount", "bucketCounts"];
  const rest = Object.entries(point).filter(
    ([field]) => !values.includes(field) && !/unixNano$/i.test(field),
  );
  const { offset } = point.positive ?? {};
  return { around, rest: { ...Object.fromEntries(rest), positive: { offset } }, fields: Object.keys(point) };
}

function seriesOf({ attributes }: Point): number {
  return Number(bigOf(attributes!.find(({ key }) => key === "series")!.value!.intValue));
}

function instanceIdOf({ attributes }: Message<"Resource">): string {
  const ids = attributes!.filter(({ key }) => key === INSTANCE_ID);
  expect(ids.length).toBe(1);
  return ids[0]!.value!.stringValue!;
}

function bucketsOf(point: Point): number[] {
  return (point.bucketCounts ?? point.positive?.bucketCounts ?? []).map(Number);
}

/** All that is counted in a point: its value, or count, sum, zero count and buckets. */
function amountsOf(point: Point): number[] {
  if (point.asInt !== undefined) return [Number(point.asInt)];
  if (point.asDouble !== undefined) return [point.asDouble];
  return [Number(point.count), Number(point.zeroCount ?? 0), point.sum ?? 0, ...bucketsOf(point)];
}

/** The 8-byte words of a point that its model speaks of. */
function wordsOf(point: Point): bigint[] {
  if (point.asInt !== undefined) return [BigInt.asUintN(64, bigOf(point.asInt))];
  if (point.asDouble !== undefined) return [bitsOf(point.asDouble)];
  return (point.bucketCounts ?? []).map(bigOf);
}

function changingBits({ firstByte, width }: { firstByte: number; width: number }): bigint {
  return (2n ** BigInt(width * 8) - 1n) << BigInt(firstByte * 8);
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

function midpointOf(point: Point, bucket: number): number {
  if (point.scale !== undefined) {
    return 2 ** (2 ** -point.scale * ((point.positive!.offset ?? 0) + bucket + 0.5));
  }
  const bounds = point.explicitBounds ?? [];
  if (bounds.length === 0) return 1;
  if (bucket === bounds.length) return bounds.at(-1)! * 1.5;
  return bucket === 0 ? bounds[0]! / 2 : (bounds[bucket - 1]! + bounds[bucket]!) / 2;
}

/** The open bucket ends at twice its lower bound. */
function widthOf(point: Point, bucket: number): number {
  if (point.scale !== undefined) {
    const bound = (index: number) => 2 ** (2 ** -point.scale! * index);
    const index = (point.positive!.offset ?? 0) + bucket;
    return bound(index + 1) - bound(index);
  }
  const bounds = point.explicitBounds ?? [];
  if (bucket === bounds.length) return bounds.at(-1) ?? 0;
  return bounds[bucket]! - (bounds[bucket - 1] ?? 0);
}

function setTemporality(request: MetricTemplate["requests"][number], temporality: number): void {
  for (const { scopeMetrics } of request.resourceMetrics ?? []) {
    for (const metric of scopeMetrics!.flatMap((scope) => scope.metrics ?? [])) {
      for (const data of [metric.sum, metric.histogram, metric.exponentialHistogram]) {
        if (data) data.aggregationTemporality = temporality;
      }
    }
  }
}
