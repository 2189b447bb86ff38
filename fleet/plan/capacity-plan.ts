/**
 * The plan for a rate: two ways to send it, through Collectors and straight to the backend, each with its processes, cores, memory, machines
 * and network. Pure: costs and traffic are measured before.
 */
import type { Costs, SenderForm } from "./costs.ts";
import { dearer, type Group, groupFor } from "./demand.ts";
import type { ExporterForm } from "./exporter-form.ts";
import { type Leg, legOf, type MachineTraffic, machineTraffic } from "./network.ts";
import type { Sizes, Traffic } from "./traffic.ts";

export interface PlanRequest {
  eventsPerSecond: number;
  toCollectors: SenderForm;
  toBackend: SenderForm;
  exporter: ExporterForm;
  /** The backend is on the other side of TLS. */
  isEncrypted: boolean;
  /** The part of a core, and of a network interface, that may be used. */
  utilisation: number;
  coresPerMachine: number;
  coresPerCollector: number;
  /** At the least; undefined: as many as it takes. */
  replicas: number | undefined;
  /** How long the backend takes over a request. */
  latencyMs: number;
}

export interface Way {
  name: "through Collectors" | "straight to the backend";
  sender: SenderForm;
  replicas: Group;
  collectors?: Group;
  /** Used, and to have. */
  cores: number;
  coresToHave: number;
  memoryBytes: number;
  /** Memory with every Collector at its limit, as when the backend pauses and queues fill. */
  memoryToHaveBytes: number;
  machines: number;
  legs: Leg[];
  machineTraffic: MachineTraffic;
  /** Of one replayer, at most: so many that the backend's latency does not hold it back. */
  requestsInFlight: number;
}

export interface CapacityPlan {
  eventsPerSecond: number;
  through: Way;
  /** Undefined where the backend does not take OTLP. */
  straight: Way | undefined;
}

/** CPU-seconds that encrypting takes for a byte; benchmarks.md, traces over HTTP with and without TLS. A calibration has none. */
const TLS_SECONDS_PER_BYTE = 0.55e-9;
/** What compose and Kubernetes allow a Collector (COLLECTOR_MEMORY_MIB), and what a process has beside its heap. */
const COLLECTOR_LIMIT_BYTES = (2048 + 50) * 2 ** 20;

export function planCapacity(request: PlanRequest, traffic: Traffic, costs: Costs): CapacityPlan {
  return {
    eventsPerSecond: request.eventsPerSecond,
    through: throughCollectors(request, traffic, costs),
    straight: isOtlp(request.exporter) ? straightToBackend(request, traffic, costs) : undefined,
  };
}

/** Whether replayers can send to it themselves. */
export function isOtlp({ by }: ExporterForm): boolean {
  return by === "grpc" || by === "http/protobuf";
}

/** Bytes that leave the Collectors for an event that they take; not all signals go on to every backend. */
export function forwardedBytesOf(traffic: Traffic, { by, compression, signals }: ExporterForm): number {
  if (by === "nothing") return 0;
  return signals.reduce(
    (sum, signal) =>
      sum + (traffic.shares[signal] ?? 0) * (traffic.of[signal]?.forwardedBytes[compression] ?? 0),
    0,
  );
}

function throughCollectors(request: PlanRequest, traffic: Traffic, costs: Costs): Way {
  const { eventsPerSecond, utilisation, toCollectors, exporter, coresPerCollector } = request;
  const forwardedBytes = costs.forwardedBytes ?? forwardedBytesOf(traffic, exporter);
  const demand = { eventsPerSecond, utilisation };
  const replicas = groupFor(costs.toCollectors, { ...demand, coresPerProcess: 1, atLeast: request.replicas });
  const collectors = groupFor(dearer(costs.collector, tlsSeconds(request, forwardedBytes)), {
    ...demand,
    coresPerProcess: coresPerCollector,
  });
  const legs = [legOf("collectors", traffic.all.frozenBytes[toCollectors.compression], eventsPerSecond)];
  if (forwardedBytes > 0) legs.push(legOf("backend", forwardedBytes, eventsPerSecond));
  return wayOf(
    "through Collectors",
    request,
    { sender: toCollectors, replicas, collectors, legs },
    traffic.all,
  );
}

function straightToBackend(request: PlanRequest, traffic: Traffic, costs: Costs): Way {
  const { eventsPerSecond, utilisation, toBackend } = request;
  const bytes = traffic.all.frozenBytes[toBackend.compression];
  const curve = dearer(costs.toBackend, tlsSeconds(request, bytes));
  const replicas = groupFor(curve, {
    eventsPerSecond,
    utilisation,
    coresPerProcess: 1,
    atLeast: request.replicas,
  });
  const legs = [legOf("backend", bytes, eventsPerSecond)];
  return wayOf("straight to the backend", request, { sender: toBackend, replicas, legs }, traffic.all);
}

function tlsSeconds({ isEncrypted }: PlanRequest, bytesPerEvent: number): number {
  return isEncrypted ? bytesPerEvent * TLS_SECONDS_PER_BYTE : 0;
}

function wayOf(
  name: Way["name"],
  { eventsPerSecond, utilisation, coresPerMachine, latencyMs }: PlanRequest,
  { collectors, ...rest }: Pick<Way, "sender" | "replicas" | "collectors" | "legs">,
  { eventsPerRequest }: Sizes,
): Way {
  const { replicas, legs } = rest;
  const coresToHave = replicas.coresToHave + (collectors?.coresToHave ?? 0);
  const machines = Math.max(1, Math.ceil(coresToHave / coresPerMachine));
  const requestsPerSecond = eventsPerSecond / replicas.processes / eventsPerRequest;
  return {
    name,
    ...rest,
    ...(collectors && { collectors }),
    cores: replicas.cores + (collectors?.cores ?? 0),
    coresToHave,
    memoryBytes: replicas.memoryBytes + (collectors?.memoryBytes ?? 0),
    memoryToHaveBytes: replicas.memoryBytes + (collectors ? collectors.processes * COLLECTOR_LIMIT_BYTES : 0),
    machines,
    legs,
    machineTraffic: machineTraffic(legs, machines, utilisation),
    // Twice what is under way on average: answers are not all alike.
    requestsInFlight: Math.ceil((2 * requestsPerSecond * latencyMs) / 1000),
  };
}
