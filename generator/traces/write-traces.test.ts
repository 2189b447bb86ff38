import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import { NEVER_SENT_ORDINAL } from "../../template/ids.ts";
import { makeException } from "../exception-origin.ts";
import { byTrace, type DecodedSpan, writeAndRead as write } from "./decoded-spans.ts";

const CONSUMER = 5;

const usual = await write({ count: 3000 });
const large = await write({
  count: 4,
  spans: { high_span_traces: { enabled: true, count: 2, span_count: 20_000 } },
});

describe.each([
  ["usual traces", usual],
  ["high-span traces", large],
])("%s", (_name, { spans, frames, totals }) => {
  const traces = byTrace(spans);

  test("have consecutive ordinals in file order, and each of their spans once", () => {
    expect([...traces.keys()]).toEqual(Array.from({ length: totals.traces }, (_, n) => n));
    for (const own of traces.values()) {
      const ordinals = own.map(({ ordinal }) => ordinal).sort((a, b) => a - b);
      expect(ordinals).toEqual(Array.from({ length: own[0]!.spanCount }, (_, n) => n));
    }
    expect(spans.length).toBe(totals.spans);
  });

  test("have one root, parents of lower ordinal in the same or an earlier frame, and children inside them, workers after the message", () => {
    for (const own of traces.values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      expect(own.filter(({ parent }) => parent < 0).map(({ ordinal, start }) => [ordinal, start])).toEqual([
        [0, 0],
      ]);
      const wrong = own.filter(({ ordinal, parent, frame, kind, start, end }) => {
        if (end - start < 20_000) return true;
        if (parent < 0) return false;
        const above = byOrdinal.get(parent);
        if (!above || parent >= ordinal || above.frame > frame) return true;
        return kind === CONSUMER ? start < above.end : start < above.start || end > above.end;
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
  test("are exact for high-span traces, which come on top and reach many levels down", () => {
    const sizes = [...byTrace(large.spans).values()].map((spans) => spans.length);
    expect(sizes.filter((size) => size === 20_000).length).toBe(2);
    expect(sizes.length).toBe(6);
    const [biggest] = [...byTrace(large.spans).values()].filter(({ length }) => length === 20_000);
    const depth = new Map<number, number>();
    for (const { ordinal, parent } of biggest!.toSorted((a, b) => a.ordinal - b.ordinal))
      depth.set(ordinal, (depth.get(parent) ?? 0) + 1);
    expect(Math.max(...depth.values())).toBeGreaterThan(8);
    expect(new Set(biggest!.map(({ service }) => service)).size).toBe(5);
  });
});

describe("a span", () => {
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
});

describe("the samples for logs", () => {
  const whose = (span: DecodedSpan) => `${span.trace} ${span.ordinal} ${span.spanCount}`;
  const byId = new Map(usual.spans.map((span) => [whose(span), span]));
  const exceptionOf = (span: DecodedSpan) =>
    span.events.find(({ name }) => name === "exception")?.attributes.get("exception.message");

  test("tell of spans what these show: who, how long, how it ended, what was thrown", () => {
    const { any, failures, requests } = usual.samples;
    const sampled = [any, failures, requests].flatMap((sample) => sample.sorted());
    expect(sampled.length).toBeGreaterThan(2000);
    for (const each of sampled) {
      const span = byId.get(`${each.trace} ${each.ordinal} ${each.spanCount}`)!;
      expect(usual.scenario.instances[each.instance]!.id).toBe(span.instance);
      expect([each.durationNs, each.failed]).toEqual([span.end - span.start, span.error]);
      expect(each.exception && makeException(each.exception).message).toBe(exceptionOf(span));
      const { operations, databaseCalls, externalCalls, steps, topics, consumers } = usual.scenario;
      const what = [operations, operations, externalCalls, databaseCalls, steps, topics, consumers][
        each.role
      ]!;
      const subject = what[each.what] as { name?: string; summary?: string; method?: string };
      expect(span.name.endsWith(nameOf(subject))).toBe(true);
      if (each.statusCode > 99)
        expect(span.attributes.get("http.response.status_code")).toBe(each.statusCode);
    }
  });

  test("hold requests from outside alone, and failures with an exception alone", () => {
    const { failures, requests } = usual.samples;
    expect(requests.sorted().every(({ ordinal, caller }) => ordinal === 0 && caller === -1)).toBe(true);
    const all = usual.spans.filter(exceptionOf);
    expect(failures.sorted().length).toBe(Math.min(1000, all.length));
  });
});

/** What spans of an entry of the scenario are called, or their names' end. */
function nameOf({
  name,
  summary,
  method,
  ...rest
}: {
  name?: string;
  summary?: string;
  method?: string;
}): string {
  return summary ?? name ?? method ?? (rest as { topic: { name: string } }).topic.name;
}

describe("roots", () => {
  test("begin at the one entrance, or at several", async () => {
    const names = ["a-service", "b-service", "c-service"];
    const one = await write({ count: 50, services: { names, ingress: { service: "b-service" } } });
    const roots = (spans: DecodedSpan[]) =>
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
    const traces = [...byTrace(spans).values()];
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
    const traces = byTrace(spans);
    for (const { trace, delayMs } of totals.lateRoots) {
      const [first, ...rest] = traces.get(trace)!;
      expect([first!.ordinal, delayMs]).toEqual([0, 1500]);
      expect(rest.length).toBeGreaterThan(0);
      expect(rest.every(({ frame }) => frame > first!.frame)).toBe(true);
    }
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
