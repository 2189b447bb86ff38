/**
 * What the lines of a machine may name: its hardware, and the pods that run on it.
 */
import { mix } from "../../../template/mix.ts";
import type { Node, Pod } from "../../scenario/infrastructure.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Service } from "../../scenario/services.ts";

/** A pod as its node knows it. */
export interface Guest {
  readonly pod: Pod;
  readonly service: Service;
  /** Name of its process as the kernel shows it: at most 15 characters. */
  readonly command: string;
}

export interface Host {
  readonly node: Node;
  readonly ordinal: number;
  /** Without the domain. */
  readonly shortName: string;
  /** Release of the kernel, such as `6.8.0-1031-aws`. */
  readonly kernel: string;
  readonly machineId: string;
  /** Process id of the kubelet, as its own lines have it. */
  readonly kubelet: string;
  readonly guests: readonly Guest[];
}

/** The machines of a scenario, in its order, each with the pods that run there. */
export function hostsOf({ infrastructure, services }: Scenario): Host[] {
  const guests = Map.groupBy(services.flatMap(guestsOf), ({ pod }) => pod.node);
  return infrastructure.nodes.map((node, ordinal) => ({
    node,
    ordinal,
    shortName: node.name.split(".")[0]!,
    kernel: /Linux ([^)]+)/.exec(node.os.description)?.[1] ?? "6.8.0",
    machineId: node.uid.replaceAll("-", ""),
    kubelet: String(daemonPid(ordinal, "kubelet")).padStart(7),
    guests: guests.get(node) ?? [],
  }));
}

function guestsOf(service: Service): Guest[] {
  const command = commandOf(service);
  return service.instances.map(({ pod }) => ({ pod, service, command }));
}

/** Programs of compiled languages are named after their service; Puma gives its processes another name. */
function commandOf({ language, name }: Service): string {
  return language.sdk === "ruby" ? "puma" : language.process(name).executable.slice(0, 15);
}

/** Whether a machine runs Ubuntu, and so what only that has. */
export function isUbuntu({ os }: Node): boolean {
  return os.name === "Ubuntu";
}

/** Programs that run since the machine started; all others have a process id of their own each time. */
const DAEMONS = [
  "systemd",
  "systemd-journald",
  "systemd-networkd",
  "systemd-resolved",
  "systemd-logind",
  "kubelet",
  "containerd",
  "chronyd",
  "rsyslogd",
  "monit",
  "earlyoom",
  "smartd",
  "thermald",
  "systemd-oomd",
  "node-exporter",
];

const PLACES = new Map(DAEMONS.map((program, place) => [program, place]));

/** The process id of a program on a machine, or 0 when it has none for long. */
export function daemonPid(host: Host["ordinal"], program: string): number {
  // The last program of a machine takes the place of its first.
  if (program === "systemd-shutdown") return 1;
  const place = PLACES.get(program);
  if (place === undefined) return 0;
  if (place === 0) return 1;
  return 300 + place * 61 + ((mix(host * 64 + place) >>> 0) % 60);
}
