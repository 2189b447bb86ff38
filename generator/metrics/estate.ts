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
import type { Service, ServiceInstance } from "../scenario/services.ts";
import { type HostVitals, hostVitals } from "./vitals/host-vitals.ts";
import { type ImageFilesystem, imageFilesystem, type PodVitals, podVitals } from "./vitals/pod-vitals.ts";
import { type ServiceLoad, serviceLoad } from "./vitals/service-load.ts";

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

/** Of the pods that are not the scenario's: those come with nodes, and with as many of them each, from the first on. */
const PODS_PER_NODE = 8;

/** Machines whose vitals are kept: several kinds of resources ask for the same ones, one kind after the other. */
const KEPT_HOSTS = 1024;

/**
 * One of the pods of a workload. The pod is made when it is asked for: most that go by are of workloads that report
 * nothing more. A class, as a literal with a getter would have a hidden class of its own, which outlives it.
 */
export class PodSeat {
  /** Name of its deployment. */
  readonly deployment: string;
  /** How many it has. */
  readonly containers: number;
  readonly replica: number;
  readonly #make: () => Pod;
  #pod: Pod | undefined;

  constructor({ name, containers }: Deployment, replica: number, make: () => Pod) {
    this.deployment = name;
    this.containers = containers.length;
    this.replica = replica;
    this.#make = make;
  }

  get pod(): Pod {
    this.#pod ??= this.#make();
    return this.#pod;
  }
}

/** One of the processes of a service, made when it is asked for. */
export class InstanceSeat {
  readonly service: Service;
  readonly replica: number;
  readonly #make: () => ServiceInstance;
  #instance: ServiceInstance | undefined;

  constructor(service: Service, replica: number, make: () => ServiceInstance) {
    this.service = service;
    this.replica = replica;
    this.#make = make;
  }

  get instance(): ServiceInstance {
    this.#instance ??= this.#make();
    return this.#instance;
  }
}

/** A pod of the scenario and its place in its deployment. */
type PodPlace = Pick<PodSeat, "pod" | "replica">;

export class Estate {
  readonly scenario: Scenario;
  readonly #random: Random;
  readonly #platform: readonly Deployment[];
  readonly #scenarioPods: ReadonlyMap<Node, readonly PodPlace[]>;
  readonly #hosts = new Map<number, HostVitals>();
  /** The node that was made last: pods of one node are asked for one after the other. */
  #lastNode: { index: number; node: Node } | undefined;
  #load: ServiceLoad | undefined;

  /** random: used only through forks, so what is asked for first does not matter. */
  constructor(scenario: Scenario, random: Random) {
    this.scenario = scenario;
    this.#random = random;
    const { deployments, podsOfService } = scenario.infrastructure;
    const taken = new Set(deployments.map(({ name }) => name));
    this.#platform = PLATFORM.filter(([name]) => !taken.has(name)).map(([name, namespace]) =>
      makeDeployment(random, name, this.namespace(namespace)),
    );
    const seats = [...podsOfService.values()].flatMap((pods) =>
      pods.map((pod, replica) => ({ pod, replica })),
    );
    this.#scenarioPods = Map.groupBy(seats, ({ pod }) => pod.node);
  }

  /** How often everything in the scenario happens. */
  get load(): ServiceLoad {
    this.#load ??= serviceLoad(this.scenario);
    return this.#load;
  }

  /** Node `index`, from 0. */
  node(index: number): Node {
    const { nodes, cluster } = this.scenario.infrastructure;
    const known = nodes[index];
    if (known) return known;
    if (this.#lastNode?.index !== index) {
      this.#lastNode = { index, node: makeNode(this.#random, cluster, index) };
    }
    return this.#lastNode.node;
  }

  /** How node `index` is doing. */
  host(index: number): HostVitals {
    const known = this.#hosts.get(index);
    if (known) return known;
    const vitals = hostVitals(this.#random, this.node(index), this.#podsOn(index));
    if (this.#hosts.size < KEPT_HOSTS) this.#hosts.set(index, vitals);
    return vitals;
  }

  /** How a pod is doing. */
  vitals({ pod, replica }: PodPlace): PodVitals {
    return podVitals(this.#random, pod.deployment, replica);
  }

  /** The disk of a node that its containers write to. */
  imageFilesystem(node: Node): ImageFilesystem {
    return imageFilesystem(this.#random, node);
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
    return makeDeployment(this.#random, `${name}-pool-${number}`, this.namespace(namespace));
  }

  /** How many pods a deployment has. */
  replicas(index: number): number {
    const { podsOfService, deployments } = this.scenario.infrastructure;
    const pods = index < deployments.length ? podsOfService.get(deployments[index]!.name)?.length : undefined;
    return pods ?? 1 + (index % 5);
  }

  /** Pods for ever, in rounds: the first of each workload, then the second, and so on. */
  *pods(): Generator<PodSeat> {
    for (let replica = 0; ; replica++) {
      for (let workload = 0; workload < this.#workloads; workload++) {
        yield new PodSeat(this.deployment(workload), replica, () => this.#pod(workload, replica));
      }
    }
  }

  /** Processes of services for ever, in rounds; the scenario's own before the ones that were added. */
  *instances(): Generator<InstanceSeat> {
    for (let replica = 0; ; replica++) {
      for (const service of this.scenario.services) {
        yield new InstanceSeat(service, replica, () => this.#instance(service, replica));
      }
    }
  }

  /** The namespace of that name, the scenario's if it has one. */
  namespace(name: string): Namespace {
    const known = this.scenario.infrastructure.namespaces.find((namespace) => namespace.name === name);
    return known ?? makeNamespace(this.#random, name);
  }

  /** A stream of its own for the thing of that name. */
  fork(label: string): Random {
    return this.#random.fork(label);
  }

  get #workloads(): number {
    return this.scenario.infrastructure.deployments.length + this.#platform.length;
  }

  #instance(service: Service, replica: number): ServiceInstance {
    const known = service.instances[replica];
    if (known) return known;
    return {
      ...service.instances[0]!,
      index: -1,
      id: this.#random.fork(`instance ${service.name}/${replica}`).uuid(),
      pod: this.#pod(service.index, replica),
    };
  }

  /** Replica `replica` of one of the workloads. Replicas beyond the scenario's come with nodes of their own. */
  #pod(workload: number, replica: number): Pod {
    const { pods } = this.scenario.infrastructure;
    const known = this.#scenarioPod(workload, replica);
    if (known) return known;
    const place = replica * this.#workloads + workload;
    return makePod(
      this.#random,
      this.deployment(workload),
      replica,
      pods.length + place,
      this.node(Math.floor(place / PODS_PER_NODE)),
    );
  }

  #scenarioPod(workload: number, replica: number): Pod | undefined {
    const { podsOfService, deployments } = this.scenario.infrastructure;
    const deployment = deployments[workload];
    return deployment && podsOfService.get(deployment.name)?.[replica];
  }

  /** The vitals of the pods on node `index`: the scenario's, and those whose places `#pod` puts there. */
  #podsOn(index: number): PodVitals[] {
    const node = this.scenario.infrastructure.nodes[index];
    const vitals = ((node && this.#scenarioPods.get(node)) ?? []).map((seat) => this.vitals(seat));
    for (let place = index * PODS_PER_NODE; place < (index + 1) * PODS_PER_NODE; place++) {
      const [workload, replica] = [place % this.#workloads, Math.floor(place / this.#workloads)];
      if (this.#scenarioPod(workload, replica)) continue;
      vitals.push(podVitals(this.#random, this.deployment(workload), replica));
    }
    return vitals;
  }
}
