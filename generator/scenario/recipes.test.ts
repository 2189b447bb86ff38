import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario, type Scenario } from "./scenario.ts";
import type { Service, Work } from "./services.ts";

function build(services: object, seed = 42): Scenario {
  const config = generatorConfigSchema.parse({ seed, traces: { services } });
  return buildScenario(config, new Random(config.seed));
}

const SCENARIOS = [
  ["five services", build({})],
  ["all names", build({ count: 60 }, 7)],
  ["unknown names", build({ names: ["a", "b", "Ledger API", "42-things", "d"] }, 3)],
  ["one service", build({ count: 1 })],
  ["entrances only", build({ count: 8, ingress: { single: false } })],
  [
    "several entrances",
    build({ count: 12, ingress: { single: false, services: ["api-gateway", "order-service"] } }),
  ],
  ["an entrance of any name", build({ names: ["acme", "inventory", "fraud", "payments"] })],
  [
    "a shop's own names",
    build({ names: ["web-bff", "orders", "orders-worker", "checkout", "payments", "stock"] }),
  ],
] as const;

/** Every recipe, with the service that follows it. */
const recipesOf = ({ operations, consumers }: Scenario): (readonly [Service, readonly Work[]])[] => [
  ...operations.map(({ service, work }) => [service, work] as const),
  ...consumers.map(({ service, work }) => [service, work] as const),
];

describe.each(SCENARIOS)("recipes of %s", (_name, scenario) => {
  test("have two to eight entries, and take about as long as their work", () => {
    for (const [service, work] of recipesOf(scenario)) {
      expect([service.name, work.length >= 2 && work.length <= 8]).toEqual([service.name, true]);
    }
    for (const { latencyMs, work } of [...scenario.operations, ...scenario.consumers]) {
      const sum = work.reduce((ms, entry) => ms + entryMs(entry), 0);
      expect(latencyMs).toBeGreaterThan(sum);
      expect(latencyMs).toBeLessThan(sum + 1 + work.length);
    }
  });

  test("use only what belongs to their service, or call others", () => {
    for (const [service, work] of recipesOf(scenario)) {
      for (const entry of work) {
        if (entry.kind === "database") expect(service.databaseCalls).toContain(entry.call);
        else if (entry.kind === "step") expect(service.steps).toContain(entry.step);
        else if (entry.kind === "external") expect(service.externalCalls).toContain(entry.call);
        else if (entry.kind === "publish") expect(service.topics).toContain(entry.topic);
        else expect(entry.operation.service).not.toBe(service);
      }
    }
  });

  test("never lead back to where they came from, neither by calls nor by events", () => {
    const done = new Set<readonly Work[]>();
    const walk = (work: readonly Work[], path: readonly (readonly Work[])[]): void => {
      expect(path).not.toContain(work);
      if (done.has(work)) return;
      for (const entry of work) {
        if (entry.kind === "call") walk(entry.operation.work, [...path, work]);
        if (entry.kind === "publish") {
          for (const consumer of entry.topic.consumers) walk(consumer.work, [...path, work]);
        }
      }
      done.add(work);
    };
    for (const [, work] of recipesOf(scenario)) walk(work, []);
  });

  test("begin with what customers do: entrances offer nothing else, but to each other", () => {
    const entrances = new Set<Service>(scenario.ingress);
    for (const service of scenario.services) {
      expect(service.exposed.length > 0).toBe(entrances.has(service));
      for (const operation of service.exposed) {
        expect(service.operations).toContain(operation);
        const hasPublic = service.operations.some(({ endpoint }) => endpoint.isPublic);
        expect([operation.name, operation.endpoint.isPublic]).toEqual([operation.name, hasPublic]);
      }
      if (scenario.ingress.length < scenario.services.length && entrances.has(service)) {
        expect(service.operations).toEqual(service.exposed);
      }
    }
  });

  test("publish last, and only where something changes", () => {
    for (const { work, endpoint } of scenario.operations) {
      const at = work.findIndex(({ kind }) => kind === "publish");
      if (at < 0) continue;
      expect(at).toBe(work.length - 1);
      expect(endpoint.reads).toBe(false);
    }
    for (const { work } of scenario.consumers)
      expect(work.some(({ kind }) => kind === "publish")).toBe(false);
  });

  test("reach every service from the entrances, by calls or by events", () => {
    const reached = new Set<Service>(scenario.ingress);
    for (const service of reached) {
      for (const { service: callee } of service.calls) reached.add(callee);
      for (const { consumers } of service.topics)
        for (const { service: worker } of consumers) reached.add(worker);
    }
    expect(scenario.services.filter((service) => !reached.has(service)).map(({ name }) => name)).toEqual([]);
  });
});

describe.each(SCENARIOS)(
  "names in %s",
  (_name, { services, operations, topics, databaseCalls, consumers }) => {
    test("are unique where they must be", () => {
      for (const service of services) {
        const names = service.operations.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }
      const rpc = operations.flatMap((operation) =>
        operation.protocol === "grpc" ? [operation.rpcMethod] : [],
      );
      expect(new Set(rpc).size).toBe(rpc.length);
      expect(new Set(topics.map(({ name }) => name)).size).toBe(topics.length);
      const owners = new Map(databaseCalls.map(({ address, service }) => [address, service]));
      for (const { address, service } of databaseCalls) expect(owners.get(address)).toBe(service);
    });

    test("of gRPC methods are package.vN.Service/Method, and entrances speak HTTP", () => {
      for (const operation of operations) {
        expect(operation.protocol).toBe(operation.service.protocol);
        if (operation.protocol !== "grpc") continue;
        expect(operation.rpcMethod).toMatch(
          /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v1\.[A-Z]\w*Service\/[A-Z]\w*$/,
        );
        expect(operation.name).toBe(operation.rpcMethod);
      }
    });

    test("of HTTP spans are method and route, the route's parameter as the framework writes it", () => {
      for (const operation of operations) {
        if (operation.protocol !== "http") continue;
        const { method, route, name, pathParts, service } = operation;
        expect(name).toBe(`${method} ${route}`);
        expect(pathParts.join(service.language.parameter("id"))).toBe(route);
        expect(route).toMatch(/^\/[a-z0-9/:{}-]+$/i);
      }
    });

    test("of tables are those of the domain, in text and summary of the statement", () => {
      for (const { service, statement, table, summary, system } of databaseCalls) {
        if (system.name === "redis") {
          expect(statement.text).toContain(service.domain.entity.length > 0 ? statement.operation : "");
          continue;
        }
        expect(service.domain.tables.map(({ name }) => name)).toContain(table);
        expect(summary).toContain(table);
        if (system.name !== "elasticsearch") expect(statement.text).toContain(table);
        expect(statement.text).not.toContain("undefined");
      }
    });

    test("of consumer groups say who consumes; nobody consumes what it publishes", () => {
      for (const { topic, service, group } of consumers) {
        expect(topic.producer).not.toBe(service);
        expect(group).toContain(service.name);
        expect(service.consumers.some((consumer) => consumer.topic === topic)).toBe(true);
      }
    });
  },
);

describe("a scenario of many services", () => {
  const scenario = build({ count: 60 }, 7);

  test("has two fifths of the services behind the entrance on gRPC", () => {
    const behind = scenario.services.slice(1);
    const share = behind.filter(({ protocol }) => protocol === "grpc").length / behind.length;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.45);
  });

  test("has typical latencies in the ranges of their kinds", () => {
    for (const { latencyMs, system } of scenario.databaseCalls) {
      expect(latencyMs).toBeGreaterThan(system.name === "redis" ? 0.15 : 0.7);
      expect(latencyMs).toBeLessThan(system.name === "redis" ? 1.5 : 30);
    }
    for (const { latencyMs } of scenario.steps) expect(latencyMs >= 0.1 && latencyMs <= 8).toBe(true);
    for (const { latencyMs } of scenario.externalCalls)
      expect(latencyMs >= 25 && latencyMs <= 400).toBe(true);
  });

  test("uses every language, several databases and both kinds of brokers", () => {
    expect(new Set(scenario.services.map(({ language }) => language.sdk)).size).toBe(8);
    expect(new Set(scenario.databaseCalls.map(({ system }) => system.name)).size).toBe(6);
    expect(new Set(scenario.topics.map(({ system }) => system))).toEqual(new Set(["kafka", "rabbitmq"]));
  });
});

function entryMs(entry: Work): number {
  switch (entry.kind) {
    case "call":
      return entry.operation.latencyMs;
    case "step":
      return entry.step.latencyMs;
    case "publish":
      return entry.topic.latencyMs;
    default:
      return entry.call.latencyMs;
  }
}
