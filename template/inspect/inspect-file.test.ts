import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeRequest } from "../../otlp/message/encode.ts";
import { parseOtlpJson } from "../../otlp/message/json.ts";
import type { Signal } from "../../otlp/signal.ts";
import { encodeFrame } from "../frames.ts";
import { DistinctCounter } from "./distinct.ts";
import { drawTraces } from "./draw-traces.ts";
import { inspectFile } from "./inspect-file.ts";
import { showItems } from "./show-items.ts";
import { TraceShapes } from "./trace-shapes.ts";

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
      scopes: { "(no name)": 4 },
      attributes: {
        code: { types: ["int", "string"], items: 3, on: { span: 3 }, distinct: 2, approximate: false },
        "service.name": { on: { resource: 1 } },
      },
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
        roles: { unspecified: 2, client: 1, server: 1 },
        names: { s: 4 },
        events: 1,
        eventNames: { e: 1 },
        links: 1,
        spansWithLinks: 1,
        tree: {
          depth: { min: 1, mean: 1.5, max: 2 },
          spansPerLevel: [2, 2],
          children: { mean: 2, max: 2 },
          leaves: 3,
          orphans: 0,
        },
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
        seriesPerMetric: { min: 1, mean: 1.5, max: 2, approximate: false },
        byName: {
          m: { kind: "monotonic sum", unit: "By", temporality: "cumulative", points: 6, series: 2 },
          g: { kind: "gauge", unit: "", points: 2, series: 1 },
        },
      },
    });
  });

  test("tells what logs hold", () => {
    expect(inspectFile(writeJson("logs.json", logs))[0]).toMatchObject({
      items: 2,
      services: { "(no service.name)": 2 },
      logs: {
        severities: { error: 1, info: 1 },
        linked: 1,
        linkedShare: 0.5,
        linkedByScope: { "(no name)": 1 },
        bodies: { empty: 1, text: 1 },
        distinctBodies: { count: 1, approximate: false },
      },
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

  test("draws items from all over the file as whole requests, the same ones each time", () => {
    const many = { resourceSpans: [{ resource, scopeSpans: [{ spans: spansFrom(0) }] }] };
    const more = { resourceSpans: [{ resource, scopeSpans: [{ spans: spansFrom(500) }] }] };
    const path = writeFrames("show.pb", "traces", many, more);
    const shown = showItems(path, 20);
    expect(shown[0]).toContain('\n  "resourceSpans": [\n');
    const ids = shown.map((text) => {
      const request = JSON.parse(text) as typeof many;
      expect(request).toMatchObject({
        resourceSpans: [{ resource, scopeSpans: [{ spans: [{ name: "s" }] }] }],
      });
      return Number.parseInt(request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.spanId, 16);
    });
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.filter((id) => id <= 500).length).toBeGreaterThan(3);
    expect(ids.filter((id) => id > 500).length).toBeGreaterThan(3);
    expect(showItems(path, 20)).toEqual(shown);
    expect(showItems(path, 20, 1)).not.toEqual(shown);
    expect(showItems(path, 5000)).toHaveLength(1000);
  });

  test("draws data points one by one", () => {
    const shown = showItems(writeJson("points.json", metrics), 10);
    expect(shown).toHaveLength(4);
    expect(JSON.parse(shown[1]!)).toMatchObject({
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: "m", sum: { dataPoints: [{ attributes: code({ intValue: "2" }) }] } }] },
          ],
        },
      ],
    });
  });

  test("draws whole traces, wherever their spans stand", () => {
    const other = { resourceSpans: [{ scopeSpans: [{ spans: [span("a", 9), span("c", 10)] }] }] };
    const path = writeJson("trees.json", traces, other);
    const drawn = drawTraces(path, 5);
    expect(drawn.map(({ traceId, count, spans }) => [traceId[0], count, spans.length])).toEqual([
      ["a", 4, 4],
      ["b", 1, 1],
      ["c", 1, 1],
    ]);
    expect(drawn[0]!.spans.map(({ service }) => service)).toEqual([
      "shop",
      "shop",
      "shop",
      "(no service.name)",
    ]);
    const [one, ...none] = drawTraces(path, 1);
    expect(none).toEqual([]);
    expect(drawn).toContainEqual(one);
  });
});

/** 500 spans of one trace. */
function spansFrom(first: number) {
  return Array.from({ length: 500 }, (_, n) => span("d", first + n + 1));
}

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

describe("shapes of traces", () => {
  const id = (n: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUInt32BE(n, bytes - 4);
    return buffer;
  };
  /** parents  by span from 1 on; 0 for a root */
  const shapeOf = (parents: number[]) => {
    const shapes = new TraceShapes();
    for (const [n, parent] of parents.entries()) {
      shapes.add({
        traceId: id(1, 16),
        spanId: id(n + 1, 8),
        ...(parent > 0 ? { parentSpanId: id(parent, 8) } : {}),
      });
    }
    return shapes.result();
  };

  test.each([
    ["a chain", [0, 1, 2, 3], [1, 1, 1, 1], 0],
    ["a chain whose children come first", [2, 3, 4, 0], [1, 1, 1, 1], 0],
    ["a flat list", [0, 1, 1, 1], [1, 3], 0],
    ["a parent that is not there", [9, 1], [1, 1], 1],
    ["a circle", [2, 1], [1, 1], 0],
  ])("%s", (_what, parents, spansPerLevel, orphans) => {
    expect(shapeOf(parents).tree).toMatchObject({ spansPerLevel, orphans });
  });

  test("are told in bounded memory, and an estimate says so", () => {
    const shapes = new TraceShapes(10_000);
    for (let n = 0; n < 20_000; n++) shapes.add({ traceId: id(n, 16), spanId: id(1, 8) });
    const { count, spansPerTrace, approximate } = shapes.result();
    expect([count, spansPerTrace.max, approximate]).toEqual([20_000, 1, true]);
  });
});
