/**
 * What the Collector's k8s_cluster receiver reports of the objects in a cluster.
 *
 * Source: opentelemetry-collector-contrib, receiver/k8sclusterreceiver/metadata.yaml.
 * Left out: replication controllers and OpenShift, which the cluster does not have.
 */
import type {
  AutoscalerVitals,
  JobVitals,
  QuotaVitals,
  StorageVitals,
  WorkloadVitals,
} from "../carriers/cluster-objects.ts";
import type { ContainerCarrierVitals } from "../carriers/pods.ts";
import type { CarrierKind, MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { capacity, constant, fixed, still } from "../number-shape.ts";
import type { HostVitals } from "../vitals/host-vitals.ts";
import { contribScope } from "./scopes.ts";

const scope = contribScope("k8sclusterreceiver");
const objects = <Vitals>(carrier: CarrierKind) => metricsOf<Vitals>({ type: "k8s_cluster", carrier, scope });

const deployment = objects<WorkloadVitals>("deployment");
const replicaSet = objects<WorkloadVitals>("replicaSet");
const statefulSet = objects<WorkloadVitals>("statefulSet");
const daemonSet = objects<WorkloadVitals>("daemonSet");
const cronJob = objects<WorkloadVitals>("cronJob");
const job = objects<JobVitals>("job");
const autoscaler = objects<AutoscalerVitals>("autoscaler");
const quota = objects<QuotaVitals>("quota");
const namespace = objects<unknown>("namespace");
const pod = objects<unknown>("podObject");
const container = objects<ContainerCarrierVitals>("containerObject");
const node = objects<HostVitals>("nodeObject");
const volume = objects<StorageVitals>("persistentVolume");
const claim = objects<StorageVitals>("persistentVolumeClaim");
const service = objects<WorkloadVitals>("kubernetesService");

const desired = still<WorkloadVitals>((workload) => workload.desired);
const CONDITIONS = { Ready: 1, DiskPressure: 0, MemoryPressure: 0, NetworkUnavailable: 0, PIDPressure: 0 };
const REASONS = {
  CrashLoopBackOff: 0,
  ContainerCreating: 0,
  CreateContainerConfigError: 0,
  ErrImagePull: 0,
  ImagePullBackOff: 0,
  OOMKilled: 0,
  Error: 0,
  Completed: 0,
  ContainerCannotRun: 0,
};
const CLAIM_PHASES = { Bound: 1, Lost: 0, Pending: 0 };
const VOLUME_PHASES = { Available: 0, Bound: 1, Failed: 0, Pending: 0, Released: 0 };
const ENDPOINTS = [
  by("k8s.service.endpoint.address_type", ["IPv4"]),
  by("k8s.service.endpoint.condition", { ready: 1, serving: 1, terminating: 0 }),
  "zone",
];

// biome-ignore format: one metric a line
export const CLUSTER_METRICS: readonly MetricDefinition[] = [
  deployment.gauge("k8s.deployment.desired", "{pod}", desired, "Number of desired pods in this deployment"),
  deployment.gauge("k8s.deployment.available", "{pod}", desired, "Total number of available pods (ready for at least minReadySeconds) targeted by this deployment"),
  pod.gauge("k8s.pod.phase", "", constant(2), "Current phase of the pod (1 - Pending, 2 - Running, 3 - Succeeded, 4 - Failed, 5 - Unknown)"),
  container.gauge("k8s.container.ready", "", constant(1), "Whether a container has passed its readiness probe (0 for no, 1 for yes)"),
  container.gauge("k8s.container.restarts", "{restart}", still(({ restarts }) => restarts), "How many times the container has restarted in the recent past. This value is pulled directly from the K8s API and the value can go indefinitely high and be reset to 0 at any time depending on how your kubelet is configured to prune dead containers. It is best to not depend too much on the exact value but rather look at it as either == 0, in which case you can conclude there were no restarts in the recent past, or > 0, in which case you can conclude there were restarts in the recent past, and not try and analyze the value beyond that."),
  container.gauge("k8s.container.cpu_request", "{cpu}", fixed(({ spec }) => spec.cpuRequest), "Resource requested for the container. See https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.23/#resourcerequirements-v1-core for details"),
  container.gauge("k8s.container.cpu_limit", "{cpu}", fixed(({ spec }) => spec.cpuLimit), "Maximum resource limit set for the container. See https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.23/#resourcerequirements-v1-core for details"),
  container.gauge("k8s.container.memory_request", "By", capacity(({ spec }) => spec.memoryRequestBytes), "Resource requested for the container. See https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.23/#resourcerequirements-v1-core for details"),
  container.gauge("k8s.container.memory_limit", "By", capacity(({ spec }) => spec.memoryLimitBytes), "Maximum resource limit set for the container. See https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.23/#resourcerequirements-v1-core for details"),
  replicaSet.gauge("k8s.replicaset.desired", "{pod}", desired, "Number of desired pods in this replicaset"),
  replicaSet.gauge("k8s.replicaset.available", "{pod}", desired, "Total number of available pods (ready for at least minReadySeconds) targeted by this replicaset"),
  autoscaler.gauge("k8s.hpa.current_replicas", "{pod}", still(({ current }) => current), "Current number of pod replicas managed by this autoscaler."),
  autoscaler.gauge("k8s.hpa.desired_replicas", "{pod}", still(({ current }) => current), "Desired number of pod replicas managed by this autoscaler."),
  autoscaler.gauge("k8s.hpa.max_replicas", "{pod}", still(({ max }) => max), "Maximum number of replicas to which the autoscaler can scale up."),
  autoscaler.gauge("k8s.hpa.min_replicas", "{pod}", still(({ min }) => min), "Minimum number of replicas to which the autoscaler can scale up."),
  node.gauge("k8s.node.condition_ready", "", constant(1), "Ready condition status of the node (true=1, false=0, unknown=-1)"),
  namespace.gauge("k8s.namespace.phase", "", constant(1), "The current phase of namespaces (1 for active and 0 for terminating)"),
  statefulSet.gauge("k8s.statefulset.desired_pods", "{pod}", desired, "Number of desired pods in the stateful set (the `spec.replicas` field)"),
  statefulSet.gauge("k8s.statefulset.current_pods", "{pod}", desired, "The number of pods created by the StatefulSet controller from the StatefulSet version"),
  statefulSet.gauge("k8s.statefulset.ready_pods", "{pod}", desired, "Number of pods created by the stateful set that have the `Ready` condition"),
  statefulSet.gauge("k8s.statefulset.updated_pods", "{pod}", desired, "Number of pods created by the StatefulSet controller from the StatefulSet version"),
  daemonSet.gauge("k8s.daemonset.desired_scheduled_nodes", "{node}", desired, "Number of nodes that should be running the daemon pod (including nodes currently running the daemon pod)"),
  daemonSet.gauge("k8s.daemonset.current_scheduled_nodes", "{node}", desired, "Number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod"),
  daemonSet.gauge("k8s.daemonset.ready_nodes", "{node}", desired, "Number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready"),
  daemonSet.gauge("k8s.daemonset.misscheduled_nodes", "{node}", constant(0), "Number of nodes that are running the daemon pod, but are not supposed to run the daemon pod"),
  job.gauge("k8s.job.active_pods", "{pod}", still(({ active }) => active), "The number of actively running pods for a job"),
  job.gauge("k8s.job.desired_successful_pods", "{pod}", still((each) => each.desired), "The desired number of successfully finished pods the job should be run with"),
  job.gauge("k8s.job.failed_pods", "{pod}", still(({ failed }) => failed), "The number of pods which reached phase Failed for a job"),
  job.gauge("k8s.job.max_parallel_pods", "{pod}", still(({ parallel }) => parallel), "The max desired number of pods the job should run at any given time"),
  job.gauge("k8s.job.successful_pods", "{pod}", still(({ successful }) => successful), "The number of pods which reached phase Succeeded for a job"),
  cronJob.gauge("k8s.cronjob.active_jobs", "{job}", desired, "The number of actively running jobs for a cronjob"),
  quota.gauge("k8s.resource_quota.hard_limit", "{resource}", still(({ hard }) => hard), "The upper limit for a particular resource in a specific namespace. Will only be sent if a quota is specified. CPU requests/limits will be sent as millicores", "resource"),
  quota.gauge("k8s.resource_quota.used", "{resource}", still(({ used }) => used), "The usage for a particular resource in a specific namespace. Will only be sent if a quota is specified. CPU requests/limits will be sent as millicores", "resource"),
  node.gauge("k8s.node.condition", "{condition}", constant(1), "The condition of a particular Node.", by("condition", CONDITIONS)),
  node.gauge("k8s.node.allocatable_cpu", "{cpu}", fixed(({ cpus }) => cpus - 0.08), "Amount of cpu allocatable on the node"),
  node.gauge("k8s.node.allocatable_memory", "By", capacity(({ memory }) => memory * 0.94), "Amount of memory allocatable on the node"),
  node.gauge("k8s.node.allocatable_pods", "{pod}", constant(58), "Amount of pods allocatable on the node"),
  container.upDown("k8s.container.status.state", "{container}", constant(1), "Experimental metric, may experience breaking changes. Describes the number of K8s containers that are currently in a given state. All possible container states will be reported at each time interval to avoid missing metrics. Only the value corresponding to the current state will be non-zero.", by("k8s.container.status.state", { terminated: 0, running: 1, waiting: 0 })),
  container.upDown("k8s.container.status.reason", "{container}", constant(1), "Experimental metric, may experience breaking changes. Describes the number of K8s containers that are currently in a state for a given reason. All possible container state reasons will be reported at each time interval to avoid missing metrics. Only the value corresponding to the current state reason will be non-zero.", by("k8s.container.status.reason", REASONS)),
  statefulSet.upDown("k8s.statefulset.pod.available", "{pod}", desired, "Number of available pods (ready for at least minReadySeconds) in the stateful set."),
  service.gauge("k8s.service.endpoint.count", "{endpoint}", still(({ desired: pods }) => endpoints(pods)), "The number of endpoints for a service broken down by condition, address type, and zone.", ...ENDPOINTS),
  service.gauge("k8s.service.load_balancer.ingress.count", "{ingress}", constant(0), "The number of load balancer ingress points (external IPs/hostnames) assigned to the service."),
  volume.upDown("k8s.persistentvolume.status.phase", "{persistentvolume}", constant(1), "The current phase of the persistent volume.", by("k8s.persistentvolume.status.phase", VOLUME_PHASES)),
  volume.upDown("k8s.persistentvolume.storage.capacity", "By", capacity((each) => each.capacity), "The storage capacity of the persistent volume."),
  claim.upDown("k8s.persistentvolumeclaim.status.phase", "{persistentvolumeclaim}", constant(1), "The current phase of the persistent volume claim.", by("k8s.persistentvolumeclaim.status.phase", CLAIM_PHASES)),
  claim.upDown("k8s.persistentvolumeclaim.storage.capacity", "By", capacity((each) => each.capacity), "The actual storage capacity provisioned for the persistent volume claim."),
  claim.upDown("k8s.persistentvolumeclaim.storage.request", "By", capacity((each) => each.capacity), "The storage requested by the persistent volume claim."),
];

const ZONES = 3;

/** Pods dealt out over the zones: ready, serving, terminating. */
function endpoints(pods: number): number[] {
  const perZone = Array.from({ length: ZONES }, (_, zone) => Math.floor((pods + ZONES - 1 - zone) / ZONES));
  return [...perZone, ...perZone, 0, 0, 0];
}
