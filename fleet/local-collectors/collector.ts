/**
 * A real OpenTelemetry Collector on this machine: a binary with the configuration of collector-config/, base.yaml and its backends, on
 * ports of 127.0.0.1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { keepEnd } from "../local/last-words.ts";
import { configSources } from "./backends.ts";
import { freePorts } from "./free-ports.ts";
import { untilHealthy } from "./until-healthy.ts";

const STOP_TIMEOUT_MS = 15_000;

/** Nobody holds a free port until the Collector does, and somebody else may get it first: so often others are tried. */
const MAX_STARTS = 3;

/** TCP ports of its servers. */
export interface CollectorPorts {
  grpc: number;
  http: number;
  metrics: number;
  health: number;
}

export interface CollectorOptions {
  /** Path of the program. */
  binary: string;
  /** A file of collector-config/backends, without its ending, or several with commas. */
  backend: string;
  /** All its environment: what the configuration reads, but for the ports. */
  environment: NodeJS.ProcessEnv;
  /** More configuration on top, as the Collector takes it in one line: `receivers::otlp::protocols::http::...: value`. */
  settings?: readonly string[] | undefined;
  /** Where it listens; what is not named is free. */
  ports?: Partial<CollectorPorts> | undefined;
  /** Whether it is in a process group of its own, where no Ctrl-C of a terminal reaches it. */
  detached?: boolean;
  /** Ends the start; the Collector is gone when it rejects. */
  signal?: AbortSignal | undefined;
}

export interface LocalCollector {
  readonly pid: number;
  /** Endpoints as replay takes them. */
  readonly grpc: string;
  readonly http: string;
  /** Prometheus page of its self-metrics. */
  readonly metricsUrl: string;
  readonly ports: CollectorPorts;
  /** The end of what it printed so far. */
  log(): string;
  /** End it by its pid and wait; what is in its queues is sent first. */
  stop(): Promise<void>;
  send(signal: NodeJS.Signals): void;
  /** Resolves when it is gone, whatever ended it: a signal, or `code N`. */
  readonly ended: Promise<string>;
}

/** A Collector that did not come up; `log` is the end of what it printed. */
export class CollectorError extends Error {
  override readonly name = "CollectorError";
  readonly code = "collector_failed";
  readonly log: string;

  constructor(message: string, log: string) {
    super(message);
    this.log = log;
  }
}

/** Start a Collector and wait until it is healthy. Throws CollectorError. */
export async function startLocalCollector(options: CollectorOptions): Promise<LocalCollector> {
  for (let starts = 1; ; starts++) {
    try {
      return await start(options, { ...(await freeCollectorPorts()), ...options.ports });
    } catch (error) {
      const wasTaken = error instanceof CollectorError && takenAddress(error.log) !== undefined;
      if (!wasTaken || starts === MAX_STARTS) throw error;
    }
  }
}

async function start(options: CollectorOptions, ports: CollectorPorts): Promise<LocalCollector> {
  const { binary, backend, environment, settings = [], detached = false } = options;
  const sources = [...configSources(backend), ...settings.map((setting) => `yaml:${setting}`)];
  const child = spawn(
    binary,
    sources.flatMap((source) => ["--config", source]),
    {
      stdio: ["ignore", "ignore", "pipe"],
      detached,
      env: {
        ...environment,
        COLLECTOR_GRPC_PORT: `${ports.grpc}`,
        COLLECTOR_HTTP_PORT: `${ports.http}`,
        COLLECTOR_METRICS_PORT: `${ports.metrics}`,
        COLLECTOR_HEALTH_PORT: `${ports.health}`,
      },
    },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = keepEnd(log, text);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    // Not `exit`: what it said last may still be in the pipe.
    child.once("close", (code, signal) => resolve(signal ?? `code ${code}`));
  });
  try {
    await untilHealthy(`http://127.0.0.1:${ports.health}/`, ended, options.signal);
  } catch (error) {
    await stop(child);
    throw new CollectorError((error as Error).message, log);
  }
  return {
    pid: child.pid!,
    grpc: `http://127.0.0.1:${ports.grpc}`,
    http: `http://127.0.0.1:${ports.http}`,
    metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    ports,
    log: () => log,
    stop: () => stop(child),
    send: (signal) => void child.kill(signal),
    ended,
  };
}

async function freeCollectorPorts(): Promise<CollectorPorts> {
  const [grpc, http, metrics, health] = await freePorts(4);
  return { grpc: grpc!, http: http!, metrics: metrics!, health: health! };
}

/** The address that the log of a Collector complains is in use; undefined when it has none. */
export function takenAddress(log: string): string | undefined {
  return /listen tcp[46]? (\S+:\d+): bind: address already in use/.exec(log)?.[1];
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  // One that hangs hears nothing until it goes on.
  child.kill("SIGCONT");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
