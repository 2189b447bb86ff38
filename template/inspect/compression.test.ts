import { gzipSync } from "node:zlib";
import Long from "long";
import { describe, expect, test } from "vitest";
import { encodeRequest } from "../../otlp/message/encode.ts";
import { templateSpanId, templateTraceId } from "../import/foreign-ids.ts";
import type { Items } from "../import/frame-packer.ts";
import { TIME_TEXTS } from "../slots.ts";
import { SentForm } from "./as-sent.ts";
import { CompressionMeter } from "./compression.ts";

const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
const envelope = { resource: { resource }, scope: {} };

/** A trace of `spans` spans in a frame of its own, as templates have them. */
function frame(trace: number, spans: number) {
  const members = Array.from({ length: spans }, (_, n) => ({
    traceId: templateTraceId(trace),
    spanId: templateSpanId(n, spans),
    ...(n > 0 ? { parentSpanId: templateSpanId(0, spans) } : {}),
    name: "GET /orders",
    startTimeUnixNano: Long.fromNumber(n * 1000, true),
    endTimeUnixNano: Long.fromNumber(n * 1000 + 500, true),
  }));
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: members }] }] };
}

describe("compression", () => {
  test("is measured on two sizes of bodies, spread over the file", () => {
    const meter = new CompressionMeter("traces", 2000 * 1000);
    for (let n = 0; n < 2000; n++) meter.add(frame(n, 100), n * 1000);
    const { sizes, sampledBytes, gzip, zstd } = meter.result();
    const one = encodeRequest("traces", frame(0, 1)).length;
    expect(sampledBytes).toBeGreaterThan(12_000_000);
    expect(sizes.map(({ bytes }) => Math.round(bytes / 1000))).toEqual([
      expect.closeTo(156, -1),
      expect.closeTo(2300, -2),
    ]);
    expect(sizes[1]!.bodies).toBe(6);
    expect([sizes[0]!.gzip, sizes[0]!.zstd]).toEqual([gzip, zstd]);
    // The resource stands once in a body, not once in a frame.
    expect(sizes[0]!.bytesPerItem).toBeLessThan(one - 10);
  });

  test("is measured on bodies of one size as they are sent, however often the file repeats resources and scopes", () => {
    const meter = new CompressionMeter("traces", 1000 * 1000);
    const scopes = ["servlet", "jdbc", "lettuce", "kafka"].map((name) => ({
      scope: { name, version: "2.1.0" },
    }));
    for (let n = 0; n < 6000; n++) {
      const { spans } = frame(n, 8).resourceSpans[0]!.scopeSpans[0]!;
      const pod = { key: "k8s.pod.name", value: { stringValue: `shop-${"x".repeat(600)}-${n % 20}` } };
      const scopeSpans = scopes.map((scope, at) => ({ ...scope, spans: spans.slice(2 * at, 2 * at + 2) }));
      const request = {
        resourceSpans: [{ resource: { attributes: [...resource.attributes, pod] }, scopeSpans }],
      };
      meter.add(request, n);
    }
    const [small, large] = meter.result().sizes;
    expect(small!.bytes / 156_000).toBeCloseTo(1, 2);
    expect(large!.bytes / 2_300_000).toBeCloseTo(1, 2);
  });

  test("is that of ids as they are sent, not of a template's, which are mostly zeros", () => {
    const meter = new CompressionMeter("traces", 1);
    const frames = Array.from({ length: 100 }, (_, n) => frame(n, 10));
    for (const each of frames) meter.add(each, 0);
    const spans = frames.flatMap((each) => each.resourceSpans[0]!.scopeSpans[0]!.spans);
    const template = encodeRequest("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
    const flattered = template.length / gzipSync(template).length;
    expect(meter.result().gzip).toBeLessThan(flattered / 1.5);
    // 8 random bytes a span, at least, of some 90.
    expect(meter.result().gzip).toBeLessThan(8);
  });

  test("of a file without items is none", () => {
    expect(new CompressionMeter("logs", 0).result()).toEqual({
      gzip: 1,
      zstd: 1,
      sampledBytes: 0,
      sizes: [],
    });
  });
});

describe("the sent form", () => {
  const form = new SentForm("traces");
  const spanOf = (trace: number, n: number, more: object = {}) => {
    const item = {
      traceId: templateTraceId(trace),
      spanId: templateSpanId(n, 3),
      startTimeUnixNano: Long.UZERO,
      ...more,
    };
    return form.of({ item, envelope }).item;
  };

  test("keeps parents and links pointing to where they pointed", () => {
    const [a, b] = [spanOf(1, 0), spanOf(2, 0)];
    const child = spanOf(1, 1, {
      parentSpanId: templateSpanId(0, 3),
      links: [{ traceId: templateTraceId(2), spanId: templateSpanId(0, 3) }],
    });
    expect(child.traceId).toEqual(a.traceId);
    expect(child.parentSpanId).toEqual(a.spanId);
    expect(child.links![0]).toEqual({ traceId: b.traceId, spanId: b.spanId });
    expect(a.spanId).not.toEqual(b.spanId);
    expect(Buffer.from(a.traceId!).toString("latin1")).not.toContain("stampede");
  });

  test("gives records the ids of their spans, in their texts too, and texts of their time", () => {
    const ids = { traceId: templateTraceId(1), spanId: templateSpanId(0, 3) };
    const hex = Buffer.from(ids.traceId).toString("hex");
    const item: Items["logs"] = {
      ...ids,
      timeUnixNano: Long.UZERO,
      body: { stringValue: `${TIME_TEXTS[0].zero} trace=${hex}` },
      attributes: [{ key: "at", value: { stringValue: TIME_TEXTS[3].zero } }],
    };
    const sent = new SentForm("logs").of({ item, envelope }).item;
    expect(sent.traceId).toEqual(spanOf(1, 0).traceId);
    const text = sent.body!.stringValue!;
    expect(text).toMatch(/^31\/Dec\/2025:23:59:\d\d \+0000 trace=[0-9a-f]{32}$/);
    expect(text).toContain(Buffer.from(sent.traceId!).toString("hex"));
    expect(sent.attributes![0]!.value!.stringValue).toMatch(/^2025-12-31T23:59:\d\dZ$/);
  });

  test("leaves a capture as it is", () => {
    const item = {
      traceId: Buffer.alloc(16, 7),
      spanId: Buffer.alloc(8, 7),
      startTimeUnixNano: Long.fromString("1760000000000000000", true),
    };
    const form = new SentForm("traces");
    expect(form.of({ item, envelope }).item).toMatchObject(item);
    expect(form.isTemplate).toBe(false);
  });
});
