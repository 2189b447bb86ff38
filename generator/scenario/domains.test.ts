import { describe, expect, test } from "vitest";
import { DOMAINS, type Domain, domainOf } from "./domains.ts";
import { fillIn } from "./wording.ts";

const ALL: readonly Domain[] = [...DOMAINS, domainOf("ledger-service"), domainOf("audit-log")];
const named = ALL.map((domain) => [domain.collection, domain] as const);
const endpointsOf = new Map(
  DOMAINS.flatMap((domain) =>
    domain.endpoints.map((endpoint) => [endpoint.verb, { domain, endpoint }] as const),
  ),
);

describe.each(named)("the domain of %s", (_name, domain) => {
  test("has enough to say at each level", () => {
    const count = (level: string) => domain.messages.filter((message) => message.level === level).length;
    expect(count("INFO")).toBeGreaterThanOrEqual(6);
    expect(count("DEBUG")).toBeGreaterThanOrEqual(3);
    expect(count("WARN")).toBeGreaterThanOrEqual(3);
    expect(count("ERROR")).toBeGreaterThanOrEqual(2);
    expect(domain.failures.length).toBeGreaterThanOrEqual(4);
  });

  test("has texts whose placeholders are all known, and queries that are well-formed", () => {
    const texts = [
      ...domain.messages.map(({ text }) => text),
      ...domain.failures.map(({ message }) => message),
    ];
    for (const text of texts) {
      expect(text).not.toBe("");
      expect(fillIn(text, domain, 123_456_789)).not.toMatch(/[{}]/);
    }
    for (const { query } of domain.endpoints) {
      if (query) expect(fillIn(query, domain, 99)).toMatch(/^[a-z]+=[^&=\s{}]+(&[a-z]+=[^&=\s{}]+)*$/i);
    }
  });

  test("has one to four tables with a key, and lower-case names", () => {
    expect(domain.tables.length).toBeGreaterThanOrEqual(1);
    expect(domain.tables.length).toBeLessThanOrEqual(4);
    for (const { name, columns } of domain.tables) {
      expect(columns.length).toBeGreaterThanOrEqual(3);
      expect(new Set(columns).size).toBe(columns.length);
      for (const text of [name, ...columns]) expect(text).toMatch(/^[a-z][a-z0-9_]*$/);
    }
  });

  test("has endpoints with names of their own, and publishes events about its own things", () => {
    const verbs = domain.endpoints.map(({ verb }) => verb);
    expect(new Set(verbs).size).toBe(verbs.length);
    for (const { ms, successCode, path } of domain.endpoints) {
      expect(ms).toBeGreaterThan(0);
      expect([200, 201, 202, 204]).toContain(successCode);
      expect(path).toMatch(/^(\/[a-zA-Z]+)*$/);
    }
    for (const event of domain.events) expect(event.startsWith(`${domain.entity}.`)).toBe(true);
  });

  test("calls only what some domain further on answers; questions ask only questions, and publish nothing", () => {
    for (const { verb, calls, reads, event } of domain.endpoints) {
      if (reads) expect([verb, event]).toEqual([verb, ""]);
      for (const call of calls) {
        const callee = endpointsOf.get(call);
        expect([verb, call, callee === undefined]).toEqual([verb, call, false]);
        expect(callee!.domain.layer >= domain.layer).toBe(true);
        if (reads) expect([verb, call, callee!.endpoint.reads]).toEqual([verb, call, true]);
      }
    }
  });

  test("asks hosts outside where its endpoints say so, all of them nobody's", () => {
    if (domain.externals.length > 0) expect(domain.endpoints.some(({ external }) => external)).toBe(true);
    for (const { host, ms } of domain.externals) {
      expect(host).toMatch(/^[a-z.]+\.example\.(com|org|net)$/);
      expect(ms).toBeGreaterThanOrEqual(40);
      expect(ms).toBeLessThanOrEqual(300);
    }
  });
});

describe("domains", () => {
  test("act on events that another one publishes", () => {
    const events = new Set(DOMAINS.flatMap((domain) => domain.events));
    for (const { collection, consumes, events: own } of DOMAINS) {
      for (const event of consumes) {
        expect([collection, event, events.has(event)]).toEqual([collection, event, true]);
        expect(own).not.toContain(event);
      }
    }
  });

  test("have verbs that no other domain has", () => {
    const verbs = DOMAINS.flatMap(({ endpoints }) => endpoints.map(({ verb }) => verb));
    expect(verbs.filter((verb, place) => verbs.indexOf(verb) !== place)).toEqual([]);
  });

  test.each([
    ["user-service", "users"],
    ["product-catalog", "products"],
    ["productcatalogservice", "products"],
    ["cartservice", "carts"],
    ["fraud-detection", "fraud_checks"],
    ["feature-flags", "flags"],
    ["api-gateway", "pages"],
    ["Web BFF", "pages"],
    ["storefront", "pages"],
    ["shopfrontend", "pages"],
    ["mobile-gateway", "pages"],
    ["payment-gateway", "payments"],
    ["order-worker-2", "orders"],
    ["ledger-service", "ledgers"],
    ["policy-api", "policies"],
    ["audit.log", "audit_logs"],
    ["42", "thing_42s"],
    ["...", "things"],
  ])("of %s is %s", (service, collection) => {
    expect(domainOf(service).collection).toBe(collection);
  });

  test.each(["storefront", "www", "portal", "customer-portal", "edge", "acme", "b"])(
    "of %s is no subject where others are asked through it",
    (service) => {
      expect(domainOf(service, true).collection).toBe("pages");
    },
  );
});
