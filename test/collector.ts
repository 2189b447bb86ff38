/**
 * A real OpenTelemetry Collector for tests: the binary of scripts/get-collector with the configuration that users run,
 * collector-config/base.yaml and one of its backends, on free ports of 127.0.0.1.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SelfMetrics, scrapeSelfMetrics } from "../fleet/ledger/watch/self-metrics.ts";
import { hasBackend } from "../fleet/local-collectors/backends.ts";
import {
  CollectorError,
  type CollectorPorts,
  type LocalCollector,
  startLocalCollector,
} from "../fleet/local-collectors/collector.ts";
import type { Signal } from "../otlp/signal.ts";
import { bring } from "./bring.ts";

export type { CollectorPorts };

export interface Collector extends Omit<LocalCollector, "pid" | "send" | "ended"> {
  selfMetrics(): Promise<SelfMetrics>;
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

/** OTLP/JSON of an export request, as plain JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
export type OtlpRequest = any;

/** Backends whose exporters only the larger Collector has. */
const NOT_EVERYWHERE = ["kafka", "prometheus-remote-write"];

/** Path of the Collector's binary, built now if it is not there; `which`: the one with the exporters of all backends. */
export const collectorBinary = (...which: "backends"[]): Promise<string> => bring("collector", ...which);

/**
 * Start a Collector and wait until it is healthy.
 *
 * backend      a file of collector-config/backends, without its ending, or several with commas
 * environment  variables for the configuration, such as COLLECTOR_SINK_ENDPOINT
 * settings     more configuration on top, as the Collector takes it in one line: `receivers::otlp::protocols::http::...: value`
 * ports        where it listens; by default on free ones. A Collector that comes back has those of the one before it
 */
export async function startCollector(
  backend: string,
  environment: Readonly<Record<string, string>> = {},
  settings: readonly string[] = [],
  ports?: Partial<CollectorPorts>,
): Promise<Collector> {
  const directory = mkdtempSync(join(tmpdir(), "stampede-collector-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const which = NOT_EVERYWHERE.some((name) => hasBackend(backend, name)) ? (["backends"] as const) : [];
  const started = await startLocalCollector({
    binary: await collectorBinary(...which),
    backend,
    environment: { HOSTNAME: "test", COLLECTOR_EXPORT_DIRECTORY: directory, ...environment },
    settings,
    ports,
  }).catch((error: Error) => {
    remove();
    const log = error instanceof CollectorError ? error.log.slice(-3000) : "";
    throw new Error(`the collector did not start: ${error.message}\n${log}`);
  });
  return {
    ...started,
    selfMetrics: () => scrapeSelfMetrics(started.metricsUrl),
    kill: async () => {
      started.send("SIGKILL");
      await started.ended;
    },
    hang: () => started.send("SIGSTOP"),
    goOn: () => started.send("SIGCONT"),
    exported: (signal) => readExported(directory, signal),
    dispose: async () => {
      await started.stop();
      remove();
    },
  };
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
