/**
 * How a pod is doing: drawn once, so that what the kubelet says of its containers, of the pod, and of the node that it
 * runs on adds up.
 *
 * CPU in cores, memory and storage in bytes, all counts per hour.
 */
import type { Random } from "../../random.ts";
import type { ContainerSpec, Deployment, Node } from "../../scenario/infrastructure.ts";
import { drawLevel } from "../values.ts";

export interface ContainerVitals {
  readonly spec: ContainerSpec;
  readonly cpuUsage: number;
  readonly memoryWorkingSet: number;
  /** Working set and inactive file cache. */
  readonly memoryUsage: number;
  readonly memoryRss: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  /** Of files that the container wrote: [logs, rootfs]. */
  readonly storage: readonly [logs: number, rootfs: number];
  /** [read, write] per hour. */
  readonly diskBytes: readonly [number, number];
  readonly diskOperations: readonly [number, number];
  /** CFS periods per hour in which it ran, and in which it was held back. */
  readonly periods: number;
  readonly throttledPeriods: number;
}

export interface PodVitals {
  readonly containers: readonly ContainerVitals[];
  readonly cpuUsage: number;
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryWorkingSet: number;
  readonly memoryUsage: number;
  readonly memoryRss: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  readonly storage: number;
  /** [receive, transmit] per hour. */
  readonly networkBytes: readonly [number, number];
  readonly networkErrors: readonly [number, number];
  /** Open TCP connections: [inbound, outbound]. */
  readonly connections: readonly [number, number];
}

/** The node's disk that containers write to. */
export interface ImageFilesystem {
  readonly capacity: number;
  readonly available: number;
}

const PERIODS_PER_HOUR = 36_000;

/** The vitals of replica `replica` of a deployment; `random` is used through forks only. */
export function podVitals(random: Random, deployment: Deployment, replica: number): PodVitals {
  const own = random.fork(`vitals ${deployment.namespace.name}/${deployment.name}/${replica}`);
  const containers = deployment.containers.map((spec) => containerVitals(own, spec));
  const add = (of: (container: ContainerVitals) => number): number =>
    containers.reduce((sum, container) => sum + of(container), 0);
  const receive = drawLevel(own, 4e6, 9e8);
  return {
    containers,
    cpuUsage: add(({ cpuUsage }) => cpuUsage),
    cpuRequest: add(({ spec }) => spec.cpuRequest),
    cpuLimit: add(({ spec }) => spec.cpuLimit),
    memoryWorkingSet: add(({ memoryWorkingSet }) => memoryWorkingSet),
    memoryUsage: add(({ memoryUsage }) => memoryUsage),
    memoryRss: add(({ memoryRss }) => memoryRss),
    memoryRequest: add(({ spec }) => spec.memoryRequestBytes),
    memoryLimit: add(({ spec }) => spec.memoryLimitBytes),
    pageFaults: add(({ pageFaults }) => pageFaults),
    majorPageFaults: add(({ majorPageFaults }) => majorPageFaults),
    storage: add(({ storage: [logs, rootfs] }) => logs + rootfs),
    networkBytes: [receive, receive * (0.5 + own.float())],
    networkErrors: [0, own.chance(0.04) ? own.int(1, 4) : 0],
    connections: [own.int(2, 60), own.int(3, 40)],
  };
}

function containerVitals(own: Random, spec: ContainerSpec): ContainerVitals {
  const busy = own.float();
  const isIdle = own.chance(0.2);
  // Gauges move by an eighth or less around this, so a container stays below its limit.
  const cpuUsage = Math.min(
    spec.cpuLimit * (isIdle ? 0.01 + 0.03 * busy : 0.03 + 0.57 * busy * busy),
    spec.cpuRequest * 2.5,
  );
  const memoryWorkingSet = spec.memoryLimitBytes * (0.25 + 0.5 * own.float());
  const writes = drawLevel(own, 50, 4000);
  const reads = writes * (0.02 + 0.3 * own.float());
  const logs = drawLevel(own, 2e5, 6e7);
  return {
    spec,
    cpuUsage,
    memoryWorkingSet,
    memoryUsage: memoryWorkingSet + spec.memoryLimitBytes * (0.02 + 0.1 * own.float()),
    memoryRss: memoryWorkingSet * (0.72 + 0.2 * own.float()),
    pageFaults: Math.round(drawLevel(own, 8000, 1.5e6)),
    majorPageFaults: own.chance(0.6) ? 0 : own.int(1, 80),
    storage: [logs, drawLevel(own, 3e5, 9e7)],
    diskBytes: [reads * (8192 + 24_000 * own.float()), writes * (6000 + 18_000 * own.float())],
    diskOperations: [Math.round(reads), Math.round(writes)],
    periods: PERIODS_PER_HOUR,
    throttledPeriods: cpuUsage > spec.cpuLimit * 0.35 ? own.int(20, 2500) : 0,
  };
}

/** The disk of a node that containers write to, as the kubelet sees it; the host's own metrics say the same. */
export function imageFilesystem(random: Random, node: Node): ImageFilesystem {
  const { bytes, mountpoint } = node.disks.at(-1)!;
  const capacity = Math.round((bytes * 0.98) / 65_536) * 65_536;
  return { capacity, available: capacity - usedOf(random, node, mountpoint, capacity) };
}

/** Bytes in use on one mount of a node: from a fifth to three quarters of it. */
export function usedOf(random: Random, node: Node, mountpoint: string, capacity: number): number {
  const share = 0.2 + 0.55 * random.fork(`disk use ${node.name} ${mountpoint}`).float();
  return Math.round((capacity * share) / 65_536) * 65_536;
}
