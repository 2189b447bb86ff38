import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "./scenario.ts";

type Services = object;

function build(services: Services, seed = 42) {
  const config = generatorConfigSchema.parse({ seed, traces: { services } });
  return buildScenario(config, new Random(config.seed));
}

describe("a scenario", () => {
  test("has the services of the config, in namespaces round robin, assignments first", () => {
    const { services } = build({
      names: ["a", "b", "c"],
      namespaces: ["front", "back"],
      namespace_assignments: { c: "special" },
    });
    expect(services.map(({ name, namespace }) => [name, namespace])).toEqual([
      ["a", "front"],
      ["b", "back"],
      ["c", "special"],
    ]);
    for (const { namespace, instances } of services) {
      for (const { pod } of instances) expect(pod.deployment.namespace.name).toBe(namespace);
    }
  });

  test("runs each instance in a pod of its own", () => {
    const { instances } = build({ count: 4, instances: 5 });
    expect(instances.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(new Set(instances.map(({ pod }) => pod.uid)).size).toBe(20);
    expect(new Set(instances.map(({ id }) => id)).size).toBe(20);
  });

  test.each([
    ["one entrance", { count: 8 }],
    [
      "several entrances",
      { count: 8, ingress: { single: false, services: ["api-gateway", "order-service"] } },
    ],
    ["entrances only", { count: 8, ingress: { single: false } }],
  ])("has calls between services that never run in circles: %s", (_name, services) => {
    const scenario = build(services);
    const depth = (index: number, path: number[]): number => {
      expect(path).not.toContain(index);
      const called = new Set(scenario.services[index]!.calls.map(({ service }) => service.index));
      return 1 + Math.max(0, ...[...called].map((next) => depth(next, [...path, index])));
    };
    expect(Math.max(...scenario.ingress.map(({ index }) => depth(index, [])))).toBeGreaterThan(2);
  });

  test("stays as it is when a service is added at the end: who each service is, what it has and how fast it is", () => {
    const own = (count: number) =>
      build({ count })
        .services.slice(1, 8)
        .map((service) => ({
          instances: service.instances.map(({ id, version, pod }) => [id, version, pod.name, pod.ip]),
          statements: service.databaseCalls.map(({ summary, latencyMs, peer }) => [summary, latencyMs, peer]),
          steps: service.domain.steps
            .map((_, place) => service.steps[place]!)
            .map(({ name, line, latencyMs }) => [name, line, latencyMs]),
          operations: service.operations.map(({ name }) => name),
          topics: service.topics.map(({ name, partitions, latencyMs }) => [name, partitions, latencyMs]),
        }));
    expect(own(9)).toEqual(own(8));
  });

  test("is the same for the same seed, and another for another", () => {
    const shape = (seed: number) =>
      build({ count: 12 }, seed).operations.map(({ name, latencyMs, work }) => [
        name,
        latencyMs,
        work.map(({ kind }) => kind),
      ]);
    expect(shape(5)).toEqual(shape(5));
    expect(shape(5)).not.toEqual(shape(6));
  });

  test.each([
    "instances",
    "operations",
    "databaseCalls",
    "steps",
    "externalCalls",
    "topics",
    "consumers",
  ] as const)("numbers its %s by their place in its list, which holds those of all services", (key) => {
    const scenario = build({ count: 16 });
    const list: readonly { readonly index: number }[] = scenario[key];
    expect(list.map(({ index }) => index)).toEqual(list.map((_, n) => n));
    const ofServices = scenario.services.flatMap((service): readonly object[] => service[key]);
    expect(new Set(ofServices)).toEqual(new Set(list));
  });
});
