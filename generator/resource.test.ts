import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "./config.ts";
import { Random } from "./random.ts";
import { serviceAttributes } from "./resource.ts";
import { buildScenario } from "./scenario/scenario.ts";

const config = generatorConfigSchema.parse({ traces: { services: { count: 26, instances: 6 } } });
const { instances, services } = buildScenario(config, new Random(2));

describe("the resource of a service", () => {
  test("says where it runs as its pod does, and which version of what", () => {
    for (const instance of instances) {
      const { service, pod, version, id } = instance;
      expect(serviceAttributes(instance)).toMatchObject({
        "service.name": service.name,
        "service.namespace": service.namespace,
        "service.version": version,
        "service.instance.id": id,
        "telemetry.sdk.language": service.language.sdk,
        "k8s.pod.name": pod.name,
        "k8s.node.name": pod.node.name,
        "host.name": pod.node.name,
        "container.id": pod.containers[0]!.id,
        "container.image.tags": [version],
        "cloud.availability_zone": pod.node.zone,
      });
    }
  });

  test("has a new version in one instance of six where one is rolled out, else the service's", () => {
    const rolling = services.filter((service) => {
      const others = service.instances.filter(({ version }) => version !== service.version);
      expect([0, 1]).toContain(others.length);
      return others.length === 1;
    });
    expect(rolling.length).toBeGreaterThan(2);
    expect(rolling.length).toBeLessThan(services.length / 2);
  });

  test("has what the detectors of its language find, one type per key over all languages", () => {
    const types = new Map<string, string>();
    const keysOfLanguages = new Map<string, string>();
    for (const instance of instances) {
      const attributes = serviceAttributes(instance);
      for (const [key, value] of Object.entries(attributes)) {
        const type = Array.isArray(value) ? "array" : typeof value;
        expect([key, types.get(key) ?? type]).toEqual([key, type]);
        types.set(key, type);
        expect([key, String(value)]).not.toEqual([key, ""]);
        expect(String(value)).not.toMatch(/undefined|[{}]/);
      }
      keysOfLanguages.set(instance.service.language.sdk, Object.keys(attributes).join());
    }
    expect(keysOfLanguages.size).toBe(8);
    expect(new Set(keysOfLanguages.values()).size).toBe(8);
  });
});
