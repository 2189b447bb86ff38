/** Pods, their containers and volumes, as the kubelet describes them and as objects of the cluster. */
import type { Attributes } from "../../attributes.ts";
import { podAttributes } from "../../resource.ts";
import type { Pod } from "../../scenario/infrastructure.ts";
import { sharedBy } from "../dimension.ts";
import type { Estate } from "../estate.ts";
import type { ContainerVitals, ImageFilesystem } from "../vitals/pod-vitals.ts";
import { type Carrier, carrier, LazyCarrier } from "./carrier.ts";

/** What is known of a pod besides its own vitals. */
export interface OnNode {
  /** Cores and bytes of the node. */
  readonly nodeCpus: number;
  readonly nodeMemory: number;
  readonly filesystem: ImageFilesystem;
}

export interface ContainerCarrierVitals extends ContainerVitals, OnNode {
  readonly restarts: number;
}

/** Bytes; inodes as a count. */
export interface VolumeVitals {
  readonly capacity: number;
  readonly available: number;
  readonly usage: number;
  readonly inodes: number;
  readonly inodesUsed: number;
}

export function* podCarriers(estate: Estate): Generator<Carrier> {
  for (const seat of estate.pods()) {
    yield new LazyCarrier([seat.deployment], {
      attributes: () => withoutContainer(seat.pod),
      vitals: () => ({ ...estate.vitals(seat), ...onNode(estate, seat.pod) }),
      lists: () => ({ interface: sharedBy("interface", seat.pod.node.interfaces.slice(0, 1)) }),
    });
  }
}

export function* podObjectCarriers(estate: Estate): Generator<Carrier> {
  for (const { pod } of estate.pods()) {
    const { name } = pod.deployment.replicaSet;
    yield carrier({ ...withoutContainer(pod), "k8s.replicaset.name": name }, undefined);
  }
}

/** isObject: with what the cluster knows of a container, its image. */
export function* containerCarriers(estate: Estate, isObject: boolean): Generator<Carrier> {
  for (const seat of estate.pods()) {
    for (let place = 0; place < seat.containers; place++) {
      yield new LazyCarrier([seat.deployment], {
        attributes: () => containerAttributes(seat.pod, place, isObject),
        vitals: (): ContainerCarrierVitals => ({
          ...estate.vitals(seat).containers[place]!,
          ...onNode(estate, seat.pod),
          restarts: seat.pod.containers[place]!.restarts,
        }),
      });
    }
  }
}

function containerAttributes(pod: Pod, place: number, isObject: boolean): Attributes {
  const { spec, id } = pod.containers[place]!;
  const attributes = { ...podAttributes(pod), "k8s.container.name": spec.name, "container.id": id };
  return isObject
    ? { ...attributes, "container.image.name": spec.image, "container.image.tag": spec.tag }
    : attributes;
}

/** Volumes: a directory of the pod's own, and its configuration. */
export function* volumeCarriers(estate: Estate): Generator<Carrier> {
  for (const seat of estate.pods()) {
    const { pod } = seat;
    const { capacity, available } = onNode(estate, pod).filesystem;
    const inodes = Math.round(capacity / 16_384);
    const written = estate.vitals(seat).storage * 0.4;
    for (const [name, type, usage] of [
      ["tmp", "emptyDir", written],
      ["config", "configMap", 65_536],
    ] as const) {
      const attributes = { ...withoutContainer(pod), "k8s.volume.name": name, "k8s.volume.type": type };
      const inodesUsed = type === "configMap" ? 9 : 3 + Math.floor(written / 500_000);
      const vitals: VolumeVitals = { capacity, available, usage, inodes, inodesUsed };
      yield carrier(attributes, vitals);
    }
  }
}

function onNode(estate: Estate, { node }: Pod): OnNode {
  return {
    nodeCpus: node.cpus,
    nodeMemory: node.memoryBytes * 0.967,
    filesystem: estate.imageFilesystem(node),
  };
}

/** What names a pod, and nothing inside it. */
export function withoutContainer(pod: Pod): Attributes {
  const { "k8s.container.name": _, ...attributes } = podAttributes(pod);
  return attributes;
}
