/** Machines, the programs on them, and what the kubelet says of them. */
import type { Attributes } from "../../attributes.ts";
import { hostAttributes } from "../../resource.ts";
import type { Node } from "../../scenario/infrastructure.ts";
import type { DimensionValue } from "../definition.ts";
import { sharedBy } from "../dimension.ts";
import type { Estate } from "../estate.ts";
import type { ProcessVitals } from "../vitals/process-vitals.ts";
import { type Carrier, carrier } from "./carrier.ts";

/** What is known of a program on a machine. */
export interface ProcessCarrierVitals extends ProcessVitals {
  readonly cpus: number;
  /** Of the machine, bytes. */
  readonly totalMemory: number;
}

/** What is known of a part of the node's own software. */
export interface SystemContainerVitals {
  readonly cpuUsage: number;
  readonly memoryUsage: number;
  readonly memoryWorkingSet: number;
}

/** Machines, as the host_metrics receiver and resource detection describe them. */
export function* hostCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const node = estate.node(index);
    const attributes = {
      ...hostAttributes(node),
      "host.type": node.hostType,
      "os.description": node.os.description,
      "cloud.provider": "aws",
      "cloud.region": node.cluster.region,
      "cloud.availability_zone": node.zone,
    };
    yield carrier(attributes, estate.host(index), {
      lists: {
        cpu: sharedBy(
          "cpu",
          Array.from({ length: node.cpus }, (_, core) => `cpu${core}`),
        ),
        disk: sharedBy(
          "device",
          node.disks.map(({ device }) => device),
        ),
        mount: mountsOf(node),
        interface: sharedBy("device", node.interfaces),
      },
    });
  }
}

/** One list for all machines with the same disks, so that it is encoded once. */
const knownMounts = new Map<string, readonly DimensionValue[]>();

function mountsOf({ disks }: Node): readonly DimensionValue[] {
  const key = disks.map(({ device, mountpoint }) => `${device} ${mountpoint}`).join(" ");
  let mounts = knownMounts.get(key);
  if (!mounts) {
    mounts = disks.map(({ device, mountpoint, type }) => ({
      attributes: { device: `/dev/${device}`, mode: "rw", mountpoint, type },
      weight: 1,
    }));
    knownMounts.set(key, mounts);
  }
  return mounts;
}

/** The programs that run on every machine, machine by machine. */
export function* processCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const node = estate.node(index);
    const host = estate.host(index);
    for (const [place, vitals] of host.processes.entries()) {
      const { name, path, options, owner, parent } = vitals.program;
      const attributes = {
        ...hostAttributes(node),
        "process.pid": place === 0 ? 1 : 400 + place * 137,
        "process.parent_pid": parent,
        "process.executable.name": name,
        "process.executable.path": path,
        "process.command": path,
        "process.command_line": options ? `${path} ${options}` : path,
        "process.owner": owner,
      };
      const more: ProcessCarrierVitals = { ...vitals, cpus: host.cpus, totalMemory: host.memory };
      yield carrier(attributes, more);
    }
  }
}

/** Nodes, as the kubelet describes them. */
export function* nodeCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const node = estate.node(index);
    const lists = { interface: sharedBy("interface", node.interfaces) };
    yield carrier(nodeAttributes(node), estate.host(index), { lists });
  }
}

/** What the kubelet calls system containers: itself and the container runtime, node by node. */
export function* systemContainerCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const { processes } = estate.host(index);
    for (const [name, executable] of [
      ["kubelet", "kubelet"],
      ["runtime", "containerd"],
    ] as const) {
      const { cpuUsage, memory } = processes.find(({ program }) => program.name === executable)!;
      const vitals: SystemContainerVitals = {
        cpuUsage,
        memoryUsage: memory * 1.3,
        memoryWorkingSet: memory * 1.1,
      };
      yield carrier(
        { ...nodeAttributes(estate.node(index)), "k8s.node.system_container.name": name },
        vitals,
      );
    }
  }
}

/** Nodes, as objects of the cluster. */
export function* nodeObjectCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const node = estate.node(index);
    yield carrier({ ...nodeAttributes(node), "k8s.node.uid": node.uid }, estate.host(index));
  }
}

function nodeAttributes(node: Node): Attributes {
  return { "k8s.cluster.name": node.cluster.name, "k8s.node.name": node.name };
}
