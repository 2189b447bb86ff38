import { describe, expect, it } from "vitest";
import { generatorConfigSchema } from "../../config.ts";
import { Random } from "../../random.ts";
import { buildScenario } from "../../scenario/scenario.ts";
import { serviceLoad } from "./service-load.ts";
import { splitsOf } from "./service-splits.ts";

const config = generatorConfigSchema.parse({ traces: { services: { count: 12 } } });
const scenario = buildScenario(config, new Random(3).fork("scenario"));
const load = serviceLoad(scenario);

describe("the load of a scenario", () => {
  it("brings every service what its callers ask of it, and entrances what comes from outside", () => {
    const asked = new Float64Array(scenario.operations.length);
    for (const calls of load.calls.values()) {
      for (const [operation, rate] of calls) asked[operation.index]! += rate;
    }
    for (const service of scenario.services) {
      if (scenario.ingress.includes(service)) continue;
      for (const { index } of service.operations)
        expect(load.operations[index]).toBeCloseTo(asked[index]!, 6);
    }
    const [entrance] = scenario.ingress;
    const entered = entrance!.operations.reduce((sum, { index }) => sum + load.operations[index]!, 0);
    expect(entered / entrance!.instances.length).toBeCloseTo(9000, 6);
  });

  it("brings every consumer what its topic is sent", () => {
    expect(scenario.consumers.length).toBeGreaterThan(0);
    for (const { index, topic } of scenario.consumers) {
      expect(load.consumers[index]).toBeCloseTo(load.topics[topic.index]!, 6);
    }
  });

  it("is split without loss: the points of a service add up to its requests", () => {
    for (const service of scenario.services) {
      const { httpServer, rpcServer } = splitsOf(service, load, false, 0.02);
      const points = [...httpServer.rates, ...rpcServer.rates].reduce((sum, rate) => sum + rate, 0);
      const requests = service.operations.reduce((sum, { index }) => sum + load.operations[index]!, 0);
      expect(points * service.instances.length).toBeCloseTo(requests, 4);
    }
  });
});
