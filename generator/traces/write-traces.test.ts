import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import {
  NEVER_SENT_ORDINAL,
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
} from "../../template/ids.ts";
import { CollectedFrames } from "../collected-frames.ts";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { makeSamples } from "../span-sample.ts";
import { writeTraces } from "./write-traces.ts";

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

interface Span {
  frame: number;
  service: string;
  instance: string;
  scope: string;
  trace: number;
  ordinal: number;
  spanCount: number;
  parent: number;
  name: string;
  kind: number;
  start: number;
  end: number;
  attributes: Map<string, unknown>;
  events: { name: string; time: number; attributes: Map<string, unknown> }[];
  error: boolean;
  flags: number;
}

type Input = Parameters<typeof generatorConfigSchema.parse>[0];

async function write(traces: object, seed = 42) {
  const config = generatorConfigSchema.parse({ seed, traces } as Input);
  const random = new Random(config.seed);
  const scenario = buildScenario(config, random);
  const frames = new CollectedFrames("traces");
  const samples = makeSamples(1000, random.fork("samples"));
  const totals = await writeTraces(config, scenario, random.fork("traces"), frames, samples);
  return { totals, frames, scenario, samples, spans: spansOf(frames) };
}

function spansOf(frames: CollectedFrames<"traces">): Span[] {
  return frames.requests.flatMap(({ resourceSpans }, frame) =>
    resourceSpans!.flatMap(({ resource, scopeSpans }) => {
      const who = valuesOf(resource!.attributes!);
      return scopeSpans!.flatMap(({ scope, spans }) =>
        spans!.map((span) => ({
          frame,
          service: String(who.get("service.name")),
          instance: String(who.get("service.instance.id")),
          scope: scope!.name!,
          trace: readTemplateTraceId(span.traceId!, 0),
          ordinal: readTemplateSpanOrdinal(span.spanId!, 0),
          spanCount: readTemplateSpanCount(span.spanId!, 0),
          parent: span.parentSpanId?.length ? readTemplateSpanOrdinal(span.parentSpanId, 0) : -1,
          name: span.name!,
          kind: span.kind!,
          start: Number(span.startTimeUnixNano!),
          end: Number(span.endTimeUnixNano!),
          attributes: valuesOf(span.attributes!),
          events: (span.events ?? []).map((event) => ({
            name: event.name!,
            time: Number(event.timeUnixNano!),
            attributes: valuesOf(event.attributes!),
          })),
          error: span.status?.code === ERROR,
          flags: span.flags!,
        })),
      );
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an attribute holds
function valuesOf(attributes: any[]): Map<string, unknown> {
  return new Map(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        value.doubleValue ??
        (value.intValue === undefined ? value : Number(value.intValue)),
    ]),
  );
}

const usual = await write({ count: 3000 });
const large = await write({
  count: 4,
  spans: { high_span_traces: { enabled: true, count: 2, span_count: 20_000 } },
});

describe.each([
  ["usual traces", usual],
  ["high-span traces", large],
])("%s", (_name, { spans, frames, totals }) => {
  const traces = Map.groupBy(spans, ({ trace }) => trace);

  test("have consecutive ordinals in file order, and each of their spans once", () => {
    expect([...traces.keys()]).toEqual(Array.from({ length: totals.traces }, (_, n) => n));
    for (const own of traces.values()) {
      const ordinals = own.map(({ ordinal }) => ordinal).sort((a, b) => a - b);
      expect(ordinals).toEqual(Array.from({ length: own[0]!.spanCount }, (_, n) => n));
    }
    expect(spans.length).toBe(totals.spans);
  });

  test("have one root, parents of lower ordinal in the same or an earlier frame, and children inside them", () => {
    for (const own of traces.values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      expect(own.filter(({ parent }) => parent < 0).map(({ ordinal, start }) => [ordinal, start])).toEqual([
        [0, 0],
      ]);
      const wrong = own.filter(({ ordinal, parent, frame, start, end }) => {
        if (start > end) return true;
        if (parent < 0) return false;
        const above = byOrdinal.get(parent);
        return !above || parent >= ordinal || above.frame > frame || start < above.start || end > above.end;
      });
      expect(wrong).toEqual([]);
    }
  });

  test("stay within frames of one trace each, in order of ordinals, and ascending inside a scope", () => {
    for (const [frame, own] of Map.groupBy(spans, (span) => span.frame)) {
      expect(new Set(own.map(({ trace }) => trace)).size).toBe(1);
      expect(own.length).toBe(frames.items[frame]);
      for (const group of Map.groupBy(own, ({ instance, scope }) => `${instance} ${scope}`).values()) {
        const ordinals = group.map(({ ordinal }) => ordinal);
        expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b));
      }
    }
    for (const own of traces.values()) {
      let last = -1;
      for (const group of Map.groupBy(own, ({ frame }) => frame).values()) {
        const ordinals = group.map(({ ordinal }) => ordinal);
        expect(Math.min(...ordinals)).toBe(last + 1);
        last = Math.max(...ordinals);
      }
    }
    expect(Math.max(...frames.sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  });

  test("cross services: a server's caller is a client span of another service, and both tell the same", () => {
    let calls = 0;
    for (const own of traces.values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      for (const span of own) {
        if (span.kind !== SERVER || span.parent < 0) continue;
        const caller = byOrdinal.get(span.parent)!;
        calls++;
        expect(caller.kind).toBe(CLIENT);
        expect(caller.name).toBe(span.name);
        expect(String(caller.attributes.get("url.full"))).toContain(String(span.attributes.get("url.path")));
        expect(span.flags).toBe(0x303);
        if (span.error)
          expect(caller.attributes.get("http.response.status_code")).toBe(
            span.attributes.get("http.response.status_code"),
          );
      }
      for (const span of own.filter(({ kind, parent }) => kind !== SERVER || parent < 0))
        expect(span.flags).toBe(0x103);
    }
    expect(calls).toBeGreaterThan(spans.length / 10);
  });

  test("fail in the share asked for, with a type, and with an exception inside the span's time", () => {
    const failed = spans.filter(({ error }) => error);
    expect(Math.abs(failed.length / spans.length - 0.01)).toBeLessThan(0.001);
    expect(failed.filter(({ attributes }) => !attributes.has("error.type")).map(({ name }) => name)).toEqual(
      [],
    );
    const events = spans.flatMap(({ events, start, end, error }) =>
      events.map((event) => ({ ...event, start, end, error })),
    );
    expect(events.length).toBe(totals.spanEvents);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(event.name).toBe("exception");
      expect(event.error).toBe(true);
      expect(event.time).toBeGreaterThanOrEqual(event.start);
      expect(event.time).toBeLessThanOrEqual(event.end);
      expect([...event.attributes.keys()]).toEqual([
        "exception.type",
        "exception.message",
        "exception.stacktrace",
      ]);
    }
  });

  test("give each attribute key one type", () => {
    const types = new Map<string, string>();
    const mixed = new Set<string>();
    for (const { attributes } of spans) {
      for (const [key, value] of attributes) {
        if ((types.get(key) ?? typeof value) !== typeof value) mixed.add(key);
        types.set(key, typeof value);
      }
    }
    expect([...mixed]).toEqual([]);
    expect(types.get("http.response.status_code")).toBe("number");
  });
});

describe("spans per trace", () => {
  test("follow the normal distribution asked for", () => {
    const sizes = [...Map.groupBy(usual.spans, ({ trace }) => trace).values()].map((spans) => spans.length);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const deviation = Math.sqrt(sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length);
    expect(Math.abs(mean / 15 - 1)).toBeLessThan(0.02);
    expect(Math.abs(deviation / 5 - 1)).toBeLessThan(0.05);
  });

  test("are at least one, and exact without a deviation", async () => {
    const single = await write({ count: 20, spans: { avg_per_trace: 1, std_dev: 0 } });
    expect(single.spans.length).toBe(20);
    const wild = await write({ count: 200, spans: { avg_per_trace: 2, std_dev: 5 } });
    expect(wild.totals.traces).toBe(200);
  });

  test("are exact for high-span traces, which come on top and reach many levels down", () => {
    const sizes = [...Map.groupBy(large.spans, ({ trace }) => trace).values()].map((spans) => spans.length);
    expect(sizes.filter((size) => size === 20_000).length).toBe(2);
    expect(sizes.length).toBe(6);
    const [biggest] = [...Map.groupBy(large.spans, ({ trace }) => trace).values()].filter(
      ({ length }) => length === 20_000,
    );
    const depth = new Map<number, number>();
    for (const { ordinal, parent } of biggest!.toSorted((a, b) => a.ordinal - b.ordinal))
      depth.set(ordinal, (depth.get(parent) ?? 0) + 1);
    expect(Math.max(...depth.values())).toBeGreaterThan(8);
    expect(new Set(biggest!.map(({ service }) => service)).size).toBe(5);
  });
});

describe("a span", () => {
  test("follows the stable conventions of its kind", () => {
    const byName = (kind: number, key: string) =>
      usual.spans.find((span) => span.kind === kind && span.attributes.has(key))!;
    const server = byName(SERVER, "http.route").attributes;
    for (const key of [
      "http.request.method",
      "url.path",
      "url.scheme",
      "server.address",
      "http.response.status_code",
      "client.address",
      "user_agent.original",
    ]) {
      expect([...server.keys()]).toContain(key);
    }
    const database = byName(CLIENT, "db.system.name");
    expect(database.name).toBe(database.attributes.get("db.query.summary"));
    expect([...database.attributes.keys()]).toEqual(
      expect.arrayContaining(["db.namespace", "db.operation.name", "db.query.text"]),
    );
    const steps = usual.spans.filter(({ kind }) => kind === 1);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every(({ attributes }) => attributes.has("code.function.name"))).toBe(true);
  });

  test("has no status on a server that refuses, and an error on the client", () => {
    const refused = usual.spans.filter(({ attributes }) => {
      const code = Number(attributes.get("http.response.status_code"));
      return code >= 400 && code < 500;
    });
    expect(refused.length).toBeGreaterThan(0);
    for (const { kind, error } of refused) expect(error).toBe(kind === CLIENT);
  });

  test("carries custom attributes as likely as asked", async () => {
    const { spans } = await write({ count: 300, custom_attributes: { count: 25, probability: 0.4 } });
    const custom = spans.map(({ attributes }) =>
      [...attributes.keys()].filter((key) => key.startsWith("app.")),
    );
    expect(new Set(custom.flat()).size).toBe(25);
    expect(custom.flat().length / spans.length / 25).toBeCloseTo(0.4, 1);
  });

  test("is as fat as asked", async () => {
    const { spans, frames } = await write({
      count: 20,
      custom_attributes: { per_span_min: 100, per_span_max: 120, value_bytes: 500, key_prefix: "wide" },
    });
    for (const { attributes } of spans) {
      const fat = [...attributes].filter(([key]) => key.startsWith("wide."));
      expect(fat.length).toBeGreaterThanOrEqual(100);
      expect(fat.length).toBeLessThanOrEqual(120);
      expect(new Set(fat.map(([, value]) => String(value).length))).toEqual(new Set([500]));
    }
    expect(Math.max(...frames.sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  });

  test("has the old names, or both, when asked", async () => {
    const old = await write({ count: 50, semconv: "old" });
    const keys = new Set(old.spans.flatMap(({ attributes }) => [...attributes.keys()]));
    for (const key of [
      "http.method",
      "http.status_code",
      "http.target",
      "http.url",
      "net.host.name",
      "net.peer.name",
      "db.statement",
      "db.system",
    ]) {
      expect(keys).toContain(key);
    }
    for (const key of ["http.request.method", "url.path", "db.query.text", "server.address"])
      expect(keys).not.toContain(key);
    const both = await write({ count: 50, semconv: "dup" });
    const methods = both.spans.filter(({ attributes }) => attributes.has("http.method"));
    expect(methods.length).toBeGreaterThan(0);
    for (const { attributes } of methods)
      expect(attributes.get("http.method")).toBe(attributes.get("http.request.method"));
  });
});

describe("roots", () => {
  test("begin at the one entrance, or at several", async () => {
    const names = ["a-service", "b-service", "c-service"];
    const one = await write({ count: 50, services: { names, ingress: { service: "b-service" } } });
    const roots = (spans: Span[]) =>
      new Set(spans.filter(({ parent }) => parent < 0).map(({ service }) => service));
    expect(roots(one.spans)).toEqual(new Set(["b-service"]));
    const several = await write({ count: 50, services: { names, ingress: { single: false } } });
    expect(roots(several.spans)).toEqual(new Set(names));
  });

  test("that are never sent are named by their children alone", async () => {
    const { spans, totals } = await write({
      count: 200,
      root: { rootless: { enabled: true, percentage: 50 } },
    });
    const traces = [...Map.groupBy(spans, ({ trace }) => trace).values()];
    const rootless = traces.filter((own) => own.some(({ parent }) => parent >= NEVER_SENT_ORDINAL));
    expect(Math.abs(rootless.length - 100)).toBeLessThan(25);
    for (const own of rootless) expect(own.every(({ parent }) => parent >= 0)).toBe(true);
    for (const own of traces) expect(own.length).toBe(own[0]!.spanCount);
    expect(spans.length).toBe(totals.spans);
  });

  test("that are late stand in a frame of their own, and are listed", async () => {
    const { spans, totals } = await write({
      count: 200,
      root: { late_root: { enabled: true, percentage: 30, delay_ms: 1500 } },
    });
    expect(Math.abs(totals.lateRoots.length - 60)).toBeLessThan(20);
    const byTrace = Map.groupBy(spans, ({ trace }) => trace);
    for (const { trace, delayMs } of totals.lateRoots) {
      const [first, ...rest] = byTrace.get(trace)!;
      expect([first!.ordinal, delayMs]).toEqual([0, 1500]);
      expect(rest.length).toBeGreaterThan(0);
      expect(rest.every(({ frame }) => frame > first!.frame)).toBe(true);
    }
  });
});

describe("error rates", () => {
  test.each([0, 0.2, 1])("of %d come out", async (rate) => {
    const { spans } = await write({ count: 400, spans: { error_rate: rate } });
    const share = spans.filter(({ error }) => error).length / spans.length;
    expect(Math.abs(share - rate)).toBeLessThan(0.01);
  });
});

describe("the traces of a seed", () => {
  test("are the same bytes each time, others for another seed, and not changed by logs", async () => {
    const digest = async (seed: number) => (await write({ count: 50 }, seed)).frames.digest();
    expect(await digest(1)).toBe(await digest(1));
    expect(await digest(1)).not.toBe(await digest(2));
  });

  test("begin alike whatever their count", async () => {
    const few = await write({ count: 20 });
    expect(usual.spans.slice(0, few.spans.length)).toEqual(few.spans);
  });
});
