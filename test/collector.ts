/**
 * A real OpenTelemetry Collector for tests: the binary of scripts/get-collector with the configuration that users run,
 * collector-config/base.yaml and one of its backends, on free ports of 127.0.0.1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type SelfMetrics, scrapeSelfMetrics } from "../fleet/report/self-metrics.ts";
import type { Signal } from "../otlp/signal.ts";
import { freePorts } from "./free-port.ts";
import { run } from "./stampede.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

/** Nobody holds a free port until the Collector does, and another test's connection may get it first: so often others are tried. */
const MAX_STARTS = 3;

export interface Collector {
  /** Endpoints as replay takes them. */
  grpc: string;
  http: string;
  /** Prometheus page of its self-metrics. */
  metricsUrl: string;
  /** As startCollector takes them, for one that comes after it at the same addresses. */
  ports: CollectorPorts;
  selfMetrics(): Promise<SelfMetrics>;
  /** What it printed so far. */
  log(): string;
  /** End it by its pid and wait; what is in its queues is sent first. */
  stop(): Promise<void>;
  /** End it as a crash does, with SIGKILL, and wait. */
  kill(): Promise<void>;
  /** Let it hang with its connections open (SIGSTOP), and go on (SIGCONT). */
  hang(): void;
  goOn(): void;
  /**
   * With the backend `file`: every request that it exported for `signal`, parsed by JSON.parse, not by a decoder of ours.
   * Call it after stop(), which writes out the last of it.
   */
  exported(signal: Signal): OtlpRequest[];
  /** Stop it if it runs, and remove its files. */
  dispose(): Promise<void>;
}

/** TCP ports of its servers. */
export interface CollectorPorts {
  grpc: number;
  http: number;
  metrics: number;
  health: number;
}

/** OTLP/JSON of an export request, as plain JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
export type OtlpRequest = any;

/** Path of the Collector's binary, built now if it is not there. */
export async function collectorBinary(): Promise<string> {
  const { exitCode, stdout, stderr } = await run(join(ROOT, "scripts/get-collector"), []);
  if (exitCode !== 0) throw new Error(`scripts/get-collector failed:\n${stderr}`);
  return stdout.trim();
}

/**
 * Start a Collector and wait until it is healthy.
 *
 * backend      a file of collector-config/backends, without its ending
 * environment  variables for the configuration, such as COLLECTOR_SINK_ENDPOINT
 * settings     more configuration on top, as the Collector takes it in one line: `receivers::otlp::protocols::http::...: value`
 * ports        where it listens; by default on free ones. A Collector that comes back has those of the one before it
 */
export async function startCollector(
  backend: string,
  environment: Readonly<Record<string, string>> = {},
  settings: readonly string[] = [],
  ports?: CollectorPorts,
): Promise<Collector> {
  for (let starts = 1; ; starts++) {
    try {
      return await start(backend, environment, settings, ports ?? (await freeCollectorPorts()));
    } catch (error) {
      const wasTaken = (error as Error).message.includes("address already in use");
      if (ports || !wasTaken || starts === MAX_STARTS) throw error;
    }
  }
}

async function start(
  backend: string,
  environment: Readonly<Record<string, string>>,
  settings: readonly string[],
  { grpc, http, metrics, health }: CollectorPorts,
): Promise<Collector> {
  const binary = await collectorBinary();
  const directory = mkdtempSync(join(tmpdir(), "stampede-collector-"));
  const config = join(ROOT, "collector-config");
  const child = spawn(
    binary,
    [
      join(config, "base.yaml"),
      join(config, "backends", `${backend}.yaml`),
      ...settings.map((setting) => `yaml:${setting}`),
    ].flatMap((source) => ["--config", source]),
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        HOSTNAME: "test",
        COLLECTOR_GRPC_PORT: `${grpc}`,
        COLLECTOR_HTTP_PORT: `${http}`,
        COLLECTOR_METRICS_PORT: `${metrics}`,
        COLLECTOR_HEALTH_PORT: `${health}`,
        COLLECTOR_EXPORT_DIRECTORY: directory,
        ...environment,
      },
    },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const collector: Collector = {
    grpc: `http://127.0.0.1:${grpc}`,
    http: `http://127.0.0.1:${http}`,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    ports: { grpc, http, metrics, health },
    selfMetrics: () => scrapeSelfMetrics(collector.metricsUrl),
    log: () => log,
    stop: () => stop(child, exited),
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    hang: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
    exported: (signal) => readExported(directory, signal),
    dispose: async () => {
      await stop(child, exited);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await untilHealthy(`http://127.0.0.1:${health}/`, child);
  } catch (error) {
    await collector.dispose();
    throw new Error(`the collector did not start: ${(error as Error).message}\n${log.slice(-3000)}`);
  }
  return collector;
}

async function freeCollectorPorts(): Promise<CollectorPorts> {
  const [grpc, http, metrics, health] = await freePorts(4);
  return { grpc: grpc!, http: http!, metrics: metrics!, health: health! };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const healthy = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
  throw new Error(`${url} was not healthy within ${START_TIMEOUT_MS / 1000} s`);
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // One that hangs hears nothing until it goes on.
  child.kill("SIGCONT");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

/** Rotated files are read too: lumberjack calls them `<signal>-test-<time>.json`. */
function readExported(directory: string, signal: Signal): OtlpRequest[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${signal}-`))
    .sort()
    .flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** What its receivers accepted of one signal, in items. */
export function receivedItems({ counters }: SelfMetrics, signal: Signal): number {
  return counters
    .filter((counter) => counter.kind === "receiver" && counter.outcome === "accepted")
    .filter((counter) => counter.signal === signal)
    .reduce((sum, { items }) => sum + items, 0);
}
