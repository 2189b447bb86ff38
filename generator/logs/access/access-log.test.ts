import { describe, expect, test } from "vitest";
import { writtenLogs } from "../written-logs.ts";

const { records, spans, scenario } = await writtenLogs(
  { count: 800 },
  {
    count: 3000,
    types: { http_access: { percentage: 100 }, application: { percentage: 0 }, system: { percentage: 0 } },
  },
);
const linked = records.filter(({ trace }) => trace !== "");

const COMMON = /^(\S+) - - \[(.+)\] "(\w+) (\S+) HTTP\/(\S+)" (\d+) (\d+|-)$/;
const COMBINED = /^(\S+) - - \[(.+)\] "(\w+) (\S+) HTTP\/(\S+)" (\d+) (\d+) "(.+)" "(.+)"$/;

describe("access logs", () => {
  test("say in the line what the attributes say, in one format per service", () => {
    const formats = new Map<unknown, Set<boolean>>();
    for (const { body, attributes, resource } of records) {
      const combined = COMBINED.exec(body);
      const line = combined ?? COMMON.exec(body);
      const query = attributes.get("url.query");
      const version = String(attributes.get("network.protocol.version"));
      const size = attributes.get("http.response.body.size");
      expect(line?.slice(1, 8)).toEqual([
        attributes.get("client.address"),
        "01/Jan/1970:00:00:00 +0000",
        attributes.get("http.request.method"),
        `${attributes.get("url.path")}${query ? `?${query}` : ""}`,
        version === "2" ? "2.0" : version,
        String(attributes.get("http.response.status_code")),
        size === 0 && !combined ? "-" : String(size),
      ]);
      if (combined) {
        const [referer] = (attributes.get("http.request.header.referer") ?? ["-"]) as string[];
        expect(combined.slice(8)).toEqual([referer, attributes.get("user_agent.original") ?? "-"]);
      }
      const service = resource.get("service.name");
      formats.set(service, (formats.get(service) ?? new Set()).add(combined !== null));
    }
    for (const own of formats.values()) expect(own.size).toBe(1);
  });

  test("of a span tell the same request, and no request has two", () => {
    expect(linked.length).toBeGreaterThan(700);
    expect(new Set(linked.map(({ trace }) => trace)).size).toBe(linked.length);
    for (const { trace, span, attributes } of linked) {
      const told = spans.get(trace + span)!.attributes;
      for (const key of [
        "http.request.method",
        "url.path",
        "url.query",
        "http.route",
        "http.response.status_code",
        "client.address",
        "user_agent.original",
        "server.address",
        "network.protocol.version",
      ]) {
        expect([key, attributes.get(key)]).toEqual([key, told.get(key)]);
      }
      const size = told.get("http.response.body.size");
      if (size !== undefined) expect(attributes.get("http.response.body.size")).toBe(size);
    }
  });

  test("have levels that follow the status", () => {
    for (const { severity, attributes } of records) {
      const status = Number(attributes.get("http.response.status_code"));
      expect(severity).toBe(status >= 500 ? 17 : status >= 400 ? 13 : 9);
    }
  });

  test("tell of health checks from the pods' own machines, and of strangers at entrances only", () => {
    const machines = new Set(scenario.infrastructure.nodes.map(({ ip }) => ip));
    const probes = records.filter(({ body }) => /GET \/(healthz|readyz) /.test(body));
    expect(probes.length).toBeGreaterThan(20);
    for (const { attributes } of probes) {
      expect(machines.has(String(attributes.get("client.address")))).toBe(true);
      expect(attributes.get("network.protocol.version")).toBe("1.1");
    }
    const entrances = new Set<unknown>(scenario.ingress.map(({ name }) => name));
    const unrouted = records.filter(({ attributes }) => !attributes.has("http.route"));
    expect(unrouted.length).toBeGreaterThan(5);
    for (const { attributes, resource, trace } of unrouted) {
      expect(entrances.has(resource.get("service.name"))).toBe(true);
      expect([403, 404]).toContain(attributes.get("http.response.status_code"));
      expect(trace).toBe("");
    }
  });

  test("are those of services that speak HTTP", () => {
    const names = new Set(records.map(({ resource }) => resource.get("service.name")));
    for (const { name, protocol } of scenario.services) if (names.has(name)) expect(protocol).toBe("http");
    expect(names.size).toBeGreaterThan(1);
  });
});
