/**
 * Pods without a cluster: the containers of a manifest run in a Docker engine, as near to what a kubelet does as that goes.
 *
 * What is the same: arguments and environment, ConfigMaps as folders of links, empty and persistent volumes with their group, user and
 * group, a read-only root, no capabilities, no new privileges, the engine's seccomp profile, limits of memory and CPU, and
 * Services' names: the full one and the short one, for those that are ready. What is not: scheduling, probes, and that containers of a
 * Pod share an address.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { outputOf, run } from "../stampede.ts";
import {
  type Container,
  dataOf,
  environmentOf,
  expand,
  labelsOfPod,
  type Manifest,
  type PodSpec,
  podOf,
  type Volume,
} from "./manifests.ts";

const LABEL = "stampede.test=pods";

/** One Pod that runs. */
export interface Pod {
  /** Where its container's probes ask over HTTP: `http://ADDRESS:PORT/PATH`. */
  probes: string[];
  /** Wait until its only container has ended. */
  ended(): Promise<number>;
  logs(): Promise<string>;
  /** Ask it to end, and kill it when its grace period is over, as on `kubectl scale`. Returns the exit code. */
  stop(): Promise<number>;
  /** Run a command in it. */
  exec(...command: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

/** A namespace: its Pods see each other, and nobody else does. */
export class Namespace {
  readonly #manifests: readonly Manifest[];
  readonly #network: string;
  readonly #prefix: string;
  readonly #directory = mkdtempSync(join(tmpdir(), "stampede-pods-"));
  #hosts = 1;

  private constructor(manifests: readonly Manifest[], network: string, prefix: string) {
    this.#manifests = manifests;
    this.#network = network;
    this.#prefix = prefix;
  }

  static async open(manifests: readonly Manifest[]): Promise<Namespace> {
    const network = `stampede-pods-${process.pid}`;
    // Pods know their address before they start, which takes a network with a range of its own: the first that nobody has.
    for (let part = 0; part < 50; part++) {
      const prefix = `10.213.${(process.pid + part) % 250}`;
      // Its upper half is for init containers, which take what they get.
      const flags = ["--label", LABEL, "--subnet", `${prefix}.0/24`, "--ip-range", `${prefix}.128/25`];
      const { exitCode, stderr } = await run("docker", ["network", "create", ...flags, network]);
      if (exitCode === 0) return new Namespace(manifests, network, prefix);
      if (!/overlap/i.test(stderr)) throw new Error(`docker network create failed:\n${stderr}`);
    }
    throw new Error("no free range for a network");
  }

  /** Start one Pod of a workload: its init containers to their end, then its container. Throws where an init container fails. */
  async start(kind: string, name: string, index = 0): Promise<Pod> {
    const workload = this.#find(kind, name);
    const spec = podOf(workload)!;
    const pod = `${name}-${index}`;
    const address = `${this.#prefix}.${++this.#hosts}`;
    const fields = {
      "metadata.namespace": workload.metadata.namespace!,
      "metadata.labels['apps.kubernetes.io/pod-index']": String(index),
      "metadata.labels['batch.kubernetes.io/job-completion-index']": String(index),
      "status.podIP": address,
    };
    const folders = this.#makeVolumes(pod, spec);
    for (const container of spec.initContainers ?? []) {
      const flags = this.#flags(spec, container, fields, folders);
      const { exitCode, stdout, stderr } = await run("docker", ["run", "--rm", ...flags]);
      if (exitCode !== 0)
        throw new Error(`${pod}: ${container.name} ended with ${exitCode}:\n${stdout}${stderr}`);
    }
    const names = this.#servicesOf(workload).flatMap((service) => [
      service,
      `${service}.${fields["metadata.namespace"]}.svc.cluster.local`,
    ]);
    const id = `${this.#network}-${pod}`;
    const words = [
      ...["run", "--detach", "--name", id, "--hostname", pod, "--ip", address],
      ...names.flatMap((alias) => ["--network-alias", alias]),
      ...this.#flags(spec, spec.containers[0]!, fields, folders),
    ];
    await outputOf(`starting ${pod}`, run("docker", words));
    const ended = async () => Number((await run("docker", ["wait", id])).stdout);
    const graceSeconds = spec.terminationGracePeriodSeconds ?? 30;
    return {
      probes: probesOf(spec.containers[0]!).map((place) => `http://${address}${place}`),
      ended,
      stop: async () => {
        await run("docker", ["stop", "--time", String(graceSeconds), id]);
        return ended();
      },
      logs: async () => {
        const { stdout, stderr } = await run("docker", ["logs", id]);
        return stdout + stderr;
      },
      exec: (...command) => run("docker", ["exec", id, ...command]),
    };
  }

  /** Remove everything, what is just starting too. */
  async close(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      const { stdout } = await run("docker", [
        "ps",
        "--all",
        "--quiet",
        "--filter",
        `network=${this.#network}`,
      ]);
      const ids = stdout.split("\n").filter((id) => id !== "");
      if (ids.length > 0) await run("docker", ["rm", "--force", "--volumes", ...ids]);
      const { exitCode } = await run("docker", ["network", "rm", this.#network]);
      if (exitCode === 0) break;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #find(kind: string, name: string): Manifest {
    const found = this.#manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    return found;
  }

  /** Names of the Services that select the Pods of a workload. */
  #servicesOf(workload: Manifest): string[] {
    const labels = labelsOfPod(workload);
    const selects = ({ spec }: Manifest) =>
      Object.entries(spec.selector).every(([key, value]) => labels[key] === value);
    return this.#manifests
      .filter((one) => one.kind === "Service" && selects(one))
      .map(({ metadata }) => metadata.name);
  }

  #flags(
    { securityContext }: PodSpec,
    container: Container,
    fields: Readonly<Record<string, string>>,
    folders: ReadonlyMap<string, string>,
  ): string[] {
    const environment = environmentOf(this.#manifests, container, fields);
    const { runAsUser, runAsGroup, fsGroup } = securityContext;
    const { securityContext: confined, resources } = container;
    const [entrypoint, ...first] = container.command ?? [];
    const rest = [...first, ...(container.args ?? [])].map((text) => expand(text, environment));
    return [
      ...["--network", this.#network, "--label", LABEL, "--user", `${runAsUser}:${runAsGroup}`],
      ...(fsGroup === undefined ? [] : ["--group-add", String(fsGroup)]),
      ...(confined.readOnlyRootFilesystem ? ["--read-only"] : []),
      ...(confined.allowPrivilegeEscalation === false ? ["--security-opt", "no-new-privileges"] : []),
      ...(confined.capabilities?.drop ?? []).flatMap((name) => ["--cap-drop", name]),
      ...[
        "--memory",
        String(bytesOf(resources.limits.memory!)),
        "--cpus",
        String(Math.min(availableParallelism(), coresOf(resources.limits.cpu!))),
      ],
      ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...(container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, readOnly }) => {
        const source = subPath === undefined ? folders.get(name)! : join(folders.get(name)!, subPath);
        return ["--volume", `${source}:${mountPath}${readOnly ? ":ro" : ""}`];
      }),
      ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
      container.image,
      ...rest,
    ];
  }

  #makeVolumes(pod: string, { securityContext, volumes = [] }: PodSpec): Map<string, string> {
    return new Map(
      volumes.map((volume) => {
        // A claim is the same volume for everybody.
        const { persistentVolumeClaim: claim } = volume;
        const folder = join(this.#directory, claim ? `claim-${claim.claimName}` : `${pod}-${volume.name}`);
        mkdirSync(folder, { recursive: true });
        this.#fill(folder, volume, securityContext.fsGroup);
        return [volume.name, folder];
      }),
    );
  }

  #fill(folder: string, { configMap, projected, emptyDir }: Volume, group: number | undefined): void {
    const sources = configMap ? [configMap] : projected?.sources.map((source) => source.configMap);
    if (!sources) {
      // As a kubelet makes them: an empty folder is for everybody, a claim for its owner and the group.
      if (group !== undefined) chownSync(folder, 0, group);
      chmodSync(folder, emptyDir ? 0o2777 : 0o2770);
      return;
    }
    // A kubelet swaps what is behind ..data when the ConfigMap changes; names are links to it.
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "..1"));
    symlinkSync("..1", join(folder, "..data"));
    for (const { name } of sources)
      for (const [key, value] of Object.entries(dataOf(this.#manifests, "ConfigMap", name))) {
        writeFileSync(join(folder, "..1", key), value);
        symlinkSync(join("..data", key), join(folder, key));
      }
  }
}

/** `:PORT/PATH` of each probe over HTTP, by the container's names of its ports. */
function probesOf(container: Container): string[] {
  const asked = [container.startupProbe, container.readinessProbe, container.livenessProbe].filter(
    (probe) => probe?.httpGet,
  );
  const ports = new Map((container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]));
  return [...new Set(asked.map(({ httpGet: { port, path } }) => `:${ports.get(port)}${path}`))];
}

const UNITS: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30 };

function bytesOf(quantity: string): number {
  const [, number, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity)!;
  return Number(number) * UNITS[unit!]!;
}

function coresOf(quantity: string): number {
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
}
