import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeRequest } from "../../otlp/message/encode.ts";
import { parseOtlpJson } from "../../otlp/message/json.ts";
import type { Signal } from "../../otlp/signal.ts";
import { encodeFrame } from "../frames.ts";
import { DistinctCounter } from "./distinct.ts";
import { inspectFile } from "./inspect-file.ts";
import { showItems } from "./show-items.ts";
import { TraceCounter } from "./spans-per-trace.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-inspect-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
const code = (value: object) => [{ key: "code", value }];
const span = (trace: string, n: number, more: object = {}) => ({
  traceId: trace.repeat(32),
  spanId: n.toString(16).padStart(16, "0"),
  name: "s",
  startTimeUnixNano: "1760000000000000000",
  ...more,
});
const traces = {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          spans: [
            span("a", 1, {
              kind: 2,
              attributes: code({ intValue: 1 }),
              events: [{ name: "e" }],
              status: { code: 2 },
            }),
            span("a", 2, {
              kind: 3,
              parentSpanId: "0000000000000001",
              attributes: code({ stringValue: "x" }),
            }),
            span("a", 3, {
              parentSpanId: "0000000000000001",
              attributes: code({ intValue: 1 }),
              links: [{}],
            }),
            span("b", 4),
          ],
        },
      ],
    },
  ],
};
const points = [
  { attributes: code({ intValue: 1 }), asInt: 1 },
  { attributes: code({ intValue: 2 }), asInt: 1 },
  { attributes: code({ intValue: 1 }), asInt: 2 },
];
const metrics = {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          metrics: [
            {
              name: "m",
              unit: "By",
              sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: points },
            },
            { name: "g", gauge: { dataPoints: [{ asDouble: 1 }] } },
          ],
        },
      ],
    },
  ],
};
const logs = {
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            { severityNumber: 9, traceId: "a".repeat(32) },
            { severityNumber: 17, body: { stringValue: "b" } },
          ],
        },
      ],
    },
  ],
};

function writeJson(name: string, ...requests: object[]): string {
  const path = join(dir, name);
  writeFileSync(path, requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  return path;
}

function writeFrames(name: string, signal: Signal, ...requests: object[]): string {
  const path = join(dir, name);
  writeFileSync(
    path,
    Buffer.concat(
      requests.map((request) =>
        encodeFrame(encodeRequest(signal, parseOtlpJson(signal, JSON.stringify(request)))),
      ),
    ),
  );
  return path;
}

describe("inspecting a file", () => {
  test("tells what traces hold", () => {
    const path = writeJson("traces.json", traces);
    const [summary, ...more] = inspectFile(path);
    expect(more).toEqual([]);
    expect(summary).toMatchObject({
      file: path,
      signal: "traces",
      frames: 1,
      items: 4,
      services: { shop: 4 },
      attributes: { code: { types: ["int", "string"], items: 3, distinct: 2, approximate: false } },
      traces: {
        count: 2,
        roots: 2,
        spansPerTrace: { min: 1, mean: 2, max: 3 },
        distribution: [
          { from: 1, to: 1, traces: 1 },
          { from: 2, to: 3, traces: 1 },
        ],
        kinds: { unspecified: 2, client: 1, server: 1 },
        status: { unset: 3, error: 1 },
        events: 1,
        links: 1,
      },
    });
    expect(summary!.bytesPerItem).toBeCloseTo(summary!.bytes / 4);
  });

  test("tells what metrics hold", () => {
    expect(inspectFile(writeJson("metrics.json", metrics, metrics))[0]).toMatchObject({
      items: 8,
      metrics: {
        names: 2,
        series: { count: 3, approximate: false },
        kinds: { "monotonic sum": 6, gauge: 2 },
        temporality: { cumulative: 6 },
        units: { By: 6, "": 2 },
        points: { m: 6, g: 2 },
      },
    });
  });

  test("tells what logs hold", () => {
    expect(inspectFile(writeJson("logs.json", logs))[0]).toMatchObject({
      items: 2,
      services: { "(no service.name)": 2 },
      logs: { severities: { error: 1, info: 1 }, linked: 1, linkedShare: 0.5 },
    });
  });

  test("finds the same in frames as in JSON", () => {
    const { file: _a, ...json } = inspectFile(writeJson("same.json", traces, traces))[0]!;
    const { file: _b, ...frames } = inspectFile(writeFrames("same.pb", "traces", traces, traces))[0]!;
    expect(frames).toEqual(json);
  });

  test("tells signals apart that share a file, as a collector's file exporter may mix them", () => {
    const summaries = inspectFile(writeJson("mixed.json", logs, traces, metrics, traces));
    expect(summaries.map(({ signal, items }) => [signal, items])).toEqual([
      ["logs", 2],
      ["traces", 8],
      ["metrics", 4],
    ]);
  });

  test("prints items as whole requests", () => {
    const shown = [...showItems(writeFrames("show.pb", "traces", traces), 2)];
    expect(shown).toHaveLength(2);
    expect(JSON.parse(shown[1]!)).toMatchObject({
      resourceSpans: [
        {
          resource,
          scopeSpans: [{ spans: [{ spanId: "0000000000000002", startTimeUnixNano: "1760000000000000000" }] }],
        },
      ],
    });
    expect(shown[0]).toContain('\n  "resourceSpans": [\n');
  });
});

describe("distinct counts", () => {
  test("are exact while they are small", () => {
    const counter = new DistinctCounter(100);
    for (let n = 0; n < 1000; n++) counter.add(`value ${n % 100}`);
    expect([counter.count, counter.isApproximate]).toEqual([100, false]);
  });

  test.each([1000, 10_000, 200_000])("of %d values are within 5 %% beyond that, and say so", (values) => {
    const counter = new DistinctCounter(100);
    for (let n = 0; n < values; n++) counter.add(`value ${n}`);
    expect(counter.isApproximate).toBe(true);
    expect(Math.abs(counter.count - values) / values).toBeLessThan(0.05);
  });
});

test("traces are counted in bounded memory, and an estimate says so", () => {
  const counter = new TraceCounter();
  for (let n = 0; n < 250_000; n++) counter.add(`${n}`);
  const { count, spansPerTrace, approximate } = counter.result();
  expect([count, spansPerTrace.max, approximate]).toEqual([250_000, 1, true]);
});
