/**
 * Ten seconds of all three signals into a real Collector that writes down what it gets. The check of test/capture reads that, with
 * nothing of Stampede's in between, and finds nothing wrong; and the three counts agree: report, self-metrics, capture.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SelfMetrics } from "../fleet/ledger/watch/self-metrics.ts";
import type { Report } from "../ledger/report.ts";
import type { Signal } from "../otlp/signal.ts";
import { type CaptureReport, checkCapture, filesOf } from "./capture/check-capture.ts";
import { startCollector } from "./collector.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

/** Metrics of every kind, logs of every kind, and a trace that no request has room for. */
const HIGH_SPAN_TRACE = 9000;
const TEMPLATES = `
seed: 11
traces:
  count: 300
  spans: {avg_per_trace: 12, std_dev: 4, error_rate: 0.1, high_span_traces: {enabled: true, count: 1, span_count: ${HIGH_SPAN_TRACE}}}
  services: {count: 6}
metrics:
  metric_count: 120
  timeseries_per_metric: {min: 4, max: 20, default: 10}
  types: [host_metrics, k8s_pod, application, runtime]
logs: {count: 3000}
`;
const PASSES = 3;
const JITTER_MS = 1000;
/** The high-span trace is the longest. */
const LONGEST_TRACE_MS = 95_000;
/** Base times are floored to steps of 2^24 ns. */
const STEP_MS = 17;

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-capture-"));
  // Points come often, so that every series has one per pass.
  writeFileSync(join(directory, "replayer.yaml"), "metrics: {interval: 1s}\n");
  templates = await generateTemplates(directory, TEMPLATES);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const WAYS = [
  { protocol: "grpc", compression: "none" },
  { protocol: "http/protobuf", compression: "zstd" },
] as const;

describe.each(WAYS)("over $protocol, compression $compression", ({ protocol, compression }) => {
  let capture: CaptureReport;
  let report: Report;
  let received: Record<Signal, number>;
  beforeAll(async () => {
    const exports = join(directory, `${compression}-exports`);
    mkdirSync(exports);
    const collector = await startCollector("file", { COLLECTOR_EXPORT_DIRECTORY: exports });
    try {
      const beganMs = Date.now();
      const file = join(directory, `${compression}.json`);
      const flags = {
        config: join(directory, "replayer.yaml"),
        input: templates,
        endpoint: protocol === "grpc" ? collector.grpc : collector.http,
        protocol,
        compression,
        rate: 5000,
        multiplier: PASSES,
        report: file,
      };
      const ran = await stampede(
        "replay",
        ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      );
      const endedMs = Date.now();
      if (ran.exitCode !== 0) throw new Error(`replay ended with ${ran.exitCode}:\n${ran.stderr}`);
      report = JSON.parse(readFileSync(file, "utf8"));
      received = receivedBy(await collector.selfMetrics());
      await collector.stop();
      capture = await checkCapture(filesOf(exports), {
        // Twice the jitter: where times of a request would carry, it steps back by its own length.
        notBeforeMs: beganMs - 2 * JITTER_MS - STEP_MS,
        notAfterMs: endedMs,
        maxAgeMs: LONGEST_TRACE_MS,
        seed: 0,
      });
    } finally {
      await collector.dispose();
    }
  });

  test("nothing is wrong with what was captured", () => {
    expect(capture.violations).toEqual({});
  });

  test("the capture holds what the check is about", () => {
    expect(capture.traces!.largestTrace).toBe(HIGH_SPAN_TRACE);
    expect(capture.traces!.splitTraces).toBe(PASSES);
    expect(capture.traces!.parentsElsewhere).toBeGreaterThan(0);
    expect(capture.traces!.events).toBeGreaterThan(0);
    for (const texts of Object.values(capture.logs!.textTimes)) expect(texts).toBeGreaterThan(0);
    expect(capture.logs!.textIds).toBeGreaterThan(0);
    expect(capture.logs!.linked).toBeGreaterThan(0);
    for (const points of Object.values(capture.metrics!.pointsByKind)) expect(points).toBeGreaterThan(0);
    expect(capture.metrics!).toMatchObject({ mostPoints: PASSES, fewestPoints: PASSES });
    expect(capture.metrics!.grown).toBeGreaterThan(0);
  });

  test("every trace of every pass is complete, from one incarnation", () => {
    expect(capture.origins).toEqual({
      incarnations: report.incarnations,
      passes: PASSES,
      completeTraces: capture.traces!.traces,
      incompleteTraces: 0,
    });
  });

  test("the capture counts what the report accepted and the Collector received", () => {
    const captured = {
      traces: capture.traces!.spans,
      metrics: capture.metrics!.points,
      logs: capture.logs!.records,
    };
    const { traces, metrics, logs } = report.signals;
    expect(captured).toEqual({ traces: traces!.accepted, metrics: metrics!.accepted, logs: logs!.accepted });
    expect(captured).toEqual(received);
  });
});

test("a run that is cut at a count ends with a whole trace: no parent and no span is missing", async () => {
  const exports = join(directory, "cut-exports");
  mkdirSync(exports);
  const collector = await startCollector("file", { COLLECTOR_EXPORT_DIRECTORY: exports });
  try {
    // All traces of one pass, then all of the next but for most of its high-span trace.
    // Requests of the usual size: in small ones the first part of this trace does not hold its first spans.
    const limits = ["--rate=20000", "--count=25000", "--batch-size=100"];
    const ran = await stampede("replay", `--input=${templates}`, `--endpoint=${collector.grpc}`, ...limits);
    expect(ran.exitCode).toBe(0);
    await collector.stop();
    // Log records run ahead of the spans that they belong to, which were not sent any more.
    const capture = await checkCapture(filesOf(exports), {
      tailMs: 10_000,
      maxAgeMs: LONGEST_TRACE_MS,
      seed: 0,
    });
    expect(capture.violations).toEqual({});
    expect(capture.traces!.tail).toBe(0);
    expect(capture.origins).toMatchObject({ passes: 2, incompleteTraces: 0 });
    expect(capture.traces!.spans + capture.metrics!.points + capture.logs!.records).toBe(25_000);
  } finally {
    await collector.dispose();
  }
});

function receivedBy({ counters }: SelfMetrics): Record<Signal, number> {
  const received = { traces: 0, metrics: 0, logs: 0 };
  for (const { kind, outcome, signal, items } of counters) {
    if (kind === "receiver" && outcome === "accepted") received[signal] += items;
  }
  return received;
}
