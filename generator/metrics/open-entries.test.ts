import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { MetricEncoder } from "./metric-encoder.ts";
import { metricsOf } from "./metrics-of.ts";
import { whole } from "./number-shape.ts";
import { type Entry, OpenEntries } from "./open-entries.ts";
import { SeriesQuota } from "./series.ts";

const SCOPE = { name: "test", version: "1" };

function entry(name: string, only?: string): Entry {
  const of = metricsOf({
    type: "application",
    carrier: "service",
    scope: SCOPE,
    ...(only === undefined ? {} : { only }),
  });
  return {
    encoder: new MetricEncoder(of.gauge(name, "1", whole([1, 9]), name), "cumulative", new Random(1)),
    quota: new SeriesQuota(1, { min: 1, max: 1, default: 1 }),
  };
}

const namesOn = (open: OpenEntries, ...subjects: string[]): string[] =>
  open.on(subjects).map(({ encoder }) => encoder.metric.name);

describe("open entries", () => {
  it("are in order on each resource, whatever subjects they are of", () => {
    const entries = [
      entry("a", "x"),
      entry("b"),
      entry("c", "y"),
      entry("d", "x"),
      entry("e"),
      entry("f", "z"),
    ];
    const open = new OpenEntries(entries);
    expect(namesOn(open)).toEqual(["b", "e"]);
    expect(namesOn(open, "x")).toEqual(["a", "b", "d", "e"]);
    expect(namesOn(open, "y", "x")).toEqual(["a", "b", "c", "d", "e"]);
    expect(namesOn(open, "nothing")).toEqual(["b", "e"]);
  });

  it("are dropped when they have their series, and are empty after the last one", () => {
    const entries = [entry("a", "x"), entry("b"), entry("c", "x")];
    const open = new OpenEntries(entries);
    for (const place of [0, 1]) entries[place]!.quota.take(1);
    expect(namesOn(open, "x")).toEqual(["c"]);
    expect(namesOn(open, "y")).toEqual([]);
    expect(open.isEmpty).toBe(false);
    entries[2]!.quota.take(1);
    expect(namesOn(open, "x")).toEqual([]);
    expect(open.isEmpty).toBe(true);
  });
});
