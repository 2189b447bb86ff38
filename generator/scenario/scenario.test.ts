import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "./scenario.ts";
import { subjectOf } from "./services.ts";

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

  test("stays as it is when a service is added at the end", () => {
    const identities = (count: number) =>
      build({ count }).instances.map(({ id, pod }) => [id, pod.name, pod.ip]);
    expect(identities(9).slice(0, 24)).toEqual(identities(8));
  });

  test("gives numbers to operations, statements and steps in the order of services", () => {
    const { services } = build({ count: 6 });
    for (const key of ["operations", "databaseCalls", "steps", "externalCalls"] as const) {
      const indexes = services.flatMap((service) =>
        (service[key] as readonly { index: number }[]).map(({ index }) => index),
      );
      expect(indexes).toEqual(indexes.map((_, n) => n));
    }
  });

  test.each([
    ["user-service", "users"],
    ["product-catalog", "products"],
    ["inventory-service", "inventories"],
    ["tax-service", "taxes"],
    ["report-worker-2", "reports"],
  ])("knows what %s is about: %s", (service, subject) => {
    expect(subjectOf(service)).toBe(subject);
  });
});
