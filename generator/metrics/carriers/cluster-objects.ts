/** Objects of the cluster, as the k8s_cluster receiver describes them: workloads, namespaces, quotas, volumes, services. */
import type { Attributes } from "../../attributes.ts";
import type { Deployment } from "../../scenario/infrastructure.ts";
import { sharedBy } from "../dimension.ts";
import type { Estate } from "../estate.ts";
import { type Carrier, carrier } from "./carrier.ts";

/** Pods, nodes or whatever the object manages: as many as it wants, and all of them well. */
export interface WorkloadVitals {
  readonly desired: number;
}

export interface AutoscalerVitals {
  readonly current: number;
  readonly min: number;
  readonly max: number;
}

export interface JobVitals {
  readonly active: number;
  readonly desired: number;
  readonly successful: number;
  readonly failed: number;
  readonly parallel: number;
}

/** By RESOURCES of the list "resource". */
export interface QuotaVitals {
  readonly hard: readonly number[];
  readonly used: readonly number[];
}

export interface StorageVitals {
  readonly capacity: number;
}

const STATEFUL = [
  ["postgresql", "data"],
  ["redis", "data"],
  ["kafka", "messaging"],
  ["mysql", "data"],
  ["mongodb", "data"],
  ["rabbitmq", "messaging"],
  ["prometheus", "observability"],
  ["alertmanager", "observability"],
  ["loki", "observability"],
  ["vault", "identity"],
  ["opensearch", "search"],
  ["minio", "storage"],
] as const;

const DAEMONS = [
  ["kube-proxy", "kube-system"],
  ["aws-node", "kube-system"],
  ["ebs-csi-node", "kube-system"],
  ["node-local-dns", "kube-system"],
  ["fluent-bit", "observability"],
  ["otel-agent", "observability"],
  ["node-exporter", "observability"],
  ["falco", "security"],
] as const;

const CRON = [
  ["nightly-report", "batch"],
  ["database-backup", "data"],
  ["session-cleanup", "batch"],
  ["invoice-run", "batch"],
  ["search-reindex", "search"],
  ["certificate-check", "cert-manager"],
  ["thumbnail-sweep", "batch"],
  ["ledger-reconcile", "batch"],
] as const;

const RESOURCES = ["requests.cpu", "limits.cpu", "requests.memory", "limits.memory", "pods"];
const GIB = 2 ** 30;

export function* deploymentCarriers(estate: Estate): Generator<Carrier> {
  for (const { deployment, replicas } of deployments(estate)) {
    const attributes = {
      ...inNamespace(estate, deployment.namespace.name),
      "k8s.deployment.name": deployment.name,
      "k8s.deployment.uid": deployment.uid,
    };
    yield carrier(attributes, { desired: replicas } satisfies WorkloadVitals);
  }
}

export function* replicaSetCarriers(estate: Estate): Generator<Carrier> {
  for (const { deployment, replicas } of deployments(estate)) {
    const attributes = {
      ...inNamespace(estate, deployment.namespace.name),
      "k8s.deployment.name": deployment.name,
      "k8s.replicaset.name": deployment.replicaSet.name,
      "k8s.replicaset.uid": deployment.replicaSet.uid,
    };
    yield carrier(attributes, { desired: replicas } satisfies WorkloadVitals);
  }
}

export function* autoscalerCarriers(estate: Estate): Generator<Carrier> {
  for (const { deployment, replicas } of deployments(estate)) {
    const { name, namespace } = deployment;
    const uid = estate.fork(`autoscaler ${namespace.name}/${name}`).uuid();
    const vitals: AutoscalerVitals = {
      current: replicas,
      min: Math.max(1, replicas - 1),
      max: Math.max(4, replicas * 3),
    };
    const attributes = { ...inNamespace(estate, namespace.name), "k8s.hpa.name": name, "k8s.hpa.uid": uid };
    yield carrier(attributes, vitals);
  }
}

export function* statefulSetCarriers(estate: Estate): Generator<Carrier> {
  for (const { name, namespace, uid, index } of numbered(estate, "statefulset", STATEFUL)) {
    const attributes = { "k8s.statefulset.name": name, "k8s.statefulset.uid": uid };
    const vitals: WorkloadVitals = { desired: [3, 3, 5, 1][index % 4]! };
    yield carrier({ ...inNamespace(estate, namespace), ...attributes }, vitals);
  }
}

export function* daemonSetCarriers(estate: Estate): Generator<Carrier> {
  const vitals: WorkloadVitals = { desired: estate.scenario.infrastructure.nodes.length };
  for (const { name, namespace, uid } of numbered(estate, "daemonset", DAEMONS)) {
    const attributes = { "k8s.daemonset.name": name, "k8s.daemonset.uid": uid };
    yield carrier({ ...inNamespace(estate, namespace), ...attributes }, vitals);
  }
}

/** Runs of cron jobs: the latest of each, then the ones before. One in twenty has failed. */
export function* jobCarriers(estate: Estate): Generator<Carrier> {
  for (let index = 0; ; index++) {
    const [cron, namespace] = CRON[index % CRON.length]!;
    // The controller numbers runs by the minute that they were due in.
    const name = `${cron}-${29_402_640 - 1440 * Math.floor(index / CRON.length)}`;
    const own = estate.fork(`job ${name}`);
    const attributes = { "k8s.job.name": name, "k8s.job.uid": own.uuid() };
    const hasFailed = own.chance(0.05);
    const isRunning = !hasFailed && index < CRON.length && own.chance(0.3);
    const vitals: JobVitals = {
      active: isRunning ? 1 : 0,
      desired: 1,
      successful: isRunning || hasFailed ? 0 : 1,
      failed: hasFailed ? own.int(1, 6) : 0,
      parallel: 1,
    };
    yield carrier({ ...inNamespace(estate, namespace), ...attributes }, vitals);
  }
}

export function* cronJobCarriers(estate: Estate): Generator<Carrier> {
  for (const { name, namespace, uid } of numbered(estate, "cronjob", CRON)) {
    const attributes = { "k8s.cronjob.name": name, "k8s.cronjob.uid": uid };
    const vitals: WorkloadVitals = { desired: estate.fork(`cronjob ${name}`).chance(0.1) ? 1 : 0 };
    yield carrier({ ...inNamespace(estate, namespace), ...attributes }, vitals);
  }
}

export function* namespaceCarriers(estate: Estate): Generator<Carrier> {
  for (const { name, uid } of namespaces(estate)) {
    yield carrier({ ...inNamespace(estate, name), "k8s.namespace.uid": uid }, undefined);
  }
}

/** A quota in each namespace. CPU is in thousandths of a core, as the receiver has it. */
export function* quotaCarriers(estate: Estate): Generator<Carrier> {
  for (const { name } of namespaces(estate)) {
    const own = estate.fork(`quota ${name}`);
    const cores = own.pick([8, 16, 32, 64]);
    const hard = [cores * 1000, cores * 2000, cores * 4 * GIB, cores * 8 * GIB, cores * 5];
    const share = 0.2 + 0.6 * own.float();
    const used = hard.map((limit, place) =>
      place === 2 || place === 3 ? Math.round((limit * share) / GIB) * GIB : Math.round(limit * share),
    );
    const attributes = {
      "k8s.resourcequota.name": "compute",
      "k8s.resourcequota.uid": own.uuid(),
    };
    const vitals: QuotaVitals = { hard, used };
    yield carrier({ ...inNamespace(estate, name), ...attributes }, vitals, {
      lists: { resource: sharedBy("resource", RESOURCES) },
    });
  }
}

/** isClaim: the claims on the volumes instead of the volumes. */
export function* storageCarriers(estate: Estate, isClaim: boolean): Generator<Carrier> {
  for (const { name, namespace, index } of numbered(estate, "statefulset", STATEFUL)) {
    for (let ordinal = 0; ordinal < [3, 3, 5, 1][index % 4]!; ordinal++) {
      const own = estate.fork(`volume ${name}/${ordinal}`);
      const claimUid = own.uuid();
      const vitals: StorageVitals = { capacity: own.pick([20, 50, 100, 200]) * GIB };
      const attributes: Attributes = isClaim
        ? {
            ...inNamespace(estate, namespace),
            "k8s.persistentvolumeclaim.name": `data-${name}-${ordinal}`,
            "k8s.persistentvolumeclaim.uid": claimUid,
          }
        : {
            "k8s.cluster.name": estate.scenario.infrastructure.cluster.name,
            "k8s.persistentvolume.name": `pvc-${claimUid}`,
            "k8s.persistentvolume.uid": own.uuid(),
          };
      yield carrier({ ...attributes, "k8s.storageclass.name": "gp3" }, vitals);
    }
  }
}

export function* kubernetesServiceCarriers(estate: Estate): Generator<Carrier> {
  const zones = estate.scenario.infrastructure.cluster.zones;
  for (const { deployment, replicas } of deployments(estate)) {
    const { name, namespace } = deployment;
    const attributes = {
      ...inNamespace(estate, namespace.name),
      "k8s.service.name": name,
      "k8s.service.uid": estate.fork(`service ${namespace.name}/${name}`).uuid(),
      "k8s.service.type": "ClusterIP",
    };
    yield carrier(attributes, { desired: replicas } satisfies WorkloadVitals, {
      lists: { zone: sharedBy("k8s.service.endpoint.zone", zones) },
    });
  }
}

// ---- rows of things ------------------------------------------------------------------------------------------

function* deployments(estate: Estate): Generator<{ deployment: Deployment; replicas: number }> {
  for (let index = 0; ; index++) {
    yield { deployment: estate.deployment(index), replicas: estate.replicas(index) };
  }
}

/** Namespaces that workloads are in, then previews of changes, of which there may be any number. */
function* namespaces(estate: Estate): Generator<{ name: string; uid: string }> {
  const { namespaces: known } = estate.scenario.infrastructure;
  const names = new Set([
    ...known.map(({ name }) => name),
    ...[...STATEFUL, ...DAEMONS, ...CRON].map(([, namespace]) => namespace),
  ]);
  for (const name of names) yield estate.namespace(name);
  for (let number = 4127; ; number += 3) {
    if (!names.has(`preview-${number}`)) yield estate.namespace(`preview-${number}`);
  }
}

/** Named things, then the same with numbers. */
function* numbered(estate: Estate, kind: string, things: readonly (readonly [string, string])[]) {
  for (let index = 0; ; index++) {
    const [first, namespace] = things[index % things.length]!;
    const round = Math.floor(index / things.length);
    const name = round === 0 ? first : `${first}-${round + 1}`;
    yield { index, name, namespace, uid: estate.fork(`${kind} ${namespace}/${name}`).uuid() };
  }
}

function inNamespace(estate: Estate, namespace: string): Attributes {
  return {
    "k8s.cluster.name": estate.scenario.infrastructure.cluster.name,
    "k8s.namespace.name": namespace,
  };
}
