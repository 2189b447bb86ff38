/**
 * The programs that run on every machine beside the pods, and how much of it each takes.
 */
import type { Random } from "../../random.ts";
import { drawLevel } from "../values.ts";

interface Program {
  readonly name: string;
  readonly path: string;
  readonly options: string;
  readonly owner: string;
  readonly parent: number;
  /** Memory in MiB, threads, open files, and CPU in thousandths of a core, about. */
  readonly mebibytes: number;
  readonly threads: number;
  readonly files: number;
  readonly millicores: number;
}

const program = (
  name: string,
  path: string,
  options: string,
  owner: string,
  ...[mebibytes, threads, files, millicores]: [number, number, number, number]
): Program => ({
  name,
  path,
  options,
  owner,
  parent: name === "systemd" ? 0 : 1,
  mebibytes,
  threads,
  files,
  millicores,
});

// biome-ignore format: one program a line
export const PROGRAMS: readonly Program[] = [
  program("systemd", "/usr/lib/systemd/systemd", "--system --deserialize=72", "root", 14, 1, 210, 3),
  program("systemd-journald", "/usr/lib/systemd/systemd-journald", "", "root", 62, 1, 96, 8),
  program("containerd", "/usr/bin/containerd", "", "root", 88, 34, 220, 45),
  program("kubelet", "/usr/bin/kubelet", "--config=/etc/kubernetes/kubelet/config.json", "root", 112, 22, 180, 70),
  program("kube-proxy", "/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf", "root", 38, 11, 24, 4),
  program("otelcol-contrib", "/otelcol-contrib", "--config=/etc/otelcol/config.yaml", "10001", 170, 14, 66, 60),
  program("chronyd", "/usr/sbin/chronyd", "-F 2", "chrony", 3, 1, 14, 1),
  program("sshd", "/usr/sbin/sshd", "-D", "root", 8, 1, 12, 1),
];

/** CPU in cores, memory in bytes, counts per hour. */
export interface ProcessVitals {
  readonly program: Program;
  readonly cpuUsage: number;
  readonly memory: number;
  readonly virtual: number;
  readonly threads: number;
  readonly files: number;
  /** [read, write]. */
  readonly diskBytes: readonly [number, number];
  readonly diskOperations: readonly [number, number];
  /** [major, minor]. */
  readonly pageFaults: readonly [number, number];
  /** [involuntary, voluntary]. */
  readonly contextSwitches: readonly [number, number];
}

const MIB = 2 ** 20;

/** One program on one machine: what manages containers has more to do where there are more pods. */
export function processVitals(host: Random, program: Program, pods: number): ProcessVitals {
  const own = host.fork(program.name);
  const factor = (0.8 + 0.4 * own.float()) * (program.millicores < 10 ? 1 : 0.5 + pods / 20);
  const cpuUsage = (program.millicores / 1000) * factor;
  const memory = program.mebibytes * MIB * (0.9 + 0.25 * own.float());
  const writes = cpuUsage * drawLevel(own, 2e4, 9e4);
  const switches = 3600 * (0.5 + cpuUsage * 900 * (0.7 + 0.6 * own.float()));
  return {
    program,
    cpuUsage,
    memory,
    virtual: memory * (program.threads > 1 ? 11 : 2.4) + 12 * MIB,
    threads: program.threads + (program.threads > 10 ? own.int(0, 6) : 0),
    files: program.files + own.int(0, Math.ceil(program.files / 8)),
    diskBytes: [writes * 900, writes * (4200 + 4000 * own.float())],
    diskOperations: [Math.round(writes / 9), Math.round(writes)],
    pageFaults: [own.chance(0.7) ? 0 : own.int(1, 12), Math.round(cpuUsage * 3e5 * (0.5 + own.float()))],
    contextSwitches: [Math.round(switches * 0.04), Math.round(switches)],
  };
}
