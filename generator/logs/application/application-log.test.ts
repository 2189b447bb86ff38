import { describe, expect, test } from "vitest";
import { DOMAINS } from "../../scenario/domains.ts";
import { slotNames } from "../text-template.ts";
import { writtenLogs } from "../written-logs.ts";
import { placeOf } from "./moment.ts";

const ALL = {
  http_access: { percentage: 0 },
  application: { percentage: 100, services: 8 },
  system: { percentage: 0 },
};
const { records, spans, scenario } = await writtenLogs(
  { count: 800, services: { count: 8 }, spans: { error_rate: 0.05 } },
  { count: 6000, types: ALL },
);
const linked = records.filter(({ trace }) => trace !== "");
const spanOf = ({ trace, span }: { trace: string; span: string }) => spans.get(trace + span)!;

describe("application logs", () => {
  test("come from the services asked for, entrances first", async () => {
    const { records: few } = await writtenLogs(
      { count: 100, services: { names: ["a", "b", "c"], ingress: { service: "b" } } },
      { count: 300, types: { ...ALL, application: { percentage: 100, services: 2 } } },
    );
    expect(new Set(few.map(({ resource }) => resource.get("service.name")))).toEqual(new Set(["a", "b"]));
    expect(new Set(records.map(({ resource }) => resource.get("service.name"))).size).toBe(8);
  });

  test("have all severities, INFO the most, TRACE and FATAL the least, spelled by each language", () => {
    const counts = Map.groupBy(records, ({ severity }) => severity);
    const share = (severity: number) => (counts.get(severity)?.length ?? 0) / records.length;
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 5, 9, 13, 17, 21]);
    for (const other of [5, 13, 17]) expect(share(9)).toBeGreaterThan(1.3 * share(other));
    for (const rare of [1, 21]) expect(share(rare)).toBeLessThan(0.03);
    const words: Record<number, RegExp> = {
      1: /^trace$/i,
      5: /^debug$/i,
      9: /^info(rmation)?$/i,
      13: /^warn(ing)?$/i,
      17: /^error$/i,
      21: /^(fatal|critical)$/i,
    };
    for (const { severity, severityText } of records) expect(severityText).toMatch(words[severity]!);
  });

  test("of severity ERROR, and only those, have an exception: that of their span", () => {
    for (const { severity, attributes } of records)
      expect(attributes.has("exception.type")).toBe(severity === 17);
    const errors = linked.filter(({ severity }) => severity === 17);
    expect(errors.length).toBeGreaterThan(50);
    for (const record of errors) {
      const { exception, error } = spanOf(record);
      expect(error).toBe(true);
      for (const key of ["exception.type", "exception.message", "exception.stacktrace"]) {
        expect(record.attributes.get(key)).toBe(exception?.get(key));
      }
    }
  });

  test("outside any request fail for the reason that their exception gives", () => {
    const failed = records.filter(
      ({ severity, trace, attributes }) =>
        severity === 17 && trace === "" && attributes.has("shop.failure.reason"),
    );
    expect(failed.length).toBeGreaterThan(5);
    for (const { attributes } of failed) {
      const [reason] = String(attributes.get("exception.message")).split("\n");
      expect(attributes.get("shop.failure.reason")).toBe(reason);
    }
  });

  test("of a span that fails without an exception warn", () => {
    for (const record of linked) {
      const { error, exception } = spanOf(record);
      if (error && !exception) expect([9, 13]).toContain(record.severity);
    }
  });

  test("agree with their span in all that both have", () => {
    let compared = 0;
    for (const record of linked) {
      const { attributes: told } = spanOf(record);
      for (const [key, value] of record.attributes) {
        if (/^(code|thread|exception)\./.test(key) || !told.has(key)) continue;
        expect([key, value]).toEqual([key, told.get(key)]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  test("tell the rows that a statement gave back", () => {
    const told = linked.filter(({ attributes }) => attributes.has("db.response.returned_rows"));
    expect(told.length).toBeGreaterThan(5);
    for (const record of told) {
      const rows = spanOf(record).attributes.get("db.response.returned_rows");
      expect(record.attributes.get("db.response.returned_rows")).toBe(rows);
      expect(record.body).toContain(`${rows} rows`);
    }
  });

  test("tell how long their span took", () => {
    const timed = linked.filter(({ attributes }) => attributes.has("shop.duration_ms"));
    expect(timed.length).toBeGreaterThan(300);
    for (const record of timed) {
      const ms = spanOf(record).durationNs / 1e6;
      expect(Math.abs(Number(record.attributes.get("shop.duration_ms")) - ms)).toBeLessThanOrEqual(0.5);
    }
  });

  test("are lines of the console, or structured records with the code they come from, by the service", () => {
    const styles = new Map<unknown, Set<boolean>>();
    for (const { attributes, resource } of records) {
      const bridged = attributes.has("code.function.name");
      expect(attributes.has("log.file.path")).toBe(!bridged);
      const service = resource.get("service.name");
      styles.set(service, (styles.get(service) ?? new Set()).add(bridged));
    }
    for (const own of styles.values()) expect(own.size).toBe(1);
    expect(new Set([...styles.values()].flatMap((own) => [...own])).size).toBe(2);
  });

  test("that are lines of JSON can be read, and say the span's ids", () => {
    const lines = records.filter(({ body }) => /^\{"(level|severity|Timestamp)":/.test(body));
    expect(lines.length).toBeGreaterThan(100);
    for (const { body, trace } of lines) {
      const fields = JSON.parse(body);
      if (trace) expect(fields.trace_id ?? fields.TraceId).toBe(trace);
    }
  });

  test("call the errors of Node.js by their classes, and keys of a cache no collections", () => {
    const errors = records.flatMap(({ body }) => /"err":\{"type":"([^"]*)"/.exec(body)?.[1] ?? []);
    expect(errors.length).toBeGreaterThan(5);
    for (const type of errors) expect(type).toMatch(/^[A-Z]\w*Error$|^Error$|^KafkaJS\w+$/);
    for (const { attributes, body } of records) {
      const statement = String(attributes.get("db.query.text") ?? body);
      if (/\b(M?GET|SETEX|DEL|HGETALL) \w+:/.test(statement))
        expect(attributes.has("db.collection.name")).toBe(false);
    }
  });

  test("have no place left open, parameters of routes aside", () => {
    for (const { body } of records) expect(body).not.toMatch(/\{(?!id\})\w+\}|undefined ms|\bNaN\b/);
  });

  test("are events where something was published, or nobody handled an exception", () => {
    const events = records.filter(({ event }) => event !== "");
    expect(events.length).toBeGreaterThan(5);
    for (const { event, severity, attributes } of events) {
      if (severity === 17) expect(event).toMatch(/^(http\.server\.request|rpc\.server\.call)\.exception$/);
      else expect(event).toBe(attributes.get("shop.event.type"));
    }
  });

  test("know the places of all messages of all domains", () => {
    for (const { messages } of DOMAINS) {
      for (const { text } of messages)
        for (const name of slotNames(text)) expect(() => placeOf(name)).not.toThrow();
    }
  });

  test("of the console name the pod whose file they stand in", () => {
    const pods = new Set<string>(scenario.infrastructure.pods.map(({ name, uid }) => `${name}_${uid}`));
    for (const { attributes } of records) {
      const path = attributes.get("log.file.path");
      if (path === undefined) continue;
      const [, pod] = /^\/var\/log\/pods\/[^_]+_([^/]+)\/[^/]+\/\d+\.log$/.exec(String(path)) ?? [];
      expect(pods.has(pod!)).toBe(true);
    }
  });
});
