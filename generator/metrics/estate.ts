/**
 * The machines, pods and deployments that metrics come from: those of the scenario first, then as many more of the same
 * kind as the series need. Each is made when it is asked for, so their number costs no memory.
 */
import type { Random } from "../random.ts";
import {
  type Deployment,
  makeDeployment,
  makeNamespace,
  makeNode,
  makePod,
  type Namespace,
  type Node,
  type Pod,
} from "../scenario/infrastructure.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ServiceInstance } from "../scenario/services.ts";

/** Workloads that clusters have besides the services: name and namespace. */
const PLATFORM = [
  ["coredns", "kube-system"],
  ["metrics-server", "kube-system"],
  ["cluster-autoscaler", "kube-system"],
  ["otel-collector", "observability"],
  ["ingress-nginx-controller", "ingress"],
  ["cert-manager", "cert-manager"],
  ["external-dns", "external-dns"],
  ["argocd-server", "argocd"],
  ["keycloak", "identity"],
  ["batch-scheduler", "batch"],
  ["report-builder", "batch"],
  ["image-resizer", "batch"],
] as const;

const PODS_PER_NODE = 12;

export class Estate {
  readonly scenario: Scenario;
  readonly #random: Random;
  readonly #platform: readonly Deployment[];
  readonly #taken: ReadonlySet<string>;

  /** random: used only through forks, so what is asked for first does not matter. */
  constructor(scenario: Scenario, random: Random) {
    this.scenario = scenario;
    this.#random = random;
    this.#taken = new Set(scenario.infrastructure.deployments.map(({ name }) => name));
    this.#platform = PLATFORM.filter(([name]) => !this.#taken.has(name)).map(([name, namespace]) =>
      makeDeployment(random, name, this.#namespace(namespace)),
    );
  }

  /** Node `index`, from 0. */
  node(index: number): Node {
    const { nodes, cluster } = this.scenario.infrastructure;
    return nodes[index] ?? makeNode(this.#random, cluster, index);
  }

  /** Deployment `index`, from 0: the services', the platform's, then numbered ones like the platform's. */
  deployment(index: number): Deployment {
    const { deployments } = this.scenario.infrastructure;
    const beyond = index - deployments.length;
    const known = deployments[index] ?? this.#platform[beyond];
    if (known) return known;
    const rest = beyond - this.#platform.length;
    const [name, namespace] = PLATFORM[rest % PLATFORM.length]!;
    const number = 2 + Math.floor(rest / PLATFORM.length);
    // A service may have such a name; a suffix that no service of ours gets keeps them apart.
    return makeDeployment(this.#random, `${name}-pool-${number}`, this.#namespace(namespace));
  }

  /** Pods for ever, in rounds: the first of each workload, then the second, and so on. */
  *pods(): Generator<Pod> {
    for (let replica = 0; ; replica++) {
      for (let workload = 0; workload < this.#workloads; workload++) yield this.#pod(workload, replica);
    }
  }

  /** Processes of services for ever, in rounds; the scenario's own before the ones that were added. */
  *instances(): Generator<ServiceInstance> {
    const { services } = this.scenario;
    for (let replica = 0; ; replica++) {
      for (const service of services) {
        yield service.instances[replica] ?? {
          index: -1,
          service,
          id: this.#random.fork(`instance ${service.name}/${replica}`).uuid(),
          pod: this.#pod(service.index, replica),
        };
      }
    }
  }

  get #workloads(): number {
    return this.scenario.infrastructure.deployments.length + this.#platform.length;
  }

  /** Replica `replica` of one of the workloads. Replicas beyond the scenario's come with nodes of their own. */
  #pod(workload: number, replica: number): Pod {
    const { podsOfService, pods } = this.scenario.infrastructure;
    const deployment = this.deployment(workload);
    const own = workload < this.scenario.infrastructure.deployments.length;
    const known = own ? podsOfService.get(deployment.name)?.[replica] : undefined;
    if (known) return known;
    const place = replica * this.#workloads + workload;
    return makePod(
      this.#random,
      deployment,
      replica,
      pods.length + place,
      this.node(Math.floor(place / PODS_PER_NODE)),
    );
  }

  #namespace(name: string): Namespace {
    const known = this.scenario.infrastructure.namespaces.find((namespace) => namespace.name === name);
    return known ?? makeNamespace(this.#random, name);
  }
}
