/**
 * The resources that report metrics, kind by kind, without end: the writer takes as many as its series need.
 */
import type { Attributes } from "../attributes.ts";
import { hostAttributes, podAttributes, SCHEMA_URL, serviceAttributes } from "../resource.ts";
import type { Container, Deployment, Node, Pod } from "../scenario/infrastructure.ts";
import { type Service, subjectOf } from "../scenario/services.ts";
import { type AmountName, by, type CarrierKind, type DimensionValue, type ListName } from "./definition.ts";
import type { Estate } from "./estate.ts";

/** One resource, and what the metrics on it need to know. */
export interface Carrier {
  readonly attributes: Attributes;
  /** Empty: none. */
  readonly schemaUrl: string;
  /** What `only` of a metric may name. */
  readonly subjects: readonly string[];
  readonly lists: Readonly<Partial<Record<ListName, readonly DimensionValue[]>>>;
  readonly amounts: Readonly<Partial<Record<AmountName, number>>>;
}

/** What the distribution of outcomes depends on. */
export interface CarrierOptions {
  /** Share of HTTP requests that fail. */
  readonly errorRate: number;
}

/** All resources of a kind, the scenario's first. Endless; resources of one kind differ in their attributes. */
export function carriersOf(kind: CarrierKind, estate: Estate, options: CarrierOptions): Generator<Carrier> {
  switch (kind) {
    case "host":
      return each(nodes(estate), hostCarrier);
    case "process":
      return processCarriers(estate);
    case "node":
      return each(nodes(estate), nodeCarrier);
    case "nodeObject":
      return each(nodes(estate), nodeObjectCarrier);
    case "pod":
      return each(estate.pods(), podCarrier);
    case "podObject":
      return each(estate.pods(), podObjectCarrier);
    case "container":
    case "containerObject":
      return containerCarriers(estate, kind);
    case "deployment":
      return each(deployments(estate), deploymentCarrier);
    case "replicaSet":
      return each(deployments(estate), replicaSetCarrier);
    case "autoscaler":
      return each(deployments(estate), autoscalerCarrier);
    case "apiServer":
      return controlPlane(estate, "kube-apiserver", 6443);
    case "etcd":
      return controlPlane(estate, "etcd", 2379);
    case "scheduler":
      return controlPlane(estate, "kube-scheduler", 10_259);
    case "controller":
      return controlPlane(estate, "kube-controller-manager", 10_257);
    case "service":
      return serviceCarriers(estate, options);
    case "database":
      return databaseCarriers(estate);
    case "broker":
      return brokerCarriers(estate);
  }
}

function* each<T>(things: Generator<T>, carrierOf: (thing: T) => Carrier): Generator<Carrier> {
  for (const thing of things) yield carrierOf(thing);
}

function carrier(attributes: Attributes, more: Partial<Carrier> = {}): Carrier {
  return { attributes, schemaUrl: "", subjects: [], lists: {}, amounts: {}, ...more };
}

// ---- hosts ---------------------------------------------------------------------------------------------------

function* nodes(estate: Estate): Generator<Node> {
  for (let index = 0; ; index++) yield estate.node(index);
}

function hostCarrier(node: Node): Carrier {
  const attributes = {
    ...hostAttributes(node),
    "host.type": node.hostType,
    "os.description": node.os.description,
    "cloud.provider": "aws",
    "cloud.region": node.cluster.region,
    "cloud.availability_zone": node.zone,
  };
  const mounts = node.disks.map(({ device, mountpoint, type, bytes }) => ({
    attributes: { device: `/dev/${device}`, mode: "rw", mountpoint, type },
    weight: bytes,
  }));
  return carrier(attributes, {
    lists: {
      cpu: sharedList(
        "cpu",
        Array.from({ length: node.cpus }, (_, core) => `cpu${core}`),
      ),
      disk: sharedList(
        "device",
        node.disks.map(({ device }) => device),
      ),
      mount: mounts.map((mount) => ({ ...mount, weight: 1 })),
      mountBytes: mounts,
      interface: sharedList("device", node.interfaces),
    },
    amounts: { cpus: node.cpus, memory: node.memoryBytes },
  });
}

/** One array for equal lists, so that what is made of it can be kept. */
const sharedLists = new Map<string, readonly DimensionValue[]>();

function sharedList(key: string, values: readonly string[]): readonly DimensionValue[] {
  const name = `${key} ${values.length} ${values[0]}`;
  let list = sharedLists.get(name);
  if (!list) {
    list = by(key, values);
    sharedLists.set(name, list);
  }
  return list;
}

/** Programs that run on every host: name, path, arguments, owner. */
const PROGRAMS = [
  ["systemd", "/usr/lib/systemd/systemd", "--system --deserialize=72", "root"],
  ["systemd-journald", "/usr/lib/systemd/systemd-journald", "", "root"],
  ["containerd", "/usr/bin/containerd", "", "root"],
  ["kubelet", "/usr/bin/kubelet", "--config=/etc/kubernetes/kubelet/config.json", "root"],
  ["kube-proxy", "/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf", "root"],
  ["otelcol-contrib", "/otelcol-contrib", "--config=/etc/otelcol/config.yaml", "10001"],
  ["chronyd", "/usr/sbin/chronyd", "-F 2", "chrony"],
  ["sshd", "/usr/sbin/sshd", "-D", "root"],
] as const;

function* processCarriers(estate: Estate): Generator<Carrier> {
  for (const node of nodes(estate)) {
    for (const [index, [name, path, options, owner]] of PROGRAMS.entries()) {
      yield carrier({
        ...hostAttributes(node),
        "process.pid": index === 0 ? 1 : 400 + index * 137,
        "process.parent_pid": index === 0 ? 0 : 1,
        "process.executable.name": name,
        "process.executable.path": path,
        "process.command": path,
        "process.command_line": options ? `${path} ${options}` : path,
        "process.owner": owner,
      });
    }
  }
}

// ---- Kubernetes ----------------------------------------------------------------------------------------------

function nodeAttributes(node: Node): Attributes {
  return { "k8s.cluster.name": node.cluster.name, "k8s.node.name": node.name };
}

function nodeCarrier(node: Node): Carrier {
  return carrier(nodeAttributes(node), { lists: { interface: sharedList("interface", node.interfaces) } });
}

function nodeObjectCarrier(node: Node): Carrier {
  return carrier(
    { ...nodeAttributes(node), "k8s.node.uid": node.uid },
    { amounts: { cpus: node.cpus, memory: node.memoryBytes } },
  );
}

function withoutContainer(pod: Pod): Attributes {
  const { "k8s.container.name": _, ...attributes } = podAttributes(pod);
  return attributes;
}

function podCarrier(pod: Pod): Carrier {
  return carrier(withoutContainer(pod), {
    subjects: [pod.deployment.name],
    lists: { interface: sharedList("interface", pod.node.interfaces.slice(0, 1)) },
  });
}

function podObjectCarrier(pod: Pod): Carrier {
  return carrier({ ...withoutContainer(pod), "k8s.replicaset.name": pod.deployment.replicaSet.name });
}

function* containerCarriers(estate: Estate, kind: "container" | "containerObject"): Generator<Carrier> {
  for (const pod of estate.pods()) {
    for (const container of pod.containers) yield containerCarrier(pod, container, kind);
  }
}

function containerCarrier(pod: Pod, { spec, id, restarts }: Container, kind: string): Carrier {
  const attributes = { ...podAttributes(pod), "k8s.container.name": spec.name, "container.id": id };
  if (kind === "container") return carrier(attributes, { subjects: [pod.deployment.name] });
  return carrier(
    { ...attributes, "container.image.name": spec.image, "container.image.tag": spec.tag },
    {
      amounts: {
        cpuRequest: spec.cpuRequest,
        cpuLimit: spec.cpuLimit,
        memoryRequest: spec.memoryRequestBytes,
        memoryLimit: spec.memoryLimitBytes,
        restarts,
      },
    },
  );
}

interface DeploymentSeat {
  readonly deployment: Deployment;
  readonly cluster: string;
  readonly replicas: number;
}

function* deployments(estate: Estate): Generator<DeploymentSeat> {
  const { podsOfService, cluster, deployments: known } = estate.scenario.infrastructure;
  for (let index = 0; ; index++) {
    const deployment = estate.deployment(index);
    const pods = index < known.length ? podsOfService.get(deployment.name)?.length : undefined;
    yield { deployment, cluster: cluster.name, replicas: pods ?? 1 + (index % 5) };
  }
}

function inNamespace({ deployment, cluster }: DeploymentSeat): Attributes {
  return {
    "k8s.cluster.name": cluster,
    "k8s.namespace.name": deployment.namespace.name,
    "k8s.deployment.name": deployment.name,
  };
}

function deploymentCarrier(seat: DeploymentSeat): Carrier {
  const attributes = { ...inNamespace(seat), "k8s.deployment.uid": seat.deployment.uid };
  return carrier(attributes, { amounts: { replicas: seat.replicas } });
}

function replicaSetCarrier(seat: DeploymentSeat): Carrier {
  const { name, uid } = seat.deployment.replicaSet;
  const attributes = { ...inNamespace(seat), "k8s.replicaset.name": name, "k8s.replicaset.uid": uid };
  return carrier(attributes, { amounts: { replicas: seat.replicas } });
}

function autoscalerCarrier(seat: DeploymentSeat): Carrier {
  return carrier({ ...inNamespace(seat), "k8s.hpa.name": seat.deployment.name });
}

function* controlPlane(estate: Estate, component: string, port: number): Generator<Carrier> {
  const { cluster } = estate.scenario.infrastructure;
  for (let index = 0; ; index++) {
    const name = `${component}-${cluster.zones[index % cluster.zones.length]}-${index}`;
    yield carrier({
      "service.name": component,
      "server.address": `${name}.kube-system`,
      "server.port": port,
      "k8s.cluster.name": cluster.name,
      "k8s.namespace.name": "kube-system",
      "k8s.pod.name": name,
    });
  }
}

// ---- services, databases, brokers ----------------------------------------------------------------------------

function* serviceCarriers(estate: Estate, options: CarrierOptions): Generator<Carrier> {
  // All processes of a service have the same lists.
  const lists = new Map(
    estate.scenario.services.map((service) => [
      service,
      serviceLists(service, estate.scenario.ingress.includes(service), options),
    ]),
  );
  for (const instance of estate.instances()) {
    const { service } = instance;
    yield carrier(serviceAttributes(instance), {
      schemaUrl: SCHEMA_URL,
      subjects: [service.name, `language:${service.language.sdk}`],
      lists: lists.get(service)!,
    });
  }
}

function serviceLists(service: Service, isIngress: boolean, options: CarrierOptions): Carrier["lists"] {
  return {
    operation: operationList(service, isIngress, options.errorRate),
    peer: peerList(service),
    query: queryList(service),
    topic: ["events", "commands"].map((stream) => ({
      attributes: {
        "messaging.system": "kafka",
        "messaging.destination.name": `${subjectOf(service.name)}.${stream}`,
      },
      weight: 1,
    })),
  };
}

/** Requests by route and outcome: what the service's server spans show. */
function operationList(service: Service, isIngress: boolean, errorRate: number): DimensionValue[] {
  return service.operations.flatMap(({ method, route, successCode }) => {
    const attributes = {
      "http.request.method": method,
      "http.route": route,
      "url.scheme": isIngress ? "https" : "http",
    };
    const answer = (code: number, weight: number, error?: string): DimensionValue => ({
      attributes: {
        ...attributes,
        "http.response.status_code": code,
        ...(error === undefined ? {} : { "error.type": error }),
      },
      weight,
    });
    return [answer(successCode, 1 - errorRate), ...(errorRate > 0 ? [answer(500, errorRate, "500")] : [])];
  });
}

function peerList(service: Service): DimensionValue[] {
  const called = [...new Set(service.calls.map((operation) => operation.service))];
  const inside = called.map(({ name, namespace, port }) => ({
    attributes: { "server.address": `${name}.${namespace}`, "server.port": port },
    weight: 1,
  }));
  const hosts = [...new Set(service.externalCalls.map(({ host }) => host))];
  const outside = hosts.map((host) => ({
    attributes: { "server.address": host, "server.port": 443 },
    weight: 0.2,
  }));
  return [...inside, ...outside];
}

function queryList(service: Service): DimensionValue[] {
  const distinct = new Map<string, DimensionValue>();
  for (const { system, statement, address, database, table } of service.databaseCalls) {
    distinct.set(`${address} ${statement.operation}`, {
      attributes: {
        "db.system.name": system.name,
        "db.namespace": database,
        ...(system.name === "redis" ? {} : { "db.collection.name": table }),
        "db.operation.name": statement.operation,
        "server.address": address,
        "server.port": system.port,
      },
      weight: statement.reads ? 1 : 0.3,
    });
  }
  return [...distinct.values()];
}

/** The databases that services call, then read replicas of them without end. */
function* databaseCarriers(estate: Estate): Generator<Carrier> {
  const { services, infrastructure } = estate.scenario;
  const calls = new Map(
    services.flatMap(({ databaseCalls }) => databaseCalls.map((call) => [call.address, call])),
  );
  for (let replica = 0; ; replica++) {
    for (const { system, address, database } of calls.values()) {
      yield carrier(
        {
          "db.system.name": system.name,
          "db.namespace": database,
          "server.address": replica === 0 ? address : address.replace(".", `-replica-${replica}.`),
          "server.port": system.port,
          "k8s.cluster.name": infrastructure.cluster.name,
        },
        { subjects: [`database:${system.name}`] },
      );
    }
  }
}

function* brokerCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    yield carrier({
      "messaging.system": "kafka",
      "server.address": `kafka-${index}.kafka.messaging.svc.cluster.local`,
      "server.port": 9092,
      "k8s.cluster.name": estate.scenario.infrastructure.cluster.name,
    });
  }
}
