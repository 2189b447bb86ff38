/**
 * The resources that report metrics, kind by kind, without end: the writer takes as many as its series need.
 */
import type { CarrierKind } from "../definition.ts";
import type { Estate } from "../estate.ts";
import { brokerCarriers, databaseCarriers } from "./backends.ts";
import type { Carrier } from "./carrier.ts";
import {
  autoscalerCarriers,
  cronJobCarriers,
  daemonSetCarriers,
  deploymentCarriers,
  jobCarriers,
  kubernetesServiceCarriers,
  namespaceCarriers,
  quotaCarriers,
  replicaSetCarriers,
  statefulSetCarriers,
  storageCarriers,
} from "./cluster-objects.ts";
import { controlPlaneCarriers } from "./control-plane.ts";
import {
  hostCarriers,
  nodeCarriers,
  nodeObjectCarriers,
  processCarriers,
  systemContainerCarriers,
} from "./hosts.ts";
import { containerCarriers, podCarriers, podObjectCarriers, volumeCarriers } from "./pods.ts";
import { serviceCarriers } from "./services.ts";

/** What the distribution of outcomes depends on. */
export interface CarrierOptions {
  /** Share of requests that fail. */
  readonly errorRate: number;
}

type CarriersOf = (estate: Estate, options: CarrierOptions) => Generator<Carrier>;

const CARRIERS: Readonly<Record<CarrierKind, CarriersOf>> = {
  host: hostCarriers,
  process: processCarriers,
  node: nodeCarriers,
  systemContainer: systemContainerCarriers,
  nodeObject: nodeObjectCarriers,
  pod: podCarriers,
  podObject: podObjectCarriers,
  container: (estate) => containerCarriers(estate, false),
  containerObject: (estate) => containerCarriers(estate, true),
  volume: volumeCarriers,
  namespace: namespaceCarriers,
  deployment: deploymentCarriers,
  replicaSet: replicaSetCarriers,
  statefulSet: statefulSetCarriers,
  daemonSet: daemonSetCarriers,
  job: jobCarriers,
  cronJob: cronJobCarriers,
  autoscaler: autoscalerCarriers,
  quota: quotaCarriers,
  persistentVolume: (estate) => storageCarriers(estate, false),
  persistentVolumeClaim: (estate) => storageCarriers(estate, true),
  kubernetesService: kubernetesServiceCarriers,
  apiServer: (estate) => controlPlaneCarriers(estate, "kube-apiserver", 6443),
  etcd: (estate) => controlPlaneCarriers(estate, "etcd", 2379),
  scheduler: (estate) => controlPlaneCarriers(estate, "kube-scheduler", 10_259),
  controller: (estate) => controlPlaneCarriers(estate, "kube-controller-manager", 10_257),
  service: (estate, { errorRate }) => serviceCarriers(estate, errorRate),
  database: databaseCarriers,
  broker: brokerCarriers,
};

/** All resources of a kind, the scenario's first. Endless; resources of one kind differ in their attributes. */
export function carriersOf(kind: CarrierKind, estate: Estate, options: CarrierOptions): Generator<Carrier> {
  return CARRIERS[kind](estate, options);
}
