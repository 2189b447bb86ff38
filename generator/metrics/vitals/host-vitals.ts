/**
 * How a machine is doing: drawn once from what its pods do and what it does besides, so that what the host, its processes
 * and its kubelet report is one story.
 *
 * CPU in cores, memory and storage in bytes, all counts and times (seconds) per hour. Lists are in the order of the
 * points: outer dimension first.
 */
import type { Random } from "../../random.ts";
import type { Node } from "../../scenario/infrastructure.ts";
import { drawLevel } from "../values.ts";
import { type ImageFilesystem, imageFilesystem, type PodVitals, usedOf } from "./pod-vitals.ts";
import { PROGRAMS, type ProcessVitals, processVitals } from "./process-vitals.ts";

/** Orders of the states below. */
export const CPU_STATES = [
  "user",
  "system",
  "idle",
  "interrupt",
  "nice",
  "softirq",
  "steal",
  "wait",
] as const;
export const MEMORY_STATES = [
  "used",
  "free",
  "buffered",
  "cached",
  "slab_reclaimable",
  "slab_unreclaimable",
] as const;
export const FILE_STATES = ["used", "free", "reserved"] as const;
export const SWAP_STATES = ["used", "free", "cached"] as const;

export interface HostVitals {
  readonly cpus: number;
  /** Cores in use, idling and waiting aside. */
  readonly cpuUsage: number;
  /** Core by core, state by state: shares of time. */
  readonly cpuShares: readonly number[];
  /** Core by core, in Hz. */
  readonly cpuFrequencies: readonly number[];
  /** Over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  readonly memory: number;
  /** By MEMORY_STATES; they add up to `memory`. */
  readonly memoryStates: readonly number[];
  readonly memoryAvailable: number;
  readonly memoryDirty: number;
  readonly memoryShared: number;
  /** As the kubelet counts: with file cache, without the inactive part of it, without all of it. */
  readonly memoryUsage: number;
  readonly memoryWorkingSet: number;
  readonly memoryRss: number;
  /** [minor, major]. */
  readonly pageFaults: readonly [number, number];
  /** By SWAP_STATES. */
  readonly swap: readonly number[];
  /** [page_in, page_out] times [major, minor]. */
  readonly paging: readonly number[];
  /** Disk by disk. */
  readonly disks: DiskVitals;
  /** Mount by mount, state by state; the states of a mount add up to its size. */
  readonly fileBytes: readonly number[];
  readonly fileUtilization: readonly number[];
  /** Mount by mount, [used, free]. */
  readonly inodes: readonly number[];
  /** Of the mount at `/`, as the kubelet sees it. */
  readonly rootFilesystem: ImageFilesystem & { readonly usage: number };
  readonly rootInodes: readonly [used: number, free: number];
  readonly imageFilesystem: ImageFilesystem;
  /** Interface by interface, [receive, transmit]. */
  readonly network: NetworkVitals;
  readonly connections: number;
  readonly pods: number;
  readonly containers: number;
  readonly processes: readonly ProcessVitals[];
  readonly processesCreated: number;
  readonly threads: number;
}

export interface DiskVitals {
  /** Disk by disk, [read, write]. */
  readonly bytes: readonly number[];
  readonly operations: readonly number[];
  readonly operationTime: readonly number[];
  readonly merged: readonly number[];
  /** Disk by disk. */
  readonly ioTime: readonly number[];
  readonly weightedIoTime: readonly number[];
  readonly pending: readonly number[];
}

export interface NetworkVitals {
  readonly bytes: readonly number[];
  readonly packets: readonly number[];
  readonly dropped: readonly number[];
  readonly errors: readonly number[];
}

const PAGE = 65_536;
const MIB = 2 ** 20;
const SECONDS = 3600;

/** The vitals of a machine that runs these pods; `random` is used through forks only. */
export function hostVitals(random: Random, node: Node, pods: readonly PodVitals[]): HostVitals {
  const own = random.fork(`host ${node.name}`);
  const processes = PROGRAMS.map((program) => processVitals(own, program, pods.length));
  const sum = (of: (pod: PodVitals) => number): number => pods.reduce((total, pod) => total + of(pod), 0);
  const ownCpu = processes.reduce((total, { cpuUsage }) => total + cpuUsage, 0);
  const cpuUsage = Math.min(node.cpus * 0.8, sum((pod) => pod.cpuUsage) + ownCpu + 0.05);
  const load = cpuUsage * (1.02 + 0.15 * own.float()) + 0.1;
  return {
    cpus: node.cpus,
    cpuUsage,
    ...cores(own, node.cpus, cpuUsage),
    load: [load * (0.9 + 0.2 * own.float()), load * (0.95 + 0.08 * own.float()), load],
    ...memoryOf(
      own,
      node,
      sum((pod) => pod.memoryRss),
      sum((pod) => pod.memoryUsage),
      processes,
    ),
    pageFaults: [
      sum((pod) => pod.pageFaults) + own.int(1e5, 9e5),
      sum((pod) => pod.majorPageFaults) + own.int(0, 20),
    ],
    disks: disksOf(own, node, pods),
    ...filesOf(random, own, node),
    network: networkOf(own, node, pods),
    connections: 40 + sum((pod) => pod.connections[0] + pod.connections[1]),
    pods: pods.length,
    containers: sum((pod) => pod.containers.length),
    processes,
    processesCreated: 900 + 380 * pods.length + own.int(0, 900),
    threads: 420 + 26 * pods.length + own.int(0, 120),
  };
}

function cores(own: Random, cpus: number, busy: number): Pick<HostVitals, "cpuShares" | "cpuFrequencies"> {
  const user = 0.64 + 0.12 * own.float();
  const softirq = 0.02 + 0.02 * own.float();
  const wait = 0.002 + 0.02 * own.float();
  const steal = own.chance(0.5) ? 0 : 0.002 + 0.004 * own.float();
  // In pairs above and below the mean, so that the cores add up to what is in use.
  let tilt = 0;
  const cpuShares = Array.from({ length: cpus }, (_, core) => {
    tilt = core % 2 === 0 ? 0.18 * own.float() : -tilt;
    const used = (busy / cpus) * (1 + tilt);
    const shares = [used * user, used * (1 - user - softirq), 0, 0, 0, used * softirq, steal, wait];
    shares[2] = 1 - used - steal - wait;
    return shares;
  }).flat();
  const base = 2.5e9 + 1e8 * own.int(0, 6);
  return { cpuShares, cpuFrequencies: Array.from({ length: cpus }, () => base + 4e6 * own.int(0, 100)) };
}

type Memory = Pick<
  HostVitals,
  | "memory"
  | "memoryStates"
  | "memoryAvailable"
  | "memoryDirty"
  | "memoryShared"
  | "memoryUsage"
  | "memoryWorkingSet"
  | "memoryRss"
  | "swap"
  | "paging"
>;

function memoryOf(
  own: Random,
  node: Node,
  podRss: number,
  podUsage: number,
  processes: readonly ProcessVitals[],
): Memory {
  // The kernel keeps some to itself.
  const memory = pages(node.memoryBytes * 0.967);
  const daemons = processes.reduce((total, process) => total + process.memory, 0);
  const used = pages(Math.min(memory * 0.75, podRss + daemons + 350 * MIB));
  const slab = pages(memory * (0.012 + 0.01 * own.float()));
  const fixedSlab = pages(memory * (0.006 + 0.006 * own.float()));
  const buffered = pages(memory * (0.004 + 0.01 * own.float()));
  const left = memory - used - slab - fixedSlab - buffered;
  const cached = pages(
    Math.max(podUsage - podRss, 0) + (left - Math.max(podUsage - podRss, 0)) * (0.3 + 0.4 * own.float()),
  );
  const free = left - cached;
  const swap = 2048 * MIB;
  const swapped = pages(drawLevel(own, 0, 60 * MIB));
  return {
    memory,
    memoryStates: [used, free, buffered, cached, slab, fixedSlab],
    memoryAvailable: pages(free + 0.82 * (cached + slab)),
    memoryDirty: pages(drawLevel(own, 3e5, 4e7)),
    memoryShared: pages(drawLevel(own, 2e6, 9e7)),
    memoryUsage: used + cached + fixedSlab,
    memoryWorkingSet: pages(used + fixedSlab + cached * 0.35),
    memoryRss: pages(used * 0.94),
    swap: [swapped, swap - swapped - pages(swapped / 3), pages(swapped / 3)],
    paging: [own.int(0, 90), own.int(2e3, 4e4), own.int(0, 20), own.int(8e3, 9e4)],
  };
}

function disksOf(own: Random, node: Node, pods: readonly PodVitals[]): DiskVitals {
  const podWrites = pods.flatMap(({ containers }) => containers.map((each) => each.diskOperations[1]));
  const ofPods = podWrites.reduce((total, each) => total + each, 0);
  const perDisk = node.disks.map((_, index) => {
    const isImageDisk = index === node.disks.length - 1;
    const writes = own.int(6000, 40_000) + (isImageDisk ? ofPods : 0);
    const reads = Math.round(writes * (0.05 + 0.5 * own.float()));
    const readTime = reads * (0.0003 + 0.0006 * own.float());
    const writeTime = writes * (0.0006 + 0.0012 * own.float());
    const both = readTime + writeTime;
    return {
      bytes: [reads * (16_000 + 30_000 * own.float()), writes * (9_000 + 18_000 * own.float())],
      operations: [reads, writes],
      operationTime: [readTime, writeTime],
      merged: [Math.round(reads * 0.04), Math.round(writes * (0.2 + 0.3 * own.float()))],
      // Operations overlap: the disk is busy for less than they take together.
      ioTime: Math.min(SECONDS * 0.6, both * 0.7),
      weightedIoTime: both * 1.04,
      pending: own.chance(0.8) ? 0 : own.int(1, 4),
    };
  });
  return {
    bytes: perDisk.flatMap((disk) => disk.bytes),
    operations: perDisk.flatMap((disk) => disk.operations),
    operationTime: perDisk.flatMap((disk) => disk.operationTime),
    merged: perDisk.flatMap((disk) => disk.merged),
    ioTime: perDisk.map((disk) => disk.ioTime),
    weightedIoTime: perDisk.map((disk) => disk.weightedIoTime),
    pending: perDisk.map((disk) => disk.pending),
  };
}

type Files = Pick<
  HostVitals,
  "fileBytes" | "fileUtilization" | "inodes" | "rootFilesystem" | "rootInodes" | "imageFilesystem"
>;

function filesOf(random: Random, own: Random, node: Node): Files {
  const mounts = node.disks.map(({ bytes, mountpoint, type }) => {
    const size = pages(bytes * 0.98);
    const reserved = type === "ext4" ? pages(size * 0.04) : 0;
    const used = usedOf(random, node, mountpoint, size);
    const inodes = Math.round(size / 16_384);
    const inodesUsed = Math.round(inodes * (0.02 + 0.08 * own.float()));
    return {
      size,
      used,
      free: size - used - reserved,
      reserved,
      inodesUsed,
      inodesFree: inodes - inodesUsed,
    };
  });
  const root = mounts[0]!;
  return {
    fileBytes: mounts.flatMap(({ used, free, reserved }) => [used, free, reserved]),
    fileUtilization: mounts.map(({ used, free }) => used / (used + free)),
    inodes: mounts.flatMap(({ inodesUsed, inodesFree }) => [inodesUsed, inodesFree]),
    rootFilesystem: { capacity: root.size, usage: root.used, available: root.free },
    rootInodes: [root.inodesUsed, root.inodesFree],
    imageFilesystem: imageFilesystem(random, node),
  };
}

function networkOf(own: Random, node: Node, pods: readonly PodVitals[]): NetworkVitals {
  const ofPods = (direction: 0 | 1): number =>
    pods.reduce((total, { networkBytes }) => total + networkBytes[direction], 0);
  const local = drawLevel(own, 2e7, 4e8);
  const bytes = node.interfaces.flatMap((name) =>
    name === "lo" ? [local, local] : [ofPods(0) * 1.06 + 3e7, ofPods(1) * 1.06 + 5e7],
  );
  const packets = bytes.map((each, index) => Math.round(each / (index === 0 ? 620 + own.int(0, 200) : 540)));
  // What loops back arrives as it left.
  const lo = node.interfaces.indexOf("lo");
  if (lo >= 0) packets[lo * 2 + 1] = packets[lo * 2]!;
  return {
    bytes,
    packets,
    dropped: bytes.map((_, index) => (index === 0 && own.chance(0.6) ? own.int(1, 60) : 0)),
    errors: bytes.map((_, index) => (index === 0 && own.chance(0.05) ? own.int(1, 3) : 0)),
  };
}

function pages(bytes: number): number {
  return Math.round(bytes / PAGE) * PAGE;
}
