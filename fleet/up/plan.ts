/**
 * The processes of a fleet on this machine: what each is called, and how it is started. Nothing here starts anything.
 *
 * They come in this order, for each is told where those before it listen: the sink, the Collectors, the ledger, the replicas.
 */
import { join, resolve } from "node:path";
import { hasBackend } from "../local-collectors/backends.ts";
import type { CollectorOptions, CollectorPorts } from "../local-collectors/collector.ts";

/** A process to start. */
export interface PlannedProcess {
  /** As users know it, such as `replica 2`. */
  name: string;
  command: string;
  args: readonly string[];
  /** What it is told once it runs: plain data that is nobody else's business, as the arguments of a process are everybody's. */
  message?: object;
}

/** Collectors between the replicas and a backend. */
export interface CollectorsPlan {
  /** Path of the program. */
  binary: string;
  /** A file of collector-config/backends, without its ending, or several with commas. */
  backend: string;
  count: number;
  /** Of the whole fleet, 0: as fast as it goes; and whether somebody has said yes to it where it may cost something. */
  rate: number;
  isConfirmed: boolean;
}

export interface FleetPlan {
  /** How the stampede command is started, without the words behind it. */
  stampede: { command: string; args: readonly string[] };
  replicas: number;
  replica: {
    /** Words of the command that waits to be told what to replay. */
    words: readonly string[];
    /** What replica `index` is told; endpoints: `http://host:port` each. */
    run(index: number, endpoints: readonly string[], ledgerUrl: string): object;
  };
  protocol: "grpc" | "http/protobuf";
  /** Of the ids, which a sink verifies. */
  seed: number;
  /** Where the ledger leaves the run as an HTML file, if anywhere. */
  html?: string | undefined;
  /** Undefined: a sink takes their place. */
  collectors: CollectorsPlan | undefined;
  /** Of the one who started it: it holds what backends need. */
  environment: NodeJS.ProcessEnv;
}

/** The backend that is Stampede's own sink. */
const SINK_BACKEND = "sink";

/** Whether a sink belongs to the fleet: instead of Collectors, or behind them, unless somebody has one elsewhere. */
export function needsSink({ collectors, environment }: FleetPlan): boolean {
  if (!collectors) return true;
  return hasBackend(collectors.backend, SINK_BACKEND) && !environment.COLLECTOR_SINK_ENDPOINT;
}

/** reportPath  where the sink leaves its report */
export function sinkProcess(plan: FleetPlan, reportPath: string): PlannedProcess {
  const { stampede, seed, collectors } = plan;
  const words = [
    "sink",
    "--grpc=127.0.0.1:0",
    "--http=127.0.0.1:0",
    `--seed=${seed}`,
    `--report=${reportPath}`,
    // A Collector sends again what it had no answer to.
    ...(collectors ? ["--allow-repeats"] : []),
  ];
  return { name: "sink", command: stampede.command, args: [...stampede.args, ...words] };
}

/** Share of a Collector's memory limit from which on Go collects garbage harder. */
const GO_MEMORY_SHARE = 0.8;
const COLLECTOR_MEMORY_MIB = 2048;

/** Collector `index` of the plan's. sinkAddress: host:port for the backend `sink`; undefined where there is none. */
export function collectorOptions(
  { collectors, environment }: FleetPlan,
  index: number,
  sinkAddress: string | undefined,
): CollectorOptions & { name: string } {
  const { binary, backend, count } = collectors!;
  const memoryMib = Number(environment.COLLECTOR_MEMORY_MIB) || COLLECTOR_MEMORY_MIB;
  return {
    name: `collector ${index}`,
    binary,
    backend,
    environment: {
      ...environment,
      // The backend `file` calls its files by it.
      HOSTNAME: `collector-${index}`,
      GOMEMLIMIT: environment.GOMEMLIMIT || `${Math.floor(memoryMib * GO_MEMORY_SHARE)}MiB`,
      COLLECTOR_EXPORT_DIRECTORY: exportDirectory(environment),
      ...(sinkAddress !== undefined && { COLLECTOR_SINK_ENDPOINT: sinkAddress }),
    },
    ports: count === 1 ? portsOf(environment) : {},
    detached: true,
  };
}

/** Where the backend `file` writes. */
export function exportDirectory({ COLLECTOR_EXPORT_DIRECTORY }: NodeJS.ProcessEnv): string {
  return resolve(COLLECTOR_EXPORT_DIRECTORY || "exports");
}

/** The ports that collector-config/base.yaml can be told, as far as somebody has. */
function portsOf(environment: NodeJS.ProcessEnv): Partial<CollectorPorts> {
  const ports: Partial<CollectorPorts> = {};
  for (const name of ["grpc", "http", "metrics", "health"] as const) {
    const port = Number(environment[`COLLECTOR_${name.toUpperCase()}_PORT`]);
    if (port > 0) ports[name] = port;
  }
  return ports;
}

/** What the ledger reads, and where it keeps what it learns. */
export interface LedgerPlace {
  /** host:port; port 0 takes a free one. */
  listen: string;
  /** Pages of the Collectors' own metrics. */
  collectors: readonly string[];
  /** host:port of the sink's HTTP; undefined where there is no sink. */
  sink: string | undefined;
  /** A directory of its own. */
  directory: string;
}

/** Where the ledger leaves the account when it is closed. */
export const accountPath = ({ directory }: LedgerPlace): string => join(directory, "account.json");

export function ledgerProcess(plan: FleetPlan, place: LedgerPlace): PlannedProcess {
  const { stampede, replicas, html } = plan;
  const { listen, collectors, sink, directory } = place;
  const words = [
    "ledger",
    "serve",
    `--listen=${listen}`,
    ...(collectors.length > 0 ? [`--collectors=${collectors.join(",")}`] : []),
    ...(sink === undefined ? [] : [`--sink=http://${sink}`]),
    `--expect=${replicas}`,
    // One that dies is started again, and goes on with the same account.
    `--state-dir=${directory}`,
    `--report=${accountPath(place)}`,
    ...(html === undefined ? [] : [`--html=${html}`]),
    // Not what a shell has for another fleet.
    `--backend=${plan.collectors?.backend ?? "nop"}`,
    ...(plan.collectors ? [`--rate=${plan.collectors.rate}`] : []),
    ...(plan.collectors?.isConfirmed ? ["--yes"] : []),
  ];
  return { name: "ledger", command: stampede.command, args: [...stampede.args, ...words] };
}

/** Replica `index`. It goes by what it is told; its flag is for whoever lists processes. */
export function replicaProcess(
  plan: FleetPlan,
  index: number,
  endpoints: readonly string[],
  ledgerUrl: string,
): PlannedProcess {
  const { stampede, replica, replicas } = plan;
  return {
    name: `replica ${index}`,
    command: stampede.command,
    args: [...stampede.args, ...replica.words, `--replica=${index}/${replicas}`],
    message: replica.run(index, endpoints, ledgerUrl),
  };
}
