import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { encodeRequest } from "../../otlp/message/encode.ts";
import type { Int64Input, Message } from "../../otlp/message/schema.ts";
import { SIGNALS, type Signal } from "../../otlp/signal.ts";
import { encodeFrame } from "../../template/frames.ts";
import {
  logRequests,
  spanIdBytes,
  type TemplateRequest,
  templateFile,
  textAttribute,
  traceIdBytes,
  traceRequests,
} from "./arbitrary.ts";
import { metricTemplate } from "./arbitrary-metrics.ts";
import { type FreezeSettings, freezeTemplate } from "./freeze.ts";
import { FrozenFile } from "./frozen-file.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-freeze-"));
const template = join(directory, "template.pb");
const target = join(directory, "template.frozen");
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(target, { force: true }));

const settings: FreezeSettings = {
  batchSize: 100,
  maxRequestBytes: 3_670_016,
  seed: 0,
  jitterMs: 1000,
  linkLogs: true,
  models: {},
  lateRoots: [],
};

function freeze(signal: Signal, file: Uint8Array, changes: Partial<FreezeSettings> = {}) {
  writeFileSync(template, file);
  return freezeTemplate(signal, template, target, { ...settings, ...changes });
}

const span = (changes: Partial<Message<"Span", Int64Input>> = {}): Message<"Span", Int64Input> => ({
  traceId: traceIdBytes(0),
  spanId: spanIdBytes(0, 1),
  name: "GET /",
  startTimeUnixNano: 0,
  endTimeUnixNano: 1000,
  ...changes,
});
const traces = (...spans: Message<"Span", Int64Input>[]): TemplateRequest<"traces"> => ({
  resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }],
});
const logs = (record: Message<"LogRecord", Int64Input>): TemplateRequest<"logs"> => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }],
});
const metrics = (metric: Message<"Metric", Int64Input>): TemplateRequest<"metrics"> => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }],
});
const gauge = (point: Message<"NumberDataPoint", Int64Input>): TemplateRequest<"metrics"> =>
  metrics({ name: "m", gauge: { dataPoints: [point] } });

/** A frame as it stands, without what the template encoder would mend. */
const raw = <S extends Signal>(signal: S, request: TemplateRequest<S>): Buffer =>
  encodeFrame(encodeRequest(signal, request));

const hexOf = (id: Uint8Array) => Buffer.from(id).toString("hex");
const foreignId = new Uint8Array(16).fill(0xab);
const absolute = "1700000000000000000";

describe("a template that breaks its contract is refused with one line that names the file:", () => {
  test.each<{ name: string; signal: Signal; file: Uint8Array; error: string }>([
    {
      name: "a trace id that is not a template id",
      signal: "traces",
      file: templateFile("traces", [traces(span()), traces(span({ traceId: foreignId }))]),
      error: `frame 1: trace id ${hexOf(foreignId)} is not a template id`,
    },
    {
      name: "a link to a trace that is none of the template's",
      signal: "traces",
      file: templateFile("traces", [
        traces(span({ links: [{ traceId: foreignId, spanId: spanIdBytes(0, 1) }] })),
      ]),
      error: `trace id ${hexOf(foreignId)} is not a template id`,
    },
    {
      name: "a span id of four bytes",
      signal: "traces",
      file: templateFile("traces", [traces(span({ spanId: new Uint8Array(4) }))]),
      error: "a span id must have 8 bytes, found 4",
    },
    {
      name: "two traces in a frame",
      signal: "traces",
      file: templateFile("traces", [traces(span(), span({ traceId: traceIdBytes(1) }))]),
      error: "frame 0: a frame holds spans of one trace, found 0 and 1",
    },
    {
      name: "traces out of order",
      signal: "traces",
      file: templateFile("traces", [traces(span()), traces(span({ traceId: traceIdBytes(2) }))]),
      error: "frame 1: trace ordinals count from 0 in file order; expected 1, found 2",
    },
    {
      name: "a trace that comes again",
      signal: "traces",
      file: templateFile("traces", [
        traces(span()),
        traces(span({ traceId: traceIdBytes(1) })),
        traces(span()),
      ]),
      error: "frame 2: trace ordinals count from 0 in file order; expected 2, found 0",
    },
    {
      name: "a frame without spans",
      signal: "traces",
      file: templateFile("traces", [traces()]),
      error: "frame 0: has no spans; is it a file of another signal?",
    },
    {
      name: "a recording of spans",
      signal: "traces",
      file: templateFile("traces", [
        traces(span({ startTimeUnixNano: absolute, endTimeUnixNano: absolute })),
      ]),
      error: "frame 0: times are absolute: this is a recording, not a template",
    },
    {
      name: "a span without times",
      signal: "traces",
      file: raw("traces", traces({ traceId: traceIdBytes(0), spanId: spanIdBytes(0, 1), name: "GET /" })),
      error: "frame 0: a span must have a start and an end time, even when they are 0",
    },
    {
      name: "a recording of log records",
      signal: "logs",
      file: templateFile("logs", [logs({ timeUnixNano: absolute, body: { stringValue: "x" } })]),
      error: "log record 0: times are absolute: this is a recording, not a template",
    },
    {
      name: "a recording of metrics",
      signal: "metrics",
      file: templateFile("metrics", [gauge({ timeUnixNano: absolute, asInt: 1 })]),
      error: "metric m: times are absolute: this is a recording, not a template",
    },
    {
      name: "a record of a foreign trace",
      signal: "logs",
      file: templateFile("logs", [logs({ traceId: foreignId, spanId: spanIdBytes(0, 1) })]),
      error: `log record 0: trace id ${hexOf(foreignId)} is not a template id`,
    },
    {
      name: "a record without time fields",
      signal: "logs",
      file: raw("logs", logs({ body: { stringValue: "x" } })),
      error: "log record 0: must have time_unix_nano and observed_time_unix_nano, even when they are 0",
    },
    {
      name: "a summary",
      signal: "metrics",
      file: templateFile("metrics", [
        metrics({ name: "m", summary: { dataPoints: [{ count: 1, sum: 1 }] } }),
      ]),
      error: "metric m: summaries have no place in a template",
    },
    {
      name: "a value that is not a number",
      signal: "metrics",
      file: templateFile("metrics", [gauge({ asDouble: Number.NaN })]),
      error: "metric m: a value must be finite, found NaN",
    },
    {
      name: "a histogram with too few buckets",
      signal: "metrics",
      file: templateFile("metrics", [
        metrics({
          name: "m",
          histogram: { dataPoints: [{ count: 1, bucketCounts: [1, 2], explicitBounds: [1, 2] }] },
        }),
      ]),
      error:
        "metric m: a histogram point needs a count and one bucket more than bounds, found 2 buckets and 2 bounds",
    },
    {
      name: "bucket counts that are not padded",
      signal: "metrics",
      file: raw(
        "metrics",
        metrics({
          name: "m",
          exponentialHistogram: {
            dataPoints: [
              {
                startTimeUnixNano: 0,
                timeUnixNano: 0,
                count: 3,
                zeroCount: 0,
                positive: { offset: 0, bucketCounts: [1, 2, 100] },
              },
            ],
          },
        }),
      ),
      error: "metric m: bucket counts of an exponential histogram must be varints padded to 3 bytes",
    },
    {
      name: "bytes that are no message",
      signal: "logs",
      file: Buffer.concat([templateFile("logs", [logs({})]), encodeFrame(Buffer.of(0x0a, 0x7f, 0x01))]),
      error: "frame 1: byte 0: field 1 goes past the end of its message",
    },
    {
      name: "bytes that are no message of traces",
      signal: "traces",
      file: Buffer.concat([
        templateFile("traces", [traces(span())]),
        encodeFrame(Buffer.of(0x0a, 0x7f, 0x01)),
      ]),
      error: "frame 1: byte 0: field 1 goes past the end of its message",
    },
    {
      name: "a file without items",
      signal: "logs",
      file: templateFile("logs", [
        { resourceLogs: [{ resource: { attributes: [textAttribute("a", "b")] } }] },
      ]),
      error: "the file holds nothing that can be sent",
    },
  ])("$name", ({ signal, file, error }) => {
    expect(() => freeze(signal, file)).toThrow(
      expect.objectContaining({ name: "FrameError", code: "bad_frame", message: `${template}: ${error}` }),
    );
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(directory)).toEqual(["template.pb"]);
  });

  const fileOf = {
    traces: traceRequests.map((requests) => templateFile("traces", requests)),
    logs: logRequests.map((requests) => templateFile("logs", requests)),
    metrics: metricTemplate.map(({ requests }) => templateFile("metrics", requests)),
  };
  const others = SIGNALS.flatMap((of) => SIGNALS.filter((as) => as !== of).map((as) => ({ of, as })));

  test.each(others)("$of taken for $as", ({ of, as }) => {
    fc.assert(
      fc.property(fileOf[of], (file) => {
        expect(() => freeze(as, file)).toThrow(expect.objectContaining({ code: "bad_frame" }));
      }),
      { numRuns: 40 },
    );
  });

  test.each(SIGNALS)("%s, cut off anywhere but between frames", (signal) => {
    fc.assert(
      fc.property(fileOf[signal], fc.nat(), (file, n) => {
        const length = n % file.length;
        const boundaries = new Set<number>();
        for (let at = 0; at < file.length; at += 4 + file.readUInt32BE(at)) boundaries.add(at);
        if (boundaries.has(length) && length > 0) return;
        expect(() => freeze(signal, file.subarray(0, length))).toThrow(
          expect.objectContaining({ code: "bad_frame" }),
        );
      }),
      { numRuns: 60 },
    );
  });

  test.each(SIGNALS)("%s with a byte changed anywhere, if they are refused at all", (signal) => {
    fc.assert(
      fc.property(fileOf[signal], fc.nat(), fc.nat({ max: 255 }), (file, n, byte) => {
        const broken = Buffer.from(file);
        broken[n % file.length] = byte;
        try {
          freeze(signal, broken);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_frame" });
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("a frozen file", () => {
  test("says what it holds and how long its values live", () => {
    const file = templateFile("metrics", [
      metrics({
        name: "requests",
        sum: { dataPoints: [{ asInt: 3600 }], aggregationTemporality: 2, isMonotonic: true },
      }),
    ]);
    const model = { kind: "sum", value: "int", firstByte: 0, width: 3 } as const;
    const summary = freeze("metrics", file, { models: { requests: model } });
    expect(summary).toMatchObject({
      signal: "metrics",
      items: 1,
      series: 1,
      hasDelta: false,
      metricNames: 1,
    });
    // One a second, half a day long: two bytes, and 2^16 - 1 seconds less the lead of 8.
    expect(summary.lifetimeSeconds).toBe(2 ** 16 - 1 - 8);
    const frozen = new FrozenFile(target);
    expect(frozen.summary).toEqual(summary);
    frozen.close();
  });

  test("lives for ever where all points are differences", () => {
    const file = templateFile("metrics", [
      metrics({
        name: "requests",
        sum: { dataPoints: [{ asInt: 3600 }], aggregationTemporality: 1, isMonotonic: true },
      }),
    ]);
    expect(freeze("metrics", file)).toMatchObject({ lifetimeSeconds: null, hasDelta: true });
  });

  test("names what is too large to be sent, and counts it", () => {
    const large = span({ spanId: spanIdBytes(1, 2), name: "x".repeat(2000) });
    const file = templateFile("traces", [traces(span({ spanId: spanIdBytes(0, 2) }), large)]);
    const summary = freeze("traces", file, { maxRequestBytes: 1000 });
    expect([summary.items, summary.droppedItems]).toEqual([1, 1]);
    expect(summary.dropped).toEqual(["1 in trace 0, each larger than max_request_bytes (1000)"]);
  });

  test("is refused when a root that is to leave later is not alone in the first of several frames", () => {
    const two = [span({ spanId: spanIdBytes(0, 2) }), span({ spanId: spanIdBytes(1, 2) })] as const;
    const lateRoots = [{ trace: 0, delayMs: 10 }];
    expect(() => freeze("traces", templateFile("traces", [traces(...two)]), { lateRoots })).toThrow(
      `${template}: trace 0: is in lateRoots of metadata.yaml, so its first frame must hold its root alone and others the rest; found 2 spans in the first of 1 frames`,
    );
    const alone = templateFile("traces", [traces(two[0]), traces(two[1])]);
    expect(freeze("traces", alone, { lateRoots })).toMatchObject({ items: 2, lateRoots: 1 });
  });

  test("tells its progress in bytes of the template", () => {
    const seen: number[] = [];
    writeFileSync(template, templateFile("logs", [logs({}), logs({}), logs({})]));
    freezeTemplate("logs", template, target, settings, (bytes) => seen.push(bytes));
    expect(seen.length).toBe(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});
