import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import { CollectedFrames } from "../collected-frames.ts";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { makeSamples } from "../span-sample.ts";
import { writeTraces } from "../traces/write-traces.ts";
import { TIME_TEXT } from "./log-record.ts";
import { writeLogs } from "./write-logs.ts";

const TEXTS = Object.values(TIME_TEXT);

interface Rec {
  frame: number;
  kind: "access" | "application" | "system";
  resource: Map<string, unknown>;
  severity: number;
  body: string;
  attributes: Map<string, unknown>;
  times: [number, number];
  trace: string;
  span: string;
}

type Input = Parameters<typeof generatorConfigSchema.parse>[0];

async function write(traces: object, logs: object, seed = 42) {
  const config = generatorConfigSchema.parse({ seed, traces, logs } as Input);
  const random = new Random(config.seed);
  const scenario = buildScenario(config, random);
  const traceFrames = new CollectedFrames("traces");
  const samples = makeSamples(config.logs.count, random.fork("samples"));
  await writeTraces(config, scenario, random.fork("traces"), traceFrames, samples);
  const frames = new CollectedFrames("logs");
  const totals = await writeLogs(config, scenario, random.fork("logs"), frames, samples);
  return { totals, frames, scenario, traceFrames, records: recordsOf(frames) };
}

function recordsOf(frames: CollectedFrames<"logs">): Rec[] {
  return frames.requests.flatMap(({ resourceLogs }, frame) =>
    resourceLogs!.flatMap(({ resource, scopeLogs }) =>
      scopeLogs!.flatMap(({ scope, logRecords }) =>
        logRecords!.map((record) => ({
          frame,
          kind: ({ "access-log": "access", syslog: "system" } as const)[scope!.name!] ?? "application",
          resource: valuesOf(resource!.attributes!),
          severity: record.severityNumber!,
          body: record.body!.stringValue!,
          attributes: valuesOf(record.attributes!),
          times: [Number(record.timeUnixNano), Number(record.observedTimeUnixNano)] as [number, number],
          trace: Buffer.from(record.traceId ?? []).toString("hex"),
          span: Buffer.from(record.spanId ?? []).toString("hex"),
        })),
      ),
    ),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an attribute holds
function valuesOf(attributes: any[]): Map<string, unknown> {
  return new Map(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? (value.intValue === undefined ? value : Number(value.intValue)),
    ]),
  );
}

const run = await write({ count: 500 }, { count: 5003 });
const { records, totals, frames, traceFrames, scenario } = run;
const byKind = Map.groupBy(records, ({ kind }) => kind);

/** Spans of the trace file by template ids: the service instance and what logs must agree with. */
const spans = new Map(
  traceFrames.requests.flatMap(({ resourceSpans }) =>
    resourceSpans!.flatMap(({ resource, scopeSpans }) =>
      scopeSpans!.flatMap(({ spans: own }) =>
        own!.map((span) => [
          Buffer.from(span.traceId!).toString("hex") + Buffer.from(span.spanId!).toString("hex"),
          {
            instance: valuesOf(resource!.attributes!).get("service.instance.id"),
            attributes: valuesOf(span.attributes!),
            exception: span.events?.[0] ? valuesOf(span.events[0].attributes!) : undefined,
            error: span.status?.code === 2,
          },
        ]),
      ),
    ),
  ),
);

describe("log records", () => {
  test("come in the exact number and shares, by largest remainder", () => {
    expect(records.length).toBe(5003);
    expect([...byKind].map(([kind, own]) => [kind, own.length]).toSorted()).toEqual([
      ["access", 2001],
      ["application", 2001],
      ["system", 1001],
    ]);
  });

  test("carry both times as zero", () => {
    expect(records.filter(({ times }) => times[0] !== 0 || times[1] !== 0)).toEqual([]);
  });

  test("come in frames of several resources, a few hundred records each, below the limit", () => {
    expect(frames.items.slice(0, -1).every((items) => items >= 100 && items <= 500)).toBe(true);
    expect(Math.max(...frames.sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    for (const { resourceLogs } of frames.requests) {
      const ids = resourceLogs!.map(({ resource }) => JSON.stringify(resource!.attributes));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test("name spans that are in the trace file, made by the same process, in the order of the traces", () => {
    const linked = records.filter(({ trace }) => trace !== "");
    expect(linked.length).toBe(totals.linked);
    expect(linked.length).toBeGreaterThan(1500);
    const strangers = linked.filter(
      ({ trace, span, resource }) =>
        spans.get(trace + span)?.instance !== resource.get("service.instance.id"),
    );
    expect(strangers).toEqual([]);
    const frameOf = Map.groupBy(linked, ({ frame }) => frame);
    const middles = [...frameOf.values()].map(
      (own) => own.map(({ trace }) => trace).toSorted()[own.length >> 1]!,
    );
    expect(middles).toEqual(middles.toSorted());
  });

  test("have at most one time text each, and ids in text only their own", () => {
    for (const { body, trace, span } of records) {
      const found = TEXTS.filter((text) => body.includes(text));
      expect(found.length).toBeLessThanOrEqual(1);
      if (found[0]) expect(body.split(found[0]).length).toBe(2);
      for (const [id] of body.matchAll(/7374616d70656465[0-9a-f]{16}/g)) expect(id).toBe(trace);
      const spanId = /span_id\W+([0-9a-f]{16})/.exec(body)?.[1];
      if (spanId) expect(spanId).toBe(span);
    }
    expect(records.some(({ body, trace }) => trace && body.includes(trace))).toBe(true);
  });
});

describe("access logs", () => {
  const own = byKind.get("access")!;

  test("say in the line what the attributes say", () => {
    for (const { body, attributes } of own) {
      const line = /^(\S+) - - \[(.+)\] "(\w+) (\S+) HTTP\/2\.0" (\d+) (\d+|-)$/.exec(body);
      const query = attributes.get("url.query");
      expect(line?.slice(1)).toEqual([
        attributes.get("client.address"),
        "01/Jan/1970:00:00:00 +0000",
        attributes.get("http.request.method"),
        `${attributes.get("url.path")}${query ? `?${query}` : ""}`,
        String(attributes.get("http.response.status_code")),
        String(attributes.get("http.response.body.size") || "-"),
      ]);
    }
  });

  test("of a span tell the same request, and no request has two", () => {
    const linked = own.filter(({ trace }) => trace !== "");
    expect(new Set(linked.map(({ trace }) => trace)).size).toBe(linked.length);
    for (const { trace, span, attributes } of linked) {
      const told = spans.get(trace + span)!.attributes;
      for (const key of [
        "url.path",
        "http.request.method",
        "http.response.status_code",
        "client.address",
        "user_agent.original",
        "http.route",
      ]) {
        expect(attributes.get(key)).toEqual(told.get(key));
      }
    }
  });
});

describe("application logs", () => {
  const own = byKind.get("application")!;

  test("come from many processes, in several severities", () => {
    expect(new Set(own.map(({ resource }) => resource.get("service.instance.id"))).size).toBe(15);
    expect([...new Set(own.map(({ severity }) => severity))].toSorted((a, b) => a - b)).toEqual([
      5, 9, 13, 17,
    ]);
  });

  test("of severity ERROR, and only those, have an exception; that of their span, if it failed", () => {
    for (const { severity, attributes } of own)
      expect(attributes.has("exception.type")).toBe(severity === 17);
    const failures = own.filter(({ severity, trace }) => severity === 17 && trace !== "");
    expect(failures.length).toBeGreaterThan(0);
    for (const { trace, span, attributes } of failures) {
      const { exception, error } = spans.get(trace + span)!;
      expect(error).toBe(true);
      if (exception)
        expect(attributes.get("exception.stacktrace")).toBe(exception.get("exception.stacktrace"));
    }
  });

  test("come from so many services as asked, entrances first", async () => {
    const few = await write(
      { count: 100, services: { names: ["a", "b", "c"], ingress: { service: "b" } } },
      { count: 300, types: { application: { percentage: 100, services: 2 } } },
    );
    expect(new Set(few.records.map(({ resource }) => resource.get("service.name")))).toEqual(
      new Set(["a", "b"]),
    );
  });
});

describe("system logs", () => {
  test("come from machines of the scenario, in both forms of syslog", () => {
    const own = byKind.get("system")!;
    const hosts = new Set(scenario.infrastructure.nodes.map(({ name }) => name));
    expect(own.filter(({ resource }) => !hosts.has(String(resource.get("host.name"))))).toEqual([]);
    const old = own.filter(({ body }) => /^<\d+>Jan {2}1 00:00:00 ip-\S+ \w+(\[\d+\])?: ./.test(body));
    const recent = own.filter(({ body }) =>
      /^<\d+>1 1970-01-01T00:00:00\.000000Z \S+ \w+ (\d+|-) - - ./.test(body),
    );
    expect(old.length).toBeGreaterThan(0);
    expect(recent.length).toBeGreaterThan(0);
    expect(old.length + recent.length).toBe(own.length);
  });
});

describe("the logs of a seed", () => {
  test("are the same bytes each time, others for another seed", async () => {
    const digest = async (seed: number) => (await write({ count: 50 }, { count: 500 }, seed)).frames.digest();
    expect(await digest(1)).toBe(await digest(1));
    expect(await digest(1)).not.toBe(await digest(2));
  });

  test("do without spans when there are none", async () => {
    const alone = await write({ count: 0 }, { count: 500 });
    expect([alone.records.length, alone.totals.linked]).toEqual([500, 0]);
  });
});
