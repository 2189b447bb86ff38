/**
 * The things that resources name: processes, pods, nodes, hosts. One of a name is one thing in all three signals, so what it has
 * (a pod its node, a node its machine type) is the same wherever it is named.
 */
import { textsByKey } from "./attributes.ts";
import { within } from "./map-within.ts";
import type { Attributed, SignalName } from "./requests.ts";
import type { Violations } from "./violations.ts";

export interface ObjectCounts {
  /** Distinct names, over all signals. */
  services: number;
  pods: number;
  nodes: number;
  hosts: number;
  /** Pods named by at least two signals. */
  sharedPods: number;
}

/** What decides what: given the first keys, each of the others has one value. */
const DEPENDENCIES: readonly { of: readonly string[]; decides: readonly string[] }[] = [
  {
    of: ["k8s.pod.name"],
    decides: [
      "k8s.pod.uid",
      "k8s.pod.ip",
      "k8s.node.name",
      "k8s.namespace.name",
      "k8s.deployment.name",
      "k8s.replicaset.name",
      "k8s.statefulset.name",
      "k8s.daemonset.name",
      "k8s.pod.start_time",
    ],
  },
  { of: ["k8s.pod.uid"], decides: ["k8s.pod.name"] },
  { of: ["container.id"], decides: ["k8s.pod.name", "k8s.container.name", "container.image.name"] },
  {
    of: ["k8s.pod.name", "k8s.container.name"],
    decides: ["container.id", "container.image.name", "container.image.tag", "container.image.tags"],
  },
  {
    of: ["k8s.node.name"],
    decides: [
      "k8s.node.uid",
      "k8s.cluster.name",
      "cloud.availability_zone",
      "cloud.region",
      "host.type",
      "host.id",
    ],
  },
  {
    of: ["host.id"],
    decides: ["host.arch", "host.type", "os.type", "os.version", "os.description", "cloud.availability_zone"],
  },
  { of: ["cloud.availability_zone"], decides: ["cloud.region"] },
  { of: ["k8s.namespace.name", "k8s.deployment.name"], decides: ["k8s.deployment.uid"] },
  { of: ["k8s.namespace.name"], decides: ["k8s.namespace.uid"] },
  { of: ["k8s.cluster.name"], decides: ["k8s.cluster.uid"] },
  { of: ["service.name"], decides: ["service.namespace", "telemetry.sdk.language", "process.runtime.name"] },
];

/** Only where the process itself reports: in metrics, stamping numbers the instances. */
const PROCESS_DEPENDENCIES: typeof DEPENDENCIES = [
  {
    of: ["service.instance.id"],
    decides: [
      "service.name",
      "service.version",
      "k8s.pod.name",
      "process.pid",
      "process.runtime.version",
      "host.name",
    ],
  },
];

/** What a process with an SDK says of itself. */
const SDK_KEYS = [
  "service.name",
  "service.version",
  "service.instance.id",
  "telemetry.sdk.name",
  "telemetry.sdk.language",
  "telemetry.sdk.version",
];

interface Known {
  value: string;
  signal: SignalName;
}

export class ObjectCheck {
  readonly counts: ObjectCounts = { services: 0, pods: 0, nodes: 0, hosts: 0, sharedPods: 0 };
  readonly #violations: Violations;
  readonly #known = new Map<string, Known>();
  readonly #names = new Map<string, Map<string, Set<SignalName>>>();
  readonly #systemHosts = new Map<string, string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** Look at one resource. */
  add(signal: SignalName, resource: Attributed, where: () => string): void {
    const values = textsByKey(resource);
    for (const key of ["service.name", "k8s.pod.name", "k8s.node.name", "host.name", "host.id"]) {
      const value = values.get(key);
      if (value !== undefined) this.#note(key, value, signal);
    }
    this.#checkDependencies(DEPENDENCIES, signal, values, where);
    if (signal !== "metrics") this.#checkDependencies(PROCESS_DEPENDENCIES, signal, values, where);
    const isProcess = signal === "traces" || values.has("telemetry.sdk.name");
    if (isProcess && signal !== "metrics") {
      for (const key of SDK_KEYS.filter((one) => !values.has(one))) {
        this.#violations.add(`a process's resource has no ${key}`, where);
      }
    }
    const host = values.get("host.name");
    if (signal === "logs" && !values.has("service.name") && host !== undefined) {
      this.#systemHosts.set(host, where());
    }
  }

  /** Hosts that only logs know were made up. */
  finish(): void {
    const count = (key: string) => this.#names.get(key)?.size ?? 0;
    this.counts.services = count("service.name");
    this.counts.pods = count("k8s.pod.name");
    this.counts.nodes = count("k8s.node.name");
    this.counts.hosts = count("host.name");
    const pods = [...(this.#names.get("k8s.pod.name")?.values() ?? [])];
    this.counts.sharedPods = pods.filter((signals) => signals.size > 1).length;
    const measured = ["host.name", "k8s.node.name"].flatMap((key) =>
      [...(this.#names.get(key) ?? [])].filter(([, signals]) => signals.has("metrics")).map(([name]) => name),
    );
    if (measured.length === 0) return;
    for (const [host, where] of this.#systemHosts) {
      if (!measured.includes(host)) {
        this.#violations.add("a host of system logs is unknown to the metrics", () => `${host} in ${where}`);
      }
    }
  }

  #note(key: string, value: string, signal: SignalName): void {
    const values = within(this.#names, key, () => new Map<string, Set<SignalName>>());
    within(values, value, () => new Set<SignalName>()).add(signal);
  }

  #checkDependencies(
    dependencies: typeof DEPENDENCIES,
    signal: SignalName,
    values: ReadonlyMap<string, string>,
    where: () => string,
  ): void {
    for (const { of, decides } of dependencies) {
      if (of.some((key) => !values.has(key))) continue;
      const name = of.map((key) => values.get(key)).join(" ");
      for (const key of decides) {
        const value = values.get(key);
        if (value === undefined) continue;
        const known = this.#known.get(`${of} ${name} ${key}`);
        if (!known) this.#known.set(`${of} ${name} ${key}`, { value, signal });
        else if (known.value !== value) {
          const example = () =>
            `${name} has ${known.value} in ${known.signal}, ${value} in ${signal} (${where()})`;
          this.#violations.add(`one ${of.join(" and ")} has two values of ${key}`, example);
        }
      }
    }
  }
}
