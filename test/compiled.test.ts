/**
 * Compiled templates on the wire: compressed once by `stampede freeze`, then sent with fresh times and ids by `stampede replay`, into
 * the sink, which knows every span that must come, and into a real Collector.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { startSink } from "../sink/sink.ts";
import { receivedItems, startCollector } from "./collector.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const CONFIG = `
traces: {count: 900, spans: {high_span_traces: {count: 1, span_count: 9000}}}
metrics: {metric_count: 120, timeseries_per_metric: {min: 5, max: 40, default: 20}, types: [host_metrics, k8s_pod, application, runtime, database, messaging]}
logs: {count: 3000}
`;
const FLAGS = ["--protocol=http/protobuf", "--compression=zstd", "--rate=20000"];

describe("compiled templates", () => {
  const directory = mkdtempSync(join(tmpdir(), "stampede-compiled-"));
  let templates = "";
  let told = "";

  beforeAll(async () => {
    templates = await generateTemplates(directory, CONFIG);
    const frozen = await stampede("freeze", `--input=${templates}`);
    expect([frozen.exitCode, frozen.stderr.includes("error")]).toEqual([0, false]);
    told = frozen.stdout;
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const replay = async (endpoint: string, ...more: string[]): Promise<Report> => {
    const file = join(directory, "report.json");
    const flags = [`--input=${templates}`, `--endpoint=${endpoint}`, `--report=${file}`, ...FLAGS, ...more];
    const { exitCode, stderr } = await stampede("replay", ...flags);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  };

  test("are a fraction of their size, and are made once", async () => {
    expect(told).toMatch(
      /^traces: \d+ requests, .* times smaller\nmetrics: \d+ requests, .*\nlogs: \d+ requests, /,
    );
    const again = await stampede("freeze", `--input=${templates}`);
    expect(again.stdout).toBe(
      "traces: compiled already\nmetrics: compiled already\nlogs: compiled already\n",
    );
  });

  test("arrive whole in every pass: nothing missing, nothing double, whatever the end cuts", async () => {
    const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0 });
    const { signals } = await replay(`http://${sink.httpAddress}`, "--count=61234");
    const received = sink.counts().signals;
    const report = sink.report();
    await sink.close(0);
    expect(SIGNALS.reduce((sum, signal) => sum + signals[signal]!.accepted, 0)).toBe(61_234);
    expect(report).toMatchObject({ exitCode: 0, verification: { findings: {} } });
    for (const signal of SIGNALS) {
      const { accepted, bodyBytes, wireBytes } = signals[signal]!;
      expect(received[signal].received).toBe(accepted);
      expect(wireBytes).toBeLessThan(bodyBytes / 3);
    }
  });

  test("are taken by a real Collector to the last item", async () => {
    const collector = await startCollector("nop");
    try {
      const { signals } = await replay(collector.http, "--multiplier=2");
      const selfMetrics = await collector.selfMetrics();
      for (const signal of SIGNALS) {
        expect(receivedItems(selfMetrics, signal)).toBe(signals[signal]!.accepted);
      }
    } finally {
      await collector.dispose();
    }
  });
});
