import { describe, expect, it } from "vitest";
import { generatorConfigSchema, METRIC_TYPES } from "../../config.ts";
import { Random } from "../../random.ts";
import { buildScenario } from "../../scenario/scenario.ts";
import { CATALOGUE } from "../catalogue/catalogue.ts";
import { Estate } from "../estate.ts";
import { selectMetrics } from "../selection.ts";
import { inventedMetrics } from "./invented-metrics.ts";

const config = generatorConfigSchema.parse({});
const scenario = buildScenario(config, new Random(42).fork("scenario"));
const estate = new Estate(scenario, new Random(42).fork("estate"));

describe.each(METRIC_TYPES)("metrics past the catalogue of %s", (type) => {
  const metrics = inventedMetrics(type, scenario.services).take(3000).toArray();

  it("have names of their own, as the conventions form them, without units", () => {
    const known = new Set(CATALOGUE[type].map(({ name }) => name));
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name } of metrics) {
      expect(known.has(name), name).toBe(false);
      expect(name).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/);
      expect(name).not.toMatch(/(_|\.)(total|seconds|milliseconds|bytes|percent)$/);
      expect(name.length).toBeLessThan(80);
    }
  });

  it("say what they measure, in a sentence, with a unit", () => {
    for (const { name, description, unit } of metrics) {
      expect(description, name).toMatch(/^[A-Z].+\.$/);
      expect(description, name).not.toMatch(/undefined|_/);
      expect(unit, name).toMatch(/^(1|s|By|\{[a-zA-Z_]+\})$/);
    }
  });

  it("are of all kinds, and the first hundred of most", () => {
    const kinds = Map.groupBy(metrics, ({ kind }) => kind);
    expect(kinds.size).toBe(5);
    for (const list of kinds.values()) expect(list.length).toBeGreaterThan(metrics.length / 20);
    expect(new Set(metrics.slice(0, 100).map(({ kind }) => kind)).size).toBe(5);
  });

  it("go on", () => {
    const [late] = inventedMetrics(type, scenario.services).drop(20_000).take(1);
    expect(late?.name).toBeDefined();
  });
});

describe("a run", () => {
  it.each([2000, 10_000])("has as many as %i names, all different", (count) => {
    for (const types of [config.metrics.types, METRIC_TYPES]) {
      const names = selectMetrics(types, count, estate).map(({ name }) => name);
      expect(new Set(names).size).toBe(count);
    }
  });

  it("has the whole catalogue of its types before anything else", () => {
    const chosen = new Set(selectMetrics(["k8s_pod", "host_metrics"], 150, estate).map(({ name }) => name));
    for (const { name } of [...CATALOGUE.k8s_pod, ...CATALOGUE.host_metrics]) expect(chosen).toContain(name);
  });
});
