import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Long from "long";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeRequest } from "../../otlp/message/decode.ts";
import { encodeRequest, encodeTemplateRequest } from "../../otlp/message/encode.ts";
import { parseOtlpJson, toOtlpJson } from "../../otlp/message/json.ts";
import type { Message } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { encodeFrame, MAX_FRAME_BYTES, readFrames } from "../frames.ts";
import {
  NEVER_SENT_ORDINAL,
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
} from "../ids.ts";
import { isCanonical } from "./canonical.ts";
import { openTemplates } from "./open-templates.ts";

let dir: string;
let cache: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-import-"));
  cache = join(dir, "cache");
  mkdirSync(cache);
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A foreign id: distinct for n from 0 to 32,767. */
const traceHex = (n: number) => (n + 0x8000).toString(16).repeat(8);
const spanHex = (n: number) => (n + 0x8000).toString(16).repeat(4);

interface SpanSketch {
  trace: number;
  span: number;
  parent?: number;
  start?: number;
  links?: object[];
  service?: string;
  name?: string;
}

function spanJson({ trace, span, parent, start = 1000, links, name = `span ${span}` }: SpanSketch): object {
  return {
    traceId: traceHex(trace),
    spanId: spanHex(span),
    ...(parent !== undefined && { parentSpanId: spanHex(parent) }),
    name,
    startTimeUnixNano: `${start}`,
    endTimeUnixNano: `${start + 50}`,
    events: [{ name: "event", timeUnixNano: start + 7 }],
    ...(links && { links }),
  };
}

const resourceOf = (service: string) => ({
  attributes: [{ key: "service.name", value: { stringValue: service } }],
});

function tracesJson(...spans: SpanSketch[]): object {
  return {
    resourceSpans: spans.map((sketch) => ({
      resource: resourceOf(sketch.service ?? "shop"),
      scopeSpans: [{ spans: [spanJson(sketch)] }],
    })),
  };
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const writeLines = (name: string, ...requests: object[]) =>
  write(name, requests.map((request) => `${JSON.stringify(request)}\n`).join(""));

function frames<S extends Signal>(path: string, signal: S) {
  return Array.from(readFrames(path), ({ message }) => decodeRequest(signal, message));
}

/** Spans of a template file in file order, with ids read. */
function spansOf(path: string) {
  return frames(path, "traces").flatMap((request, frame) =>
    request.resourceSpans!.flatMap(({ resource, scopeSpans }) =>
      scopeSpans!.flatMap(({ spans }) =>
        spans!.map((span) => ({
          frame,
          name: span.name,
          service: resource!.attributes![0]!.value!.stringValue,
          trace: readTemplateTraceId(span.traceId!, 0),
          ordinal: readTemplateSpanOrdinal(span.spanId!, 0),
          count: readTemplateSpanCount(span.spanId!, 0),
          parent: span.parentSpanId ? readTemplateSpanOrdinal(span.parentSpanId, 0) : undefined,
          span,
        })),
      ),
    ),
  );
}

async function open(path: string, signal: Signal, traces?: string) {
  const notes: string[] = [];
  const opened = await openTemplates(path, signal, cache, { traces, onNote: (line) => notes.push(line) });
  return { opened, notes: notes.map((line) => line.replace(`${path}: `, "")) };
}

describe("traces in OTLP/JSON", () => {
  test("become template frames: numbered by first appearance, parents first, times from the trace's start", async () => {
    const path = writeLines(
      "traces.json",
      tracesJson({ trace: 9, span: 3, parent: 2, start: 1300 }, { trace: 4, span: 1, start: 70 }),
      tracesJson(
        { trace: 9, span: 2, parent: 1, start: 1200, service: "db" },
        { trace: 9, span: 1, start: 1000 },
      ),
    );
    const { opened, notes } = await open(path, "traces");
    expect(notes).toEqual([]);
    expect(isCanonical(opened, "traces")).toBe(true);
    expect(
      spansOf(opened).map(({ span, ...rest }) => ({ ...rest, start: Number(span.startTimeUnixNano) })),
    ).toEqual([
      {
        frame: 0,
        name: "span 1",
        service: "shop",
        trace: 0,
        ordinal: 0,
        count: 3,
        parent: undefined,
        start: 0,
      },
      { frame: 0, name: "span 3", service: "shop", trace: 0, ordinal: 2, count: 3, parent: 1, start: 300 },
      { frame: 0, name: "span 2", service: "db", trace: 0, ordinal: 1, count: 3, parent: 0, start: 200 },
      {
        frame: 1,
        name: "span 1",
        service: "shop",
        trace: 1,
        ordinal: 0,
        count: 1,
        parent: undefined,
        start: 0,
      },
    ]);
    expect(Number(spansOf(opened)[1]!.span.events![0]!.timeUnixNano)).toBe(307);
  });

  test.each([
    ["a request a line", (requests: object[]) => requests.map((r) => JSON.stringify(r)).join("\n")],
    ["one array", (requests: object[]) => JSON.stringify(requests)],
    ["an indented array", (requests: object[]) => JSON.stringify(requests, null, 2)],
    [
      "indented documents one after the other",
      (requests: object[]) => requests.map((r) => JSON.stringify(r, null, 2)).join("\n"),
    ],
    ["a byte order mark in front", (requests: object[]) => `\uFEFF${JSON.stringify(requests)}`],
  ])("are read the same from %s", async (_shape, format) => {
    const requests = [
      tracesJson({ trace: 1, span: 1 }),
      tracesJson({ trace: 2, span: 2 }, { trace: 2, span: 3, parent: 2 }),
    ];
    const { opened } = await open(write("traces.json", format(requests)), "traces");
    expect(spansOf(opened).map(({ trace, name }) => [trace, name])).toEqual([
      [0, "span 1"],
      [1, "span 2"],
      [1, "span 3"],
    ]);
  });

  test("links lead to the spans' new names, or go when they lead nowhere", async () => {
    const links = [
      { traceId: traceHex(2), spanId: spanHex(20) },
      { traceId: traceHex(7), spanId: spanHex(1) },
    ];
    const path = writeLines(
      "traces.json",
      tracesJson({ trace: 1, span: 1, links }),
      tracesJson({ trace: 2, span: 10 }, { trace: 2, span: 20, parent: 10 }),
    );
    const { opened, notes } = await open(path, "traces");
    const [link, ...more] = spansOf(opened)[0]!.span.links!;
    expect(more).toEqual([]);
    expect(readTemplateTraceId(link!.traceId!, 0)).toBe(1);
    expect(readTemplateSpanOrdinal(link!.spanId!, 0)).toBe(1);
    expect(notes).toEqual([
      "1 span links lead to spans that are not in the file, or far behind in it; they were dropped",
    ]);
  });

  test("parents that are not there become parents that are never sent, one each", async () => {
    const path = writeLines(
      "traces.json",
      tracesJson(
        { trace: 1, span: 1, parent: 90 },
        { trace: 1, span: 2, parent: 91 },
        { trace: 1, span: 3, parent: 90 },
      ),
    );
    const { opened, notes } = await open(path, "traces");
    expect(spansOf(opened).map(({ parent }) => parent! - NEVER_SENT_ORDINAL)).toEqual([0, 1, 0]);
    expect(notes).toEqual(["2 parents are not in the file: their spans lead to parents that are never sent"]);
  });

  test("a ring of parents is cut open", async () => {
    const path = writeLines(
      "traces.json",
      tracesJson(
        { trace: 1, span: 1, parent: 3 },
        { trace: 1, span: 2, parent: 1 },
        { trace: 1, span: 3, parent: 2 },
      ),
    );
    const { opened, notes } = await open(path, "traces");
    expect(spansOf(opened).map(({ name, parent }) => [name, parent])).toEqual([
      ["span 1", undefined],
      ["span 2", 0],
      ["span 3", 1],
    ]);
    expect(notes).toEqual(["1 spans whose parents form a ring became roots"]);
  });

  test("spans without ids are dropped and told", async () => {
    const path = writeLines("traces.json", tracesJson({ trace: 1, span: 1 }), {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: "x" }] }] }],
    });
    const { opened, notes } = await open(path, "traces");
    expect(spansOf(opened)).toHaveLength(1);
    expect(notes).toEqual(["1 spans without a valid trace id and span id were dropped"]);
  });

  test("a large trace is split into frames below the limit, parents in the same or an earlier one", async () => {
    const name = "n".repeat(600);
    const spans = Array.from({ length: 4000 }, (_, n) => ({
      trace: 1,
      span: n + 1,
      name,
      ...(n > 0 && { parent: (n >> 2) + (n % 4 === 0 ? 0 : 1) }),
    }));
    const path = write("traces.json", JSON.stringify(tracesJson(...spans)));
    const { opened } = await open(path, "traces");
    for (const { message } of readFrames(opened)) expect(message.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    const found = spansOf(opened);
    expect(found.at(-1)!.frame).toBeGreaterThan(2);
    expect(found.map(({ ordinal }) => ordinal)).toEqual(spans.map((_, n) => n));
    for (const { parent, ordinal } of found) if (parent !== undefined) expect(parent).toBeLessThan(ordinal);
  });

  test("of more than a piece are read under the right resource", async () => {
    const name = "m".repeat(2000);
    const scoped = (first: number) => ({
      scope: { name: `scope ${first}` },
      spans: Array.from({ length: 3000 }, (_, n) => spanJson({ trace: 1, span: first + n, name })),
    });
    const resourceSpans = ["a", "b"].map((service, n) => ({
      resource: resourceOf(service),
      scopeSpans: [scoped(n * 10_000 + 1), scoped(n * 10_000 + 4001)],
    }));
    const { opened } = await open(write("traces.json", JSON.stringify({ resourceSpans })), "traces");
    const services = Object.groupBy(spansOf(opened), ({ service }) => service!);
    expect([services.a!.length, services.b!.length]).toEqual([6000, 6000]);
  });

  test("are converted once, again when they change, and leave nothing half done", async () => {
    const path = writeLines("traces.json", tracesJson({ trace: 1, span: 1 }));
    const first = await openTemplates(path, "traces", cache);
    expect(await openTemplates(path, "traces", cache)).toBe(first);
    utimesSync(path, 1, 1);
    expect(await openTemplates(path, "traces", cache)).not.toBe(first);
    writeLines("traces.json", { resourceSpans: 5 });
    await expect(openTemplates(path, "traces", cache)).rejects.toThrow();
    expect(readdirSync(cache).filter((file) => file.endsWith(".pb"))).toHaveLength(2);
    expect(readdirSync(cache).filter((file) => file.includes(".tmp"))).toEqual([]);
  });
});

describe("template frames", () => {
  test("are taken as they are, and so is what an import made", async () => {
    const path = writeLines(
      "traces.json",
      tracesJson({ trace: 1, span: 1 }, { trace: 1, span: 2, parent: 1 }),
    );
    const { opened } = await open(path, "traces");
    expect(await openTemplates(opened, "traces", cache)).toBe(opened);
  });

  test("printed as OTLP/JSON and read again are the same bytes", async () => {
    const spans = Array.from({ length: 30 }, (_, n) => ({
      trace: n >> 3,
      span: n + 1,
      start: 1000 - n,
      ...(n % 8 > 0 && { parent: (n & ~7) + 1 }),
    }));
    const { opened } = await open(writeLines("traces.json", tracesJson(...spans)), "traces");
    const lines = frames(opened, "traces").map(
      (request) => JSON.parse(toOtlpJson("traces", request)) as object,
    );
    const again = await open(writeLines("twin.json", ...lines), "traces");
    expect(frames(again.opened, "traces")).toEqual(frames(opened, "traces"));
  });

  test("with foreign ids are converted, frames larger than a template's too", async () => {
    const spans = Array.from({ length: 2000 }, (_, n) => ({ trace: n, span: n + 1, name: "x".repeat(700) }));
    const message = encodeRequest("traces", parseOtlpJson("traces", JSON.stringify(tracesJson(...spans))));
    expect(message.length).toBeGreaterThan(MAX_FRAME_BYTES);
    const { opened } = await open(write("capture.pb", encodeFrame(message)), "traces");
    expect(spansOf(opened).map(({ trace }) => trace)).toEqual(spans.map((_, n) => n));
  });
});

describe("logs", () => {
  const record = (fields: object) => ({
    resourceLogs: [{ resource: resourceOf("shop"), scopeLogs: [{ logRecords: [fields] }] }],
  });
  const recordsOf = (path: string): Message<"LogRecord">[] =>
    frames(path, "logs").flatMap((r) =>
      r.resourceLogs!.flatMap((g) => g.scopeLogs!.flatMap((s) => s.logRecords!)),
    );

  test("follow the spans they belong to, in fields and in text", async () => {
    const traces = writeLines(
      "traces.json",
      tracesJson({ trace: 1, span: 1 }, { trace: 5, span: 8 }, { trace: 5, span: 9, parent: 8 }),
    );
    const body = { stringValue: `failed trace=${traceHex(5)} span=${spanHex(9)}` };
    const logs = writeLines(
      "logs.json",
      record({ traceId: traceHex(5), spanId: spanHex(9), body }),
      record({ traceId: traceHex(6), spanId: spanHex(9) }),
    );
    const { opened, notes } = await open(logs, "logs", traces);
    const [linked, unlinked] = recordsOf(opened);
    expect(readTemplateTraceId(linked!.traceId!, 0)).toBe(1);
    expect([readTemplateSpanOrdinal(linked!.spanId!, 0), readTemplateSpanCount(linked!.spanId!, 0)]).toEqual([
      1, 2,
    ]);
    const hex = (id: Uint8Array) => Buffer.from(id).toString("hex");
    expect(linked!.body!.stringValue).toBe(
      `failed trace=${hex(linked!.traceId!)} span=${hex(linked!.spanId!)}`,
    );
    expect(unlinked).not.toHaveProperty("traceId");
    expect(unlinked).not.toHaveProperty("spanId");
    expect(notes).toEqual([
      "1 log records belong to spans that are not in the traces file; they were unlinked",
    ]);
    expect(isCanonical(opened, "logs")).toBe(true);
  });

  test("have no moment of their own, in fields and in text", async () => {
    const time = 86_400_000_000_000n * 3n + 5_004_000_000n;
    const texts = ["04/Jan/1970:00:00:05 +0000", "1970-01-04T00:00:05.004Z", "Jan  4 00:00:05"];
    const attributes = [{ key: "at", value: { arrayValue: { values: [{ stringValue: `[${texts[1]}]` }] } } }];
    const logs = writeLines(
      "logs.json",
      record({ timeUnixNano: `${time}`, body: { stringValue: `${texts[0]} - ${texts[2]}` }, attributes }),
    );
    const [first] = recordsOf((await open(logs, "logs")).opened);
    expect(first!.timeUnixNano).toEqual(Long.UZERO);
    expect(first!.observedTimeUnixNano).toEqual(Long.UZERO);
    expect(first!.body!.stringValue).toBe("01/Jan/1970:00:00:00 +0000 - Jan  1 00:00:00");
    expect(first!.attributes![0]!.value!.arrayValue!.values![0]!.stringValue).toBe(
      "[1970-01-01T00:00:00.000Z]",
    );
  });

  test("that carry template ids keep them when the traces need no import", async () => {
    const { opened: traces } = await open(
      writeLines("traces.json", tracesJson({ trace: 1, span: 1 })),
      "traces",
    );
    const { span } = spansOf(traces)[0]!;
    const hex = (id: Uint8Array) => Buffer.from(id).toString("hex");
    const logs = writeLines("logs.json", record({ traceId: hex(span.traceId!), spanId: hex(span.spanId!) }));
    const { opened, notes } = await open(logs, "logs", traces);
    expect(notes).toEqual([]);
    expect(recordsOf(opened)[0]!.spanId).toEqual(span.spanId);
  });
});

describe("metrics", () => {
  const metric = (...metrics: object[]) => ({
    resourceMetrics: [{ resource: resourceOf("shop"), scopeMetrics: [{ metrics }] }],
  });
  const metricsOf = (path: string): Message<"Metric">[] =>
    frames(path, "metrics").flatMap((r) =>
      r.resourceMetrics!.flatMap((g) => g.scopeMetrics!.flatMap((s) => s.metrics!)),
    );

  test("become one point per series at time zero, without what templates have not", async () => {
    const exemplars = [{ asInt: 1 }];
    const path = writeLines(
      "metrics.json",
      metric(
        {
          name: "g",
          gauge: {
            dataPoints: [
              { timeUnixNano: 5, asDouble: 3.3, exemplars },
              { timeUnixNano: 6, asDouble: 4 },
              { asDouble: "NaN" },
            ],
          },
        },
        {
          name: "s",
          sum: {
            isMonotonic: true,
            dataPoints: [{ asInt: -3 }, { flags: 1, attributes: [{ key: "a", value: {} }] }],
          },
        },
        {
          name: "h",
          histogram: {
            dataPoints: [{ count: 9, bucketCounts: [1, 2], explicitBounds: [5], min: 1, max: 9, sum: 2.5 }],
          },
        },
        {
          name: "e",
          exponentialHistogram: {
            dataPoints: [{ scale: 2, positive: { offset: 1, bucketCounts: [7, 0] }, zeroCount: 1 }],
          },
        },
        { name: "q", summary: { dataPoints: [{}] } },
      ),
    );
    const { opened, notes } = await open(path, "metrics");
    const [gauge, sum, histogram, exponential, ...more] = metricsOf(opened);
    expect(more).toEqual([]);
    expect(gauge!.gauge!.dataPoints).toEqual([{ timeUnixNano: Long.UZERO, asDouble: 422 / 128 }]);
    expect(sum!.sum!.dataPoints).toEqual([
      { startTimeUnixNano: Long.UZERO, timeUnixNano: Long.UZERO, asInt: Long.ZERO },
    ]);
    expect(histogram!.histogram!.dataPoints![0]).toMatchObject({ count: Long.fromNumber(3, true), sum: 2.5 });
    expect(histogram!.histogram!.dataPoints![0]).not.toHaveProperty("max");
    expect(exponential!.exponentialHistogram!.dataPoints![0]).toMatchObject({
      count: Long.fromNumber(8, true),
      scale: 2,
    });
    expect(isCanonical(opened, "metrics")).toBe(true);
    expect(notes).toEqual([
      "1 exemplars were dropped, templates have none",
      "1 further points of a series were dropped, a template has one",
      "2 data points without a finite value were dropped",
      "1 negative values of monotonic sums became 0",
      "1 summary points were dropped, templates have none",
    ]);
  });

  test("that are templates but for their bucket counts are converted", async () => {
    const request = parseOtlpJson(
      "metrics",
      JSON.stringify(
        metric({
          name: "e",
          exponentialHistogram: {
            dataPoints: [
              {
                startTimeUnixNano: 0,
                timeUnixNano: 0,
                count: 7,
                zeroCount: 0,
                positive: { offset: 0, bucketCounts: [7] },
              },
            ],
          },
        }),
      ),
    );
    const loose = write("loose.pb", encodeFrame(encodeRequest("metrics", request)));
    const padded = write("padded.pb", encodeFrame(encodeTemplateRequest("metrics", request)));
    expect([isCanonical(loose, "metrics"), isCanonical(padded, "metrics")]).toEqual([false, true]);
  });
});

describe("a file that cannot be taken", () => {
  const now = "1760000000000000000";
  const traceLine = JSON.stringify(tracesJson({ trace: 1, span: 1 }));
  const frame = encodeFrame(encodeRequest("traces", parseOtlpJson("traces", traceLine)));
  test.each<[string, Signal, string | Uint8Array, string]>([
    ["empty", "traces", "", "FILE: the file is empty; generate it again"],
    ["blank JSON", "traces", "[]", "FILE: holds no traces; generate it again or leave out input.traces"],
    [
      "without items",
      "logs",
      '{"resourceLogs":[]}',
      "FILE: holds no logs; generate it again or leave out input.logs",
    ],
    [
      "of another signal",
      "metrics",
      traceLine,
      "FILE:1: holds traces, metrics are needed; give it as input.traces, or another file as input.metrics",
    ],
    [
      "of another signal in frames",
      "logs",
      frame,
      "FILE: byte 0 (frame 0): holds traces, logs are needed; give it as input.traces, or another file as input.logs",
    ],
    [
      "with times of the clock",
      "traces",
      `{}`.replace("{}", JSON.stringify(tracesJson({ trace: 1, span: 1 })).replace('"1000"', `"${now}"`)),
      `FILE:1: times are absolute (${now} ns, 2025-10-09T08:53:20.000Z), templates need offsets; record it as a template first (recording comes with a later release)`,
    ],
    [
      "cut off in JSON",
      "traces",
      traceLine.slice(0, -5),
      "FILE:1: the file ends inside the request that begins here; it is cut off, generate or copy it again",
    ],
    [
      "cut off in a text",
      "traces",
      `${traceLine}\n{"resou`,
      "FILE:2: the file ends inside the request that begins here; it is cut off, generate or copy it again",
    ],
    [
      "cut off in a frame",
      "traces",
      frame.subarray(0, -3),
      `FILE: byte 0: a frame of ${frame.length - 4} bytes goes past the end of the file (${frame.length - 7} left); the file is cut off, generate or copy it again`,
    ],
    ["not JSON", "traces", `${traceLine}\n{resourceSpans: 1}`, "FILE:2: not JSON: expected an object key"],
    [
      "JSON of something else",
      "traces",
      '{"hello": 1}',
      "FILE:1: an export request has resourceSpans, resourceMetrics or resourceLogs, found none of them",
    ],
    ["an array of something else", "traces", "[1, 2]", "FILE:1: an export request must be an object"],
    [
      "of the wrong shape",
      "traces",
      `\n\n{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}`,
      'FILE:3: resourceSpans[0].scopeSpans[0].spans[0].traceId: must be 32 hex digits, found "zz"',
    ],
    [
      "text",
      "traces",
      "hello, this is no OTLP",
      "FILE: byte 0: frame length must be 1 to 67108864, found 1751477356; this is not a file of OTLP frames; name one that stampede generate or the Collector's file exporter wrote",
    ],
    [
      "frames of something else",
      "traces",
      encodeFrame(Buffer.from("0a02ffff", "hex")),
      "FILE: byte 0 (frame 0): not an OTLP export request: byte 2: a varint does not end",
    ],
  ])("%s is told in one line with its place", async (_kind, signal, content, message) => {
    const path = write("input", content);
    const error: Error & { code?: string } = await openTemplates(path, signal, cache).then(
      () => expect.fail("was taken"),
      (reason) => reason,
    );
    expect(error.message.replaceAll(path, "FILE")).toBe(message);
    expect(error.code).toMatch(/^[a-z]+_[a-z_]+$/);
    expect(readdirSync(cache)).toEqual([]);
  });
});
