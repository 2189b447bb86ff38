/** The check itself: a capture that is right passes, and every kind of fault is found in one that is not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CaptureRules, checkCapture } from "./check-capture.ts";

/** 2026-11-20T12:34:56.789012345Z */
const NOW = 1_795_178_096_789_012_345n;
const at = (seconds: number) => String(NOW + BigInt(Math.round(seconds * 1e9)));

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "1af7651916cd43dd8448eb211c80319c";
const ROOT = "b7ad6b7169203331";
const CHILD = "c7ad6b7169203332";
const LATE = "d7ad6b7169203333";

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** A right capture, made anew for each test: spans, points and records are named so that a test can break one. */
function makeCapture() {
  const root = {
    traceId: TRACE,
    spanId: ROOT,
    parentSpanId: "",
    kind: 2,
    name: "GET /",
    startTimeUnixNano: at(-2),
    endTimeUnixNano: at(-1),
    attributes: [text("http.route", "/")],
    events: [{ name: "cached", timeUnixNano: at(-1), attributes: [text("cache.key", "a")] }],
    links: [] as object[],
  };
  const child = { ...structuredClone(root), spanId: CHILD, parentSpanId: ROOT, kind: 3 };
  const consumer = {
    ...structuredClone(root),
    spanId: LATE,
    parentSpanId: ROOT,
    kind: 5,
    startTimeUnixNano: at(-1),
    endTimeUnixNano: at(-0.5),
    links: [{ traceId: TRACE, spanId: CHILD }],
  };
  const record = {
    timeUnixNano: at(0),
    observedTimeUnixNano: at(0.1),
    traceId: TRACE,
    spanId: CHILD,
    body: {
      stringValue:
        `10.0.0.1 - - [20/Nov/2026:12:34:56 +0000] <13>Nov 20 12:34:56 host 2026-11-20T12:34:56Z 2026-11-20T12:34:56.789Z ` +
        `2026-11-20 12:34:56,789 trace_id=${TRACE} "span_id":"${CHILD}"`,
    },
    attributes: [text("time", "2026-11-20T12:34:56.789012Z")],
  };
  const resource = { attributes: [text("host.name", "a"), text("service.instance.id", "one")] };
  const point = (seconds: number, fields: object) => ({
    startTimeUnixNano: at(-100),
    timeUnixNano: at(seconds),
    attributes: [text("state", "idle")],
    ...fields,
  });
  const sums = [point(-20, { asInt: "5" }), point(-10, { asInt: "5" }), point(0, { asInt: "7" })];
  const gauges = [{ ...point(-10, { asDouble: 0.5 }), startTimeUnixNano: "0" }];
  const buckets = (first: string) => ({
    count: `${Number(first) + 3}`,
    sum: 7,
    bucketCounts: [first, "3", "0"],
    explicitBounds: [1, 5],
  });
  const histograms = [point(-10, buckets("1")), point(0, buckets("2"))];
  const exponential = (count: string) => ({
    count,
    sum: 3 * Number(count),
    scale: 0,
    zeroCount: "0",
    positive: { offset: 1, bucketCounts: [count] },
  });
  const exponentials = [point(-10, exponential("2")), point(0, exponential("4"))];
  const differences = [
    { ...point(-10, { asInt: "5" }), startTimeUnixNano: at(-20) },
    { ...point(0, { asInt: "5" }), startTimeUnixNano: at(-10) },
  ];
  const cumulative = { aggregationTemporality: 2, isMonotonic: true };
  const metrics = [
    { name: "sum", unit: "1", sum: { ...cumulative, dataPoints: sums } },
    { name: "gauge", unit: "1", gauge: { dataPoints: gauges } },
    { name: "histogram", unit: "s", histogram: { aggregationTemporality: 2, dataPoints: histograms } },
    {
      name: "exponential",
      unit: "s",
      exponentialHistogram: { aggregationTemporality: 2, dataPoints: exponentials },
    },
    {
      name: "delta",
      unit: "1",
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: differences },
    },
  ];
  return {
    root,
    child,
    consumer,
    record,
    resource,
    sums,
    gauges,
    histograms,
    exponentials,
    differences,
    metrics,
  };
}

type Capture = ReturnType<typeof makeCapture>;
type Break = (capture: Capture) => void;
const set: (target: object, fields: object) => void = Object.assign;

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stampede-capture-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Write the capture as the file exporter would, the child in a request before its parent's, and check it. */
async function check(breakIt: Break, rules: Partial<CaptureRules> = {}) {
  const capture = makeCapture();
  breakIt(capture);
  const { root, child, consumer, record, resource, metrics } = capture;
  const spans = (...list: object[]) =>
    JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans: list }] }] });
  const write = (name: string, lines: string[]) => {
    const file = join(directory, name);
    writeFileSync(file, `${lines.join("\n")}\n`);
    return [file];
  };
  return checkCapture(
    {
      traces: write("traces.json", [spans(child, consumer), spans(root)]),
      logs: write("logs.json", [
        JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
      ]),
      metrics: write("metrics.json", [
        JSON.stringify({
          resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "s" }, metrics }] }],
        }),
      ]),
    },
    // Times here are fixed: the files are written long after, or long before them.
    { notAfterMs: Number(NOW / 1_000_000n) + 1000, maxAgeMs: 120_000, ...rules },
  );
}

test("a capture that is right passes, and everything in it is counted", async () => {
  const report = await check(() => {});
  expect(report.violations).toEqual({});
  expect(report).toMatchObject({
    ok: true,
    traces: {
      requests: 2,
      spans: 3,
      traces: 1,
      roots: 1,
      events: 3,
      links: 1,
      splitTraces: 1,
      parentsElsewhere: 2,
    },
    logs: {
      records: 1,
      linked: 1,
      textTimes: { "common log": 1, "RFC 3339": 3, "RFC 3164": 1, "ISO with comma": 1, klog: 0 },
      textIds: 2,
    },
    metrics: {
      points: 10,
      pointsByKind: { gauge: 1, sum: 5, histogram: 2, exponentialHistogram: 2 },
      series: 5,
      instances: 1,
      cumulative: 3,
      grown: 3,
    },
  });
});

const FAULTS: { rule: string; breakIt: Break; rules?: Partial<CaptureRules> }[] = [
  { rule: "a span came twice", breakIt: (c) => set(c.consumer, { spanId: CHILD }) },
  { rule: "a parent was not received", breakIt: (c) => set(c.child, { parentSpanId: "ffffffffffffffff" }) },
  { rule: "a trace has several roots", breakIt: (c) => set(c.child, { parentSpanId: "" }) },
  { rule: "a trace has no root", breakIt: (c) => set(c.root, { parentSpanId: LATE }) },
  { rule: "a span is its own parent", breakIt: (c) => set(c.root, { parentSpanId: ROOT }) },
  { rule: "an id is not whole, or zero", breakIt: (c) => set(c.child, { parentSpanId: "b7ad6b71" }) },
  { rule: "an id is not whole, or zero", breakIt: (c) => set(c.root, { spanId: "0000000000000000" }) },
  {
    rule: "an id is a template's",
    breakIt: (c) => set(c.root, { traceId: "7374616d706564650000000000000001" }),
  },
  { rule: "a span ends before it starts", breakIt: (c) => set(c.consumer, { endTimeUnixNano: at(-1.1) }) },
  { rule: "a span lies outside its parent", breakIt: (c) => set(c.child, { endTimeUnixNano: at(-0.9) }) },
  { rule: "a span lies outside its parent", breakIt: (c) => set(c.child, { startTimeUnixNano: at(-2.1) }) },
  {
    rule: "an event lies outside its span",
    breakIt: (c) => set(c.root.events[0]!, { timeUnixNano: at(-0.9) }),
  },
  {
    rule: "a link names a span that was not received",
    breakIt: (c) => set(c.consumer, { links: [{ traceId: OTHER, spanId: CHILD }] }),
  },
  { rule: "a time lies in the future", breakIt: (c) => set(c.consumer, { endTimeUnixNano: at(2) }) },
  { rule: "a time is missing", breakIt: (c) => set(c.record, { timeUnixNano: "0" }) },
  { rule: "a time is too old", breakIt: () => {}, rules: { notBeforeMs: Number(NOW / 1_000_000n) + 1 } },
  { rule: "the times of a request lie too far apart", breakIt: () => {}, rules: { maxAgeMs: 500 } },
  {
    rule: "an attribute key has two types",
    breakIt: (c) => set(c.child, { attributes: [{ key: "http.route", value: { intValue: "1" } as never }] }),
  },
  {
    rule: "an attribute key stands twice",
    breakIt: (c) => void c.root.attributes.push(text("http.route", "/")),
  },
  {
    rule: "a record names a span that was not received",
    breakIt: (c) => set(c.record, { spanId: "eeeeeeeeeeeeeeee" }),
  },
  { rule: "a record has one of two ids", breakIt: (c) => set(c.record, { spanId: "" }) },
  {
    rule: "a record was observed before it happened",
    breakIt: (c) => set(c.record, { observedTimeUnixNano: at(-0.001) }),
  },
  {
    rule: "an id in text is not the record's",
    breakIt: (c) => set(c.record.body, { stringValue: `trace_id=${OTHER}` }),
  },
  {
    rule: "a time in text is not the record's",
    breakIt: (c) => set(c.record.body, { stringValue: "[20/Nov/2026:12:34:57 +0000]" }),
  },
  {
    rule: "a time in text is not the record's",
    breakIt: (c) => set(c.record.body, { stringValue: "Nov  2 12:34:56 host" }),
  },
  {
    rule: "a time in text is not the record's",
    breakIt: (c) => set(c.record.body, { stringValue: "2026-11-20 12:34:56,788" }),
  },
  {
    rule: "a time in text is not the record's",
    breakIt: (c) => set(c.record, { attributes: [text("time", "2026-11-20T12:34:56.789013Z")] }),
  },
  {
    rule: "a resource of metrics has no service.instance.id",
    breakIt: (c) => void c.resource.attributes.pop(),
  },
  { rule: "a cumulative value falls", breakIt: (c) => set(c.sums[2]!, { asInt: "4" }) },
  {
    rule: "a cumulative value falls",
    breakIt: (c) => set(c.histograms[1]!, { bucketCounts: ["0", "5", "0"], count: "5", sum: 8 }),
  },
  { rule: "a series has two start times", breakIt: (c) => set(c.sums[2]!, { startTimeUnixNano: at(-99) }) },
  {
    rule: "two points of a series have one time",
    breakIt: (c) => set(c.sums[2]!, { timeUnixNano: at(-10) }),
  },
  {
    rule: "a series does not start before its point",
    breakIt: (c) => set(c.sums[0]!, { startTimeUnixNano: at(-20) }),
  },
  {
    rule: "a value is not a finite number",
    breakIt: (c) => set(c.gauges[0]!, { asDouble: "NaN" }),
  },
  {
    rule: "a histogram's count is not the sum of its buckets",
    breakIt: (c) => set(c.histograms[0]!, { count: "5" }),
  },
  {
    rule: "a histogram's count is not the sum of its buckets",
    breakIt: (c) => set(c.exponentials[0]!, { zeroCount: "1" }),
  },
  {
    rule: "a histogram's sum is not possible with its buckets",
    breakIt: (c) => set(c.histograms[1]!, { sum: 18 }),
  },
  {
    rule: "a histogram's sum is not possible with its buckets",
    breakIt: (c) => set(c.exponentials[1]!, { sum: 7 }),
  },
  {
    rule: "a histogram has not one bucket more than bounds",
    breakIt: (c) => set(c.histograms[1]!, { explicitBounds: [1] }),
  },
  {
    rule: "a histogram's bounds do not rise",
    breakIt: (c) => set(c.histograms[1]!, { explicitBounds: [5, 5] }),
  },
  {
    rule: "a series changes its shape",
    breakIt: (c) => set(c.histograms[1]!, { explicitBounds: [1, 6] }),
  },
  { rule: "a metric's name has two shapes", breakIt: (c) => set(c.metrics[1]!, { name: "sum" }) },
  {
    rule: "a difference does not begin at the previous point",
    breakIt: (c) => set(c.differences[1]!, { startTimeUnixNano: at(-9) }),
  },
  {
    rule: "a difference is negative",
    breakIt: (c) => set(c.differences[1]!, { asInt: "-1" }),
  },
];

describe("found is that", () => {
  test.each(FAULTS.map((fault, i) => ({ ...fault, i })))("$rule ($i)", async ({ rule, breakIt, rules }) => {
    const report = await check(breakIt, rules);
    expect(report.ok).toBe(false);
    expect(Object.keys(report.violations)).toContain(rule);
    expect(report.violations[rule]!.examples.length).toBeGreaterThan(0);
  });
});

test("a record without ids may say so in its text", async () => {
  const unlink: Break = (c) =>
    set(c.record, { traceId: "", spanId: "", body: { stringValue: `trace_id=${"0".repeat(32)}` } });
  expect(await check(unlink)).toMatchObject({ ok: true, logs: { linked: 0, textIds: 0 } });
});

describe("allowed when told is", () => {
  test("a parent that was never sent, one per trace", async () => {
    const report = await check((c) => set(c.root, { parentSpanId: "ffffffffffffffff" }), { rootless: true });
    expect(report).toMatchObject({ ok: true, traces: { roots: 0, neverSentParents: 1 } });
  });

  test("a series that begins again after its last point", async () => {
    const restart: Break = (c) => set(c.sums[2]!, { asInt: "1", startTimeUnixNano: at(-5) });
    expect(await check(restart, { restarts: true })).toMatchObject({ ok: true, metrics: { restarts: 1 } });
    const overlap: Break = (c) => set(c.sums[2]!, { asInt: "9", startTimeUnixNano: at(-15) });
    expect((await check(overlap, { restarts: true })).ok).toBe(false);
  });

  test("at the end of a run that was cut, what the last records name", async () => {
    const cut: Break = (c) => set(c.record, { spanId: "eeeeeeeeeeeeeeee" });
    const cutText: Break = (c) => set(c.record.body, { stringValue: "cut" });
    const both: Break = (c) => [cut, cutText].map((one) => one(c));
    expect(await check(both, { tailMs: 100 })).toMatchObject({ ok: true, logs: { tail: 1 } });
  });
});

test("points in any order of arrival are compared in the order of their times", async () => {
  expect((await check((c) => void c.sums.reverse())).ok).toBe(true);
});

test("a line that is no JSON is named", async () => {
  const file = join(directory, "broken.json");
  writeFileSync(file, '{"resourceSpans":[]}\n{"resourceSp');
  const checking = checkCapture({ traces: [file], metrics: [], logs: [] });
  await expect(checking).rejects.toThrow(/broken\.json:2: is not JSON/);
});
