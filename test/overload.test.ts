/**
 * What a Collector does when more comes than its backend takes: it refuses, so that the sender knows, and loses nothing that it took.
 * The sender's report, the Collector's counters and what arrives behind it agree to the item, for every backend that can be had here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { readBackend, signalsOf } from "../fleet/backends/backend-file.ts";
import type { SelfMetrics } from "../fleet/ledger/watch/self-metrics.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import type { Report } from "../ledger/report.ts";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";
import { type Collector, receivedItems, startCollector } from "./collector.ts";
import { countItems } from "./otlp-json.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const CONFIGS = join(import.meta.dirname, "../collector-config");
/** Queues are emptied by one consumer that waits for a slow sink, on a machine that does other things, too. */
const PATIENCE = { timeout: 120_000, interval: 200 };
/** Items: little enough to be full at once, more than any file's smallest batch. */
const QUEUE = 6000;

/** About as many spans as data points and log records. */
const GENERATOR = `
traces: {count: 100, spans: {avg_per_trace: 12, high_span_traces: {enabled: false}}}
metrics: {metric_count: 120, timeseries_per_metric: {min: 10, max: 10, default: 10}, types: [host_metrics]}
logs: {count: 1200}
`;

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-overload-"));
  templates = await generateTemplates(directory, GENERATOR);
  writeFileSync(join(directory, "replayer.yaml"), "sending: {retry: {initial: 50ms, max_elapsed: 200ms}}\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("overload behind the Collector: its queue is full", () => {
  /** Variables with which a backend's exporters reach a sink of ours. */
  const OVER_OTLP: Record<string, (sink: Sink) => Record<string, string>> = {
    sink: ({ grpcAddress }) => ({ COLLECTOR_SINK_ENDPOINT: grpcAddress }),
    otlp: ({ httpAddress }) => ({ OTLP_ENDPOINT: `http://${httpAddress}` }),
    honeycomb: ({ httpAddress }) => ({
      HONEYCOMB_ENDPOINT: `http://${httpAddress}`,
      HONEYCOMB_API_KEY: "key",
    }),
    "grafana-cloud": ({ httpAddress }) => ({
      GRAFANA_CLOUD_OTLP_ENDPOINT: `http://${httpAddress}`,
      GRAFANA_CLOUD_BASIC_AUTH: "a2V5",
    }),
    "new-relic": ({ httpAddress }) => ({
      NEW_RELIC_OTLP_ENDPOINT: `http://${httpAddress}`,
      NEW_RELIC_LICENSE_KEY: "key",
    }),
    jaeger: ({ grpcAddress }) => ({ JAEGER_ENDPOINT: grpcAddress }),
    tempo: ({ grpcAddress }) => ({ TEMPO_ENDPOINT: grpcAddress }),
    loki: ({ httpAddress }) => ({ LOKI_ENDPOINT: `http://${httpAddress}` }),
    prometheus: ({ httpAddress }) => ({ PROMETHEUS_ENDPOINT: `http://${httpAddress}` }),
    victoria: ({ httpAddress }) =>
      Object.fromEntries(
        SIGNALS.map((signal) => [
          `VICTORIA_${signal.toUpperCase()}_ENDPOINT`,
          `http://${httpAddress}/v1/${signal}`,
        ]),
      ),
  };

  test.each(Object.keys(OVER_OTLP))("%s: what was accepted arrives, the rest was refused", async (name) => {
    const sink = await openSink({ verify: false, faults: parseFaults("delay=2s") });
    const collector = await start(name, OVER_OTLP[name]!(sink), smallQueues(name));
    const report = await replay(collector);
    const metrics = await agreement(report, collector);
    const taken = signalsOf(readBackend(CONFIGS, name));
    expectRefusals(report, taken, "sending queue is full");
    const arrived = () => perSignal((signal) => sink.counts().signals[signal].received);
    const due = perSignal((signal) => (taken.includes(signal) ? report.signals[signal]!.accepted : 0));
    await expect.poll(arrived, PATIENCE).toEqual(due);
    // Nothing was given up on the way, and no more comes.
    expect(lost(metrics)).toBe(0);
    await collector.stop();
    expect(arrived()).toEqual(due);
  });

  // No server of theirs can be had here; one that is not there is slow enough. What was accepted waits.
  test.each([
    ["kafka", (port: number) => ({ KAFKA_BROKERS: `[127.0.0.1:${port}]` })],
    [
      "prometheus-remote-write",
      (port: number) => ({ PROMETHEUS_REMOTE_WRITE_ENDPOINT: `http://127.0.0.1:${port}/api/v1/write` }),
    ],
  ])("%s: what was accepted is kept while nobody answers, the rest was refused", async (name, variables) => {
    const [port] = await freePorts(1);
    const collector = await start(name, variables(port!), smallQueues(name));
    const report = await replay(collector);
    const metrics = await agreement(report, collector);
    const taken = signalsOf(readBackend(CONFIGS, name));
    expectRefusals(report, taken, "sending queue is full");
    expect(lost(metrics)).toBe(0);
    // In items, or in requests where the exporter's queue knows no other measure.
    expect(metrics.queued).toBe(
      name === "kafka" ? sum(perSignal((signal) => report.signals[signal]!.accepted)) : 20,
    );
    await collector.kill();
  });
});

describe("overload in the Collector: its memory is at the limit", () => {
  // These answer when they are done, so no queue is ever full. The limiter looks after three seconds and finds too little.
  test.each(["nop", "debug", "file"])("%s: what was accepted is done, the rest was refused", async (name) => {
    const limiter = "processors::memory_limiter::check_interval: 3s";
    const collector = await start(name, { COLLECTOR_MEMORY_MIB: "1" }, [limiter]);
    const report = await replay(collector, "--duration=8s");
    await agreement(report, collector);
    expectRefusals(report, SIGNALS, "data refused due to high memory usage");
    expect(sum(perSignal((signal) => report.signals[signal]!.accepted))).toBeGreaterThan(0);
    await collector.stop();
    if (name !== "file") return;
    expect(perSignal((signal) => countItems(signal, collector.exported(signal)))).toEqual(
      perSignal((signal) => report.signals[signal]!.accepted),
    );
  });
});

describe("a fan-out to two sinks", () => {
  test("brings every item to both, once", async () => {
    const sinks = [await openSink(), await openSink()];
    const collector = await start("sink,otlp", bothAt(sinks), []);
    const report = await replay(collector, "--count=60000");
    expect(report.balanced).toBe(true);
    const accepted = perSignal((signal) => report.signals[signal]!.accepted);
    expect(accepted).toEqual(perSignal((signal) => report.signals[signal]!.intended));
    for (const sink of sinks) {
      const arrived = () => perSignal((signal) => sink.counts().signals[signal].received);
      await expect.poll(arrived, PATIENCE).toEqual(accepted);
    }
    await collector.stop();
    for (const sink of sinks) expect(sink.report().verification!.findings).toEqual({});
  });

  test("loses nothing while one of them is slow; the other gets again what the slow one's queue refused", async () => {
    const slow = await openSink({ verify: false, faults: parseFaults("delay=2s") });
    const quick = await openSink({ verify: false });
    const collector = await start("sink,otlp", bothAt([quick, slow]), smallQueues("otlp"));
    const report = await replay(collector);
    await agreement(report, collector);
    expectRefusals(report, SIGNALS, "sending queue is full");
    const accepted = perSignal((signal) => report.signals[signal]!.accepted);
    const at = (sink: Sink) => perSignal((signal) => sink.counts().signals[signal].received);
    await expect.poll(() => at(slow), PATIENCE).toEqual(accepted);
    await collector.stop();
    expect(at(slow)).toEqual(accepted);
    for (const signal of SIGNALS) expect(at(quick)[signal]).toBeGreaterThan(accepted[signal]);
  });

  function bothAt([first, second]: Sink[]): Record<string, string> {
    return {
      COLLECTOR_SINK_ENDPOINT: first!.grpcAddress,
      OTLP_ENDPOINT: `http://${second!.httpAddress}`,
    };
  }
});

async function openSink(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

async function start(
  backend: string,
  environment: Record<string, string>,
  settings: string[],
): Promise<Collector> {
  const collector = await startCollector(backend, environment, settings);
  // Before its sink is closed: what is in its queue still has to go somewhere.
  onTestFinished(() => collector.dispose());
  return collector;
}

/** Settings that make the queues of a backend's exporters small and emptied one request at a time. */
function smallQueues(name: string): string[] {
  const { exporters } = readBackend(CONFIGS, name);
  return Object.entries(exporters).flatMap(([id, settings]) => {
    const queue = settings !== null && "remote_write_queue" in (settings as object);
    if (queue) return [`exporters::${id}::remote_write_queue::queue_size: 20`];
    if (settings === null) return [];
    const at = `exporters::${id}::sending_queue`;
    return [`${at}::queue_size: ${QUEUE}`, `${at}::num_consumers: 1`];
  });
}

/** Send faster than anything behind these Collectors takes, with little patience; more flags win. */
async function replay(collector: Collector, ...flags: string[]): Promise<Report> {
  const file = join(directory, "report.json");
  rmSync(file, { force: true });
  const amount = flags.length === 0 ? ["--duration=3s"] : flags;
  const args = [
    `--config=${join(directory, "replayer.yaml")}`,
    `--endpoint=${collector.grpc}`,
    `--input=${templates}`,
    `--report=${file}`,
    "--rate=20000",
    ...amount,
  ];
  const { stderr } = await stampede("replay", ...args);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(stderr);
  }
}

/** The sender and the Collector's receiver tell of the same items; returns what the Collector says. */
async function agreement(report: Report, collector: Collector): Promise<SelfMetrics> {
  const metrics = await collector.selfMetrics();
  for (const signal of SIGNALS) {
    const { accepted, inDoubt, rejected } = report.signals[signal]!;
    expect({ accepted, inDoubt, rejected }).toEqual({
      accepted: receivedItems(metrics, signal),
      inDoubt: 0,
      rejected: 0,
    });
  }
  return metrics;
}

function expectRefusals(report: Report, signals: readonly Signal[], words: string): void {
  for (const signal of signals) expect(report.signals[signal]!.failed, signal).toBeGreaterThan(0);
  expect(report.answers.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
}

/** Items that exporters gave up. */
function lost({ counters }: SelfMetrics): number {
  return counters
    .filter(({ kind, outcome }) => kind === "exporter" && outcome === "send_failed")
    .reduce((items, counter) => items + counter.items, 0);
}

function sum(items: PerSignal<number>): number {
  return items.traces + items.metrics + items.logs;
}
