/**
 * Compiled templates on the wire: compressed once by `stampede freeze`, then sent with fresh times and ids by `stampede replay`, into
 * the sink, which knows every span that must come, and into a real Collector; or compiled by `replay` itself while it sends.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
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
/** What is frozen ahead is sent only if the sizes are the same. */
const SIZE = "--batch-size=200";
const FLAGS = [SIZE, "--protocol=http/protobuf", "--compression=zstd", "--rate=20000"];

describe("compiled templates", () => {
  const directory = mkdtempSync(join(tmpdir(), "stampede-compiled-"));
  let templates = "";
  let told = "";
  let said = "";

  beforeAll(async () => {
    templates = await generateTemplates(directory, CONFIG);
    const frozen = await stampede("freeze", `--input=${templates}`, SIZE);
    expect([frozen.exitCode, frozen.stderr.includes("error")]).toEqual([0, false]);
    told = frozen.stdout;
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const replay = async (endpoint: string, ...more: string[]): Promise<Report> => {
    const file = join(directory, "report.json");
    const flags = [`--input=${templates}`, `--endpoint=${endpoint}`, `--report=${file}`, ...FLAGS, ...more];
    const { exitCode, stderr } = await stampede("replay", ...flags);
    said = stderr;
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  };

  test("are a fraction of their size, and are made once", async () => {
    const line = (signal: string) =>
      `${signal}: \\d+ requests, .*\n {2}zstd, effort fast: .* times smaller.*\n`;
    expect(told).toMatch(new RegExp(`^${SIGNALS.map(line).join("")}$`));
    const again = await stampede("freeze", `--input=${templates}`, SIZE);
    expect(again.stdout).toBe(told.replaceAll("\n  ", ", was there\n  "));
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

  test.each([
    ["zstd", "best"],
    ["gzip", "fast"],
  ])(
    "to %s with effort %s are made when asked for, preferred when sent, and arrive whole",
    async (compression, effort) => {
      const flags = [`--compression=${compression}`, `--effort=${effort}`];
      const { stdout } = await stampede("freeze", `--input=${templates}`, SIZE, ...flags);
      const form = `${compression}, effort ${effort}: `;
      expect(stdout.split(form)).toHaveLength(SIGNALS.length + 1);
      const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0 });
      const { signals } = await replay(`http://${sink.httpAddress}`, "--count=30123", flags[0]!);
      const report = sink.report();
      await sink.close(0);
      expect(said.split(`compiled batches, ${form}`)).toHaveLength(SIGNALS.length + 1);
      expect(report).toMatchObject({ exitCode: 0, verification: { findings: {} } });
      for (const signal of SIGNALS) expect(signals[signal]!.compiledRequests).toBeGreaterThan(0);
    },
  );

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

/** A pass is short: there are passes enough for compiling to pay within some seconds. */
const SMALL = `
traces: {count: 150, spans: {high_span_traces: {enabled: false}}}
metrics: {metric_count: 20, timeseries_per_metric: {min: 5, max: 20, default: 10}, types: [host_metrics, application]}
logs: {count: 500}
`;

describe("templates that are compiled while they are sent", () => {
  test("by one of two commands arrive whole from both: plain ones first, compiled ones from a moment on", async () => {
    const directory = mkdtempSync(join(tmpdir(), "stampede-behind-"));
    const templates = await generateTemplates(directory, SMALL);
    const caches = join(templates, ".stampede");
    mkdirSync(caches);
    const parts = new Set<string>();
    const watcher = watch(caches, (_, name) => {
      if (name?.endsWith(".part") && name.includes(".zstd-")) parts.add(name);
    });
    const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0 });
    const send = async (index: number): Promise<Report> => {
      const file = join(directory, `report-${index}.json`);
      const flags = [`--input=${templates}`, `--endpoint=http://${sink.httpAddress}`, `--report=${file}`];
      const share = [`--replica=${index}/2`, "--count=200001", "--duration=0"];
      const { exitCode, stderr } = await stampede("replay", ...flags, ...FLAGS, ...share);
      expect([exitCode, stderr]).toEqual([
        0,
        expect.stringContaining("batches are compiled (zstd, effort fast)"),
      ]);
      return JSON.parse(readFileSync(file, "utf8")) as Report;
    };
    const reports = await Promise.all([send(0), send(1)]);
    watcher.close();
    const received = sink.counts().signals;
    const report = sink.report();
    await sink.close(0);
    expect(report).toMatchObject({ exitCode: 0, verification: { findings: {} } });
    for (const signal of SIGNALS) {
      const of = reports.map(({ signals }) => signals[signal]!);
      expect(received[signal].received).toBe(of[0]!.accepted + of[1]!.accepted);
      for (const { requests, compiledRequests } of of) {
        expect(compiledRequests).toBeGreaterThan(0);
        expect(compiledRequests).toBeLessThan(requests - 1);
      }
    }
    expect(SIGNALS.reduce((sum, signal) => sum + received[signal].received, 0)).toBe(200_001);
    // The process that makes a file has its number in the name of what is not complete yet.
    const files = new Set([...parts].map((name) => name.replace(/\.\d+\.part$/, "")));
    expect([files.size, parts.size]).toEqual([SIGNALS.length, SIGNALS.length]);
    expect(readdirSync(caches).filter((name) => !/\.frozen(\.zstd-fast)?$/.test(name))).toEqual([]);
    rmSync(directory, { recursive: true });
  });
});
