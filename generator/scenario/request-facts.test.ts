import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import * as facts from "./request-facts.ts";
import { buildScenario } from "./scenario.ts";

const scenario = buildScenario(
  generatorConfigSchema.parse({ traces: { services: { count: 30 } } }),
  new Random(1),
);
const random = new Random(9);
const words = Array.from({ length: 4000 }, () => random.word());

describe("clients", () => {
  test("have addresses that are nobody's, each another one", () => {
    const addresses = Array.from({ length: facts.CLIENT_ADDRESSES }, (_, n) => facts.clientAddress(n));
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) {
      expect(address).toMatch(
        /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$|^2001:db8:[0-9a-f]{1,4}:[0-9a-f]{1,4}::[0-9a-f]{1,4}$/,
      );
    }
  });

  test.each([
    ["addresses", facts.clientOf, facts.CLIENT_ADDRESSES],
    ["user agents", facts.userAgentOf, facts.USER_AGENT_COUNT],
    ["users", facts.userOf, facts.USERS],
    ["tenants", (word: number) => facts.tenantOf(facts.userOf(word)), facts.TENANTS],
  ])("are spread over all %s, some more often than others", (_what, ordinalOf, count) => {
    const seen = new Map<number, number>();
    for (const word of words) {
      const ordinal = ordinalOf(word);
      expect(Number.isInteger(ordinal) && ordinal >= 0 && ordinal < count).toBe(true);
      seen.set(ordinal, (seen.get(ordinal) ?? 0) + 1);
    }
    expect(seen.size).toBeGreaterThan(Math.min(count, words.length) * 0.4);
    expect(Math.max(...seen.values())).toBeGreaterThan(
      (3 * words.length) / Math.max(count, words.length) / 2,
    );
  });

  test("name thirty user agents and more, each another one", () => {
    const agents = Array.from({ length: facts.USER_AGENT_COUNT }, (_, n) => facts.userAgent(n));
    expect(agents.length).toBeGreaterThan(30);
    expect(new Set(agents).size).toBe(agents.length);
  });

  test("have users, tenants and sessions whose names differ", () => {
    const users = Array.from({ length: facts.USERS }, (_, n) => facts.userId(n));
    expect(new Set(users).size).toBe(users.length);
    expect(new Set(Array.from({ length: facts.TENANTS }, (_, n) => facts.tenantId(n))).size).toBe(
      facts.TENANTS,
    );
    expect(new Set(words.map(facts.sessionId)).size).toBe(new Set(words).size);
  });

  test("come from somewhere at times, from pages that are nobody's", () => {
    const referers = words.map(facts.refererOf);
    const none = referers.filter((referer) => referer === "").length / referers.length;
    expect(none).toBeGreaterThan(0.35);
    expect(none).toBeLessThan(0.55);
    for (const referer of referers)
      expect(referer).toMatch(/^$|^https:\/\/[a-z]+\.example\.(com|org|net)\/\S*$/);
  });
});

describe("requests", () => {
  test("have paths that fit their route, and queries where the endpoint has one", () => {
    for (const operation of scenario.operations) {
      if (operation.protocol !== "http") continue;
      const [before, after] = operation.pathParts;
      for (const word of words.slice(0, 20)) {
        const path = facts.pathOf(operation, word);
        if (after === undefined) expect(path).toBe(before);
        else expect(path.slice(before!.length, path.length - after.length)).toMatch(/^[A-Za-z0-9-]+$/);
        expect(facts.queryOf(operation, word) !== "").toBe(operation.query !== "");
      }
    }
  });

  test("are answered with lists that are longer than single things, and nothing where there is no content", () => {
    const mean = (verb: string, status = 200): number => {
      const operation = scenario.operations.find(({ endpoint }) => endpoint.verb === verb)!;
      return (
        words.reduce((sum, word) => sum + facts.responseSizeOf(operation, status, word), 0) / words.length
      );
    };
    expect(mean("ListOrders")).toBeGreaterThan(3 * mean("GetOrder"));
    expect(mean("GetOrder")).toBeGreaterThan(300);
    expect(mean("GetOrder", 404)).toBeLessThan(260);
    expect(mean("ListOrders", 304)).toBe(0);
    expect(mean("ListOrders", 204)).toBe(0);
  });

  test("carry a body only where they bring something", () => {
    for (const operation of scenario.operations) {
      const { method } = operation.endpoint;
      const size = facts.requestSizeOf(operation, 77);
      expect(size > 0).toBe(method !== "GET" && method !== "DELETE");
    }
  });
});
