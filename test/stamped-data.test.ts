/**
 * What a backend would see after a few passes: the Collector's file exporter writes it down, JSON.parse reads it, and the
 * promises of stamping are checked on it: fresh ids, whole traces, true times, sums that only grow.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Collector, startCollector } from "./collector.ts";
import { type LogRecord, logRecordsOf, type Point, pointsOf, type Span, spansOf } from "./otlp-json.ts";
import { outputOf, stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const JITTER_MS = 1000;
const JITTER_NANO = BigInt(JITTER_MS) * 1_000_000n;
/** Base times are floored to 2^24 ns. */
const STEP_NANO = 1n << 24n;

/**
 * How far before its sending an item may lie: its jitter, and what a request steps back by at the edge of an hour or of 2^40 ns
 * (every 18 minutes), which is at most its own length at each.
 */
function reachNano(requestNano: bigint): bigint {
  return JITTER_NANO + STEP_NANO + 2n * (requestNano + STEP_NANO);
}

/** Replicas of a fleet run at the same time, without knowing of each other; passes are dealt out over them. */
const FLEETS = [
  { name: "one replica", replicas: 1, passes: 4 },
  { name: "three replicas", replicas: 3, passes: 12 },
];

let directory = "";
let input = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-stamped-"));
  input = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const nowNano = () => BigInt(Date.now()) * 1_000_000n;

describe.each(FLEETS)("what $name sent", ({ replicas, passes }) => {
  let collector: Collector;
  let spans: Span[];
  let points: Point[];
  let records: LogRecord[];
  let beganNano = 0n;
  let endedNano = 0n;

  beforeAll(async () => {
    collector = await startCollector("file");
    const config = join(directory, "replayer.yaml");
    // Points come often, so that every series has several in a short run.
    writeFileSync(config, `metrics: {interval: 1s}\ntimestamps: {jitter_ms: ${JITTER_MS}}\n`);
    const flags = [`--config=${config}`, `--input=${input}`, `--endpoint=${collector.grpc}`];
    const limits = [`--multiplier=${passes}`, "--rate=8000", "--duration=60s"];
    beganNano = nowNano();
    const runs = Array.from({ length: replicas }, (_, index) =>
      stampede("replay", ...flags, ...limits, `--replica=${index}/${replicas}`),
    );
    await Promise.all(runs.map((ran) => outputOf("replay", ran)));
    endedNano = nowNano();
    await collector.stop();
    spans = spansOf(collector.exported("traces"));
    points = pointsOf(collector.exported("metrics"));
    records = logRecordsOf(collector.exported("logs"));
  });
  afterAll(() => collector?.dispose());

  test("no trace id and span id comes twice", () => {
    const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    expect(spans.length).toBeGreaterThan(1000);
    expect(ids.size).toBe(spans.length);
  });

  test("every pass has traces of its own, and every trace one root", () => {
    const roots = spans.filter(({ parentSpanId }) => !parentSpanId);
    const traces = new Set(spans.map(({ traceId }) => traceId));
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(traces.size);
    expect(roots.length).toBe(traces.size);
    expect(traces.size % passes).toBe(0);
  });

  test("every parent is there, in its child's own trace", () => {
    const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    const orphans = spans.filter(
      ({ traceId, parentSpanId }) => parentSpanId && !ids.has(`${traceId} ${parentSpanId}`),
    );
    expect(orphans).toEqual([]);
  });

  test("spans end when they are sent, less the jitter, and never in the future", () => {
    const lastEnds = new Map<string, bigint>();
    const firstStarts = new Map<string, bigint>();
    for (const { traceId, startTimeUnixNano, endTimeUnixNano } of spans) {
      const [start, end] = [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)];
      expect(start).toBeLessThanOrEqual(end);
      if (end > (lastEnds.get(traceId) ?? 0n)) lastEnds.set(traceId, end);
      if (start < (firstStarts.get(traceId) ?? end)) firstStarts.set(traceId, start);
    }
    let longestNano = 0n;
    for (const [traceId, start] of firstStarts) {
      const nano = lastEnds.get(traceId)! - start;
      if (nano > longestNano) longestNano = nano;
    }
    for (const end of lastEnds.values()) {
      expect(end).toBeGreaterThanOrEqual(beganNano - reachNano(longestNano + JITTER_NANO));
      expect(end).toBeLessThanOrEqual(endedNano);
    }
  });

  test("log times are those of sending, less the jitter", () => {
    expect(records.length).toBeGreaterThan(1000);
    for (const { timeUnixNano, observedTimeUnixNano } of records) {
      expect(BigInt(timeUnixNano)).toBeGreaterThanOrEqual(beganNano - reachNano(JITTER_NANO));
      expect(BigInt(observedTimeUnixNano)).toBeLessThanOrEqual(endedNano);
      expect(BigInt(timeUnixNano)).toBeLessThanOrEqual(BigInt(observedTimeUnixNano));
    }
  });

  test("a time in a log's text is the record's own time", () => {
    const clf = /\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) \+0000\]/;
    let texts = 0;
    for (const { timeUnixNano, body } of records) {
      const match = clf.exec(body?.stringValue ?? "");
      if (!match) continue;
      texts++;
      const [, day, month, year, time] = match;
      const textMs = Date.parse(`${day} ${month} ${year} ${time} UTC`);
      expect(textMs).toBe(Number(BigInt(timeUnixNano) / 1_000_000_000n) * 1000);
    }
    expect(texts).toBeGreaterThan(100);
  });

  test("a log that belongs to a span names one that was sent", () => {
    const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    const linked = records.filter(({ traceId }) => traceId);
    const lost = linked.filter(({ traceId, spanId }) => !ids.has(`${traceId} ${spanId}`));
    expect(linked.length).toBeGreaterThan(100);
    expect(lost).toEqual([]);
  });

  test("cumulative sums and histograms only grow, and keep one start time", () => {
    const growing = [...seriesOf(points.filter(isCumulative))];
    expect(growing.length).toBeGreaterThan(50);
    expect(growing.some(([, series]) => series.length >= 3)).toBe(true);
    for (const [name, series] of growing) {
      expect(
        new Set(series.map(({ startTimeUnixNano }) => startTimeUnixNano)).size,
        `${name}: start times`,
      ).toBe(1);
      for (let i = 1; i < series.length; i++) {
        expect(sizeOf(series[i]!), `${name}: point ${i}`).toBeGreaterThanOrEqual(sizeOf(series[i - 1]!));
      }
    }
    expect(growing.some(([, series]) => sizeOf(series.at(-1)!) > sizeOf(series[0]!))).toBe(true);
  });

  test("no series has two points of one moment", () => {
    for (const [name, series] of seriesOf(points)) {
      expect(new Set(series.map(({ timeUnixNano }) => timeUnixNano)).size, name).toBe(series.length);
    }
  });

  test("an exponential histogram's count is the sum of its buckets", () => {
    const histograms = points.filter(({ kind }) => kind === "exponentialHistogram");
    expect(histograms.length).toBeGreaterThan(0);
    for (const { count, zeroCount, positive } of histograms) {
      expect(Number(zeroCount ?? 0) + total(positive?.bucketCounts)).toBe(Number(count ?? 0));
    }
  });

  test("a histogram's count is the sum of its buckets", () => {
    const histograms = points.filter(({ kind }) => kind === "histogram");
    expect(histograms.length).toBeGreaterThan(0);
    for (const { count, bucketCounts } of histograms) {
      expect(total(bucketCounts)).toBe(Number(count ?? 0));
    }
  });
});

const isCumulative = ({ kind, isMonotonic }: Point) =>
  kind === "histogram" || kind === "exponentialHistogram" || (kind === "sum" && isMonotonic);

/** proto3 JSON leaves zeros out. */
const sizeOf = ({ asInt, asDouble, count }: Point) => Number(count ?? asInt ?? asDouble ?? 0);

const total = (buckets: readonly string[] = []) => buckets.reduce((sum, bucket) => sum + Number(bucket), 0);

/** Points by series, in the order of their times. */
function seriesOf(all: readonly Point[]): Map<string, Point[]> {
  const series = new Map<string, Point[]>();
  for (const point of all) {
    const known = series.get(point.series);
    if (known) known.push(point);
    else series.set(point.series, [point]);
  }
  for (const one of series.values())
    one.sort((a, b) => Number(BigInt(a.timeUnixNano) - BigInt(b.timeUnixNano)));
  return series;
}
