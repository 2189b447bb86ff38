/**
 * What the Collector's kubelet_stats and k8s_cluster receivers report, and what the control plane and the kubelet
 * themselves measure as distributions.
 *
 * Sources: opentelemetry-collector-contrib, receiver/kubeletstatsreceiver/metadata.yaml and
 * receiver/k8sclusterreceiver/metadata.yaml; Kubernetes metrics reference (the distributions, with names in OTel style).
 */
import type { CarrierKind } from "../definition.ts";
import {
  by,
  constant,
  DATABASE_BOUNDS,
  exactly,
  fine,
  HTTP_BOUNDS,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  SLOW_BOUNDS,
  share,
  storage,
  traffic,
  whole,
  wide,
} from "../definition.ts";
import { contribScope } from "./scopes.ts";

const kubelet = contribScope("kubeletstatsreceiver");
const cluster = contribScope("k8sclusterreceiver");
const scraped = contribScope("prometheusreceiver");

const node = metricsOf({ type: "k8s_node", carrier: "node", scope: kubelet });
const nodeScrape = metricsOf({ type: "k8s_node", carrier: "node", scope: scraped });
const pod = metricsOf({ type: "k8s_pod", carrier: "pod", scope: kubelet });
const podScrape = metricsOf({ type: "k8s_pod", carrier: "pod", scope: scraped });
const container = metricsOf({ type: "k8s_container", carrier: "container", scope: kubelet });
const containerScrape = metricsOf({ type: "k8s_container", carrier: "container", scope: scraped });
const inCluster = (carrier: CarrierKind) => metricsOf({ type: "k8s_cluster", carrier, scope: cluster });
const controlPlane = (carrier: CarrierKind) => metricsOf({ type: "k8s_cluster", carrier, scope: scraped });

const deployment = inCluster("deployment");
const replicaSet = inCluster("replicaSet");
const autoscaler = inCluster("autoscaler");
const podObject = inCluster("podObject");
const containerObject = inCluster("containerObject");
const nodeObject = inCluster("nodeObject");
const apiServer = controlPlane("apiServer");
const etcd = controlPlane("etcd");
const scheduler = controlPlane("scheduler");

const IN_OUT = by("direction", { receive: 1, transmit: 0.8 });
const READ_WRITE = by("direction", { read: 0.3, write: 1 });
const REQUESTS = [
  by("verb", { GET: 1, LIST: 0.2, WATCH: 0.3, CREATE: 0.1, UPDATE: 0.3, PATCH: 0.2, DELETE: 0.05 }),
  by("resource", {
    pods: 1,
    nodes: 0.4,
    leases: 0.9,
    endpointslices: 0.5,
    configmaps: 0.6,
    secrets: 0.3,
    events: 0.5,
    services: 0.3,
  }),
];
const RUNTIME_OPERATIONS = by("operation_type", {
  list_containers: 1,
  list_podsandbox: 1,
  container_status: 0.8,
  podsandbox_status: 0.5,
  exec_sync: 0.6,
  create_container: 0.05,
  start_container: 0.05,
  remove_container: 0.05,
});

// biome-ignore format: one metric a line
export const NODE_METRICS: readonly MetricDefinition[] = [
  node.counter("k8s.node.cpu.time", "s", wide(1200, 5000), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation."),
  node.gauge("k8s.node.cpu.usage", "{cpu}", fine(0.3, 1.4, { max: 2 - 2 ** -13 }), "Total CPU usage (sum of all cores per second) averaged over the sample window."),
  nodeScrape.histogram("kubelet.runtime.operation.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 0, rate: perHour(600, 6000) }, "Duration of the kubelet's calls of the container runtime.", RUNTIME_OPERATIONS),
  nodeScrape.exponential("kubelet.pleg.relist.duration", "s", { scale: 3, offset: -56, rate: perHour(3000, 7000) }, "Duration of listing all pods and containers of the runtime again."),
  nodeScrape.histogram("kubelet.pod.start.duration", "s", { bounds: SLOW_BOUNDS, firstLive: 2, rate: perHour(64, 256) }, "Duration from the kubelet seeing a pod to the pod running."),
  node.upDown("k8s.node.pid.usage", "{thread}", whole(400, 2600), "Number of threads in use on the node."),
  node.gauge("k8s.node.memory.usage", "By", storage(6e9, 2.4e10), "Node memory usage."),
  node.gauge("k8s.node.memory.available", "By", storage(5e9, 2e10), "Node memory available."),
  node.gauge("k8s.node.memory.rss", "By", storage(3e9, 1.4e10), "Node memory rss."),
  node.gauge("k8s.node.memory.working_set", "By", storage(5e9, 2e10), "Node memory working_set."),
  node.gauge("k8s.node.memory.page_faults", "1", whole(2e5, 9e6), "Node memory page_faults."),
  node.gauge("k8s.node.memory.major_page_faults", "1", whole(0, 900), "Node memory major_page_faults."),
  node.gauge("k8s.node.filesystem.available", "By", storage(2e10, 7e10, { spread: 0.02 }), "Node filesystem available."),
  node.gauge("k8s.node.filesystem.capacity", "By", storage(8.6e10, 1.3e11, { spread: 0 }), "Node filesystem capacity."),
  node.gauge("k8s.node.filesystem.usage", "By", storage(2e10, 6e10, { spread: 0.02 }), "Node filesystem usage."),
  node.counter("k8s.node.network.io", "By", traffic(5e8, 3e10), "Node network IO.", "interface", IN_OUT),
  node.counter("k8s.node.network.errors", "1", whole(0, 6), "Node network errors.", "interface", IN_OUT),
  node.counter("k8s.node.uptime", "s", constant(3600), "The time since the node started."),
  node.upDown("k8s.node.pid.limit", "{thread}", constant(32_768), "Maximum number of threads on the node."),
  nodeScrape.counter("kubelet.http.requests", "{request}", whole(300, 9000), "Requests that the kubelet's API has served.", by("path", { pods: 0.3, metrics: 0.5, "metrics/cadvisor": 0.5, healthz: 1, exec: 0.02 }), by("method", ["GET"])),
  nodeScrape.histogram("kubelet.cgroup_manager.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(700, 7000) }, "Duration of cgroup manager operations.", by("operation_type", { create: 0.2, destroy: 0.2, update: 1 })),
  nodeScrape.upDown("kubelet.running_pods", "{pod}", whole(8, 50), "Pods that run on the node."),
  nodeScrape.upDown("kubelet.volume_manager.volumes", "{volume}", whole(10, 80), "Volumes in the volume manager.", by("state", ["actual_state_of_world", "desired_state_of_world"]), by("plugin_name", { configmap: 1, projected: 1.4, secret: 0.5, "empty-dir": 0.7 })),
];

// biome-ignore format: one metric a line
export const POD_METRICS: readonly MetricDefinition[] = [
  pod.counter("k8s.pod.cpu.time", "s", wide(20, 1500), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation."),
  pod.gauge("k8s.pod.cpu.usage", "{cpu}", fine(0.01, 0.45, { max: 2 - 2 ** -13 }), "Total CPU usage (sum of all cores per second) averaged over the sample window."),
  podScrape.histogram("k8s.pod.probe.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 1, rate: perHour(360, 720) }, "Duration of the kubelet's probes of the pod.", by("probe_type", { Liveness: 1, Readiness: 1, Startup: 0.4 })),
  podScrape.exponential("k8s.pod.network.connection.duration", "s", { scale: 3, offset: -40, rate: perHour(500, 9000) }, "How long the pod's TCP connections took to open.", by("direction", ["inbound", "outbound"])),
  podScrape.upDown("k8s.pod.network.connections", "{connection}", whole(3, 160), "Open TCP connections of the pod.", by("direction", ["inbound", "outbound"])),
  pod.gauge("k8s.pod.memory.usage", "By", storage(4e7, 6e8), "Pod memory usage."),
  pod.gauge("k8s.pod.memory.available", "By", storage(4e7, 5e8), "Pod memory available."),
  pod.gauge("k8s.pod.memory.rss", "By", storage(3e7, 4e8), "Pod memory rss."),
  pod.gauge("k8s.pod.memory.working_set", "By", storage(4e7, 5e8), "Pod memory working_set."),
  pod.gauge("k8s.pod.memory.page_faults", "1", whole(1e4, 2e6), "Pod memory page_faults."),
  pod.gauge("k8s.pod.memory.major_page_faults", "1", whole(0, 60), "Pod memory major_page_faults."),
  pod.gauge("k8s.pod.filesystem.available", "By", storage(2e10, 7e10, { spread: 0.02 }), "Pod filesystem available."),
  pod.gauge("k8s.pod.filesystem.capacity", "By", storage(8.6e10, 1.3e11, { spread: 0 }), "Pod filesystem capacity."),
  pod.gauge("k8s.pod.filesystem.usage", "By", storage(3e5, 4e8), "Pod filesystem usage."),
  pod.counter("k8s.pod.network.io", "By", traffic(1e7, 6e9), "Pod network IO.", "interface", IN_OUT),
  pod.counter("k8s.pod.network.errors", "1", whole(0, 4), "Pod network errors.", "interface", IN_OUT),
  pod.counter("k8s.pod.uptime", "s", constant(3600), "The time since the pod started."),
  pod.gauge("k8s.pod.cpu_limit_utilization", "1", ratio(0.02, 0.7), "Pod cpu utilization as a ratio of the pod's total container limits."),
  pod.gauge("k8s.pod.cpu_request_utilization", "1", ratio(0.05, 0.8), "Pod cpu utilization as a ratio of the pod's total container requests."),
  pod.gauge("k8s.pod.memory_limit_utilization", "1", ratio(0.15, 0.8), "Pod memory utilization as a ratio of the pod's total container limits."),
  pod.gauge("k8s.pod.memory_request_utilization", "1", ratio(0.25, 0.8), "Pod memory utilization as a ratio of the pod's total container requests."),
  pod.upDown("k8s.pod.volume.usage", "By", storage(1e6, 8e8), "The number of used bytes in the pod volume.", by("k8s.volume.name", { tmp: 1, config: 0.2, "kube-api-access": 0.2 })),
];

// biome-ignore format: one metric a line
export const CONTAINER_METRICS: readonly MetricDefinition[] = [
  container.counter("container.cpu.time", "s", wide(15, 1400), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation."),
  container.gauge("container.cpu.usage", "{cpu}", fine(0.005, 0.4, { max: 2 - 2 ** -13 }), "Total CPU usage (sum of all cores per second) averaged over the sample window."),
  containerScrape.histogram("container.cpu.throttled.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 1, rate: perHour(400, 4000) }, "Duration of the periods in which the container was throttled."),
  containerScrape.exponential("container.disk.operation.duration", "s", { scale: 3, offset: -72, rate: perHour(1000, 20_000) }, "Duration of the container's disk operations.", READ_WRITE),
  container.upDown("k8s.container.ephemeral_storage.usage", "By", storage(3e5, 3e8), "Container ephemeral storage usage.", by("fs.type", { logs: 0.4, rootfs: 1 })),
  container.gauge("container.memory.usage", "By", storage(3e7, 5e8), "Container memory usage."),
  container.gauge("container.memory.available", "By", storage(3e7, 5e8), "Container memory available."),
  container.gauge("container.memory.rss", "By", storage(2e7, 4e8), "Container memory rss."),
  container.gauge("container.memory.working_set", "By", storage(3e7, 5e8), "Container memory working_set."),
  container.gauge("container.memory.page_faults", "1", whole(1e4, 2e6), "Container memory page_faults."),
  container.gauge("container.memory.major_page_faults", "1", whole(0, 60), "Container memory major_page_faults."),
  container.gauge("container.filesystem.available", "By", storage(2e10, 7e10, { spread: 0.02 }), "Container filesystem available."),
  container.gauge("container.filesystem.capacity", "By", storage(8.6e10, 1.3e11, { spread: 0 }), "Container filesystem capacity."),
  container.gauge("container.filesystem.usage", "By", storage(3e5, 3e8), "Container filesystem usage."),
  container.counter("container.uptime", "s", constant(3600), "The time since the container started."),
  container.gauge("k8s.container.cpu_limit_utilization", "1", ratio(0.02, 0.7), "Container cpu utilization as a ratio of the container's limits."),
  container.gauge("k8s.container.cpu_request_utilization", "1", ratio(0.05, 0.8), "Container cpu utilization as a ratio of the container's requests."),
  container.gauge("k8s.container.memory_limit_utilization", "1", ratio(0.15, 0.8), "Container memory utilization as a ratio of the container's limits."),
  container.gauge("k8s.container.memory_request_utilization", "1", ratio(0.25, 0.8), "Container memory utilization as a ratio of the container's requests."),
  containerScrape.counter("container.network.io", "By", traffic(1e7, 5e9), "Network bytes of the container.", by("network.io.direction", { receive: 1, transmit: 0.8 })),
  containerScrape.counter("container.disk.io", "By", traffic(1e6, 1e9), "Disk bytes of the container.", READ_WRITE),
  containerScrape.counter("container.cpu.throttled.periods", "{period}", whole(0, 3000), "Periods in which the container was throttled."),
];

// biome-ignore format: one metric a line
export const CLUSTER_METRICS: readonly MetricDefinition[] = [
  apiServer.histogram("apiserver.request.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 0, rate: perHour(3000, 30_000) }, "Duration of requests to the Kubernetes API.", ...REQUESTS),
  etcd.exponential("etcd.disk.wal.fsync.duration", "s", { scale: 3, offset: -78, rate: perHour(9000, 40_000) }, "Duration of fsync calls of the write-ahead log.", by("etcd.member.role", ["leader", "follower"])),
  deployment.gauge("k8s.deployment.desired", "{pod}", exactly("replicas"), "Number of desired pods in this deployment."),
  apiServer.counter("apiserver.requests", "{request}", whole(3000, 30_000), "Requests to the Kubernetes API.", ...REQUESTS),
  apiServer.upDown("apiserver.current_inflight_requests", "{request}", whole(1, 12), "Requests in flight.", by("request_kind", { readOnly: 1, mutating: 0.5 })),
  deployment.gauge("k8s.deployment.available", "{pod}", exactly("replicas"), "Total number of available pods (ready for at least minReadySeconds) targeted by this deployment."),
  podObject.gauge("k8s.pod.phase", "", constant(2), "Current phase of the pod (1 - Pending, 2 - Running, 3 - Succeeded, 4 - Failed, 5 - Unknown)."),
  containerObject.gauge("k8s.container.ready", "", constant(1), "Whether a container has passed its readiness probe (0 for no, 1 for yes)."),
  containerObject.gauge("k8s.container.restarts", "{restart}", exactly("restarts"), "How many times the container has restarted in the recent past."),
  containerObject.gauge("k8s.container.cpu_request", "{cpu}", exactly("cpuRequest", "fine"), "Resource requested for the container."),
  containerObject.gauge("k8s.container.cpu_limit", "{cpu}", exactly("cpuLimit", "fine"), "Maximum resource limit set for the container."),
  containerObject.gauge("k8s.container.memory_request", "By", exactly("memoryRequest", "storage"), "Resource requested for the container."),
  containerObject.gauge("k8s.container.memory_limit", "By", exactly("memoryLimit", "storage"), "Maximum resource limit set for the container."),
  replicaSet.gauge("k8s.replicaset.desired", "{pod}", exactly("replicas"), "Number of desired pods in this replicaset."),
  replicaSet.gauge("k8s.replicaset.available", "{pod}", exactly("replicas"), "Total number of available pods (ready for at least minReadySeconds) targeted by this replicaset."),
  autoscaler.gauge("k8s.hpa.current_replicas", "{pod}", whole(2, 9), "Current number of pod replicas managed by this autoscaler."),
  autoscaler.gauge("k8s.hpa.desired_replicas", "{pod}", whole(2, 9), "Desired number of pod replicas managed by this autoscaler."),
  autoscaler.gauge("k8s.hpa.max_replicas", "{pod}", constant(10, 40), "Maximum number of replicas to which the autoscaler can scale up."),
  autoscaler.gauge("k8s.hpa.min_replicas", "{pod}", constant(1, 3), "Minimum number of replicas to which the autoscaler can scale up."),
  nodeObject.gauge("k8s.node.condition_ready", "", constant(1), "Whether the node is Ready (1 - true, 0 - false, -1 - unknown)."),
  nodeObject.gauge("k8s.node.condition", "{condition}", constant(0), "The condition of a particular node.", by("condition", ["DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable"])),
  nodeObject.gauge("k8s.node.allocatable_memory", "By", share("memory", storage(0.93, 0.95, { spread: 0 })), "Amount of memory allocatable on the node."),
  nodeObject.gauge("k8s.node.allocatable_cpu", "{cpu}", exactly("cpus"), "Amount of cpu allocatable on the node."),
  containerObject.upDown("k8s.container.status.state", "{container}", constant(1), "Number of containers in each state.", by("k8s.container.status.state", { running: 1, waiting: 0, terminated: 0 })),
  scheduler.histogram("scheduler.pod_scheduling.duration", "s", { bounds: SLOW_BOUNDS, firstLive: 0, rate: perHour(60, 600) }, "Duration from a pod being seen to its being scheduled.", by("attempts", { "1": 1, "2": 0.1, "3": 0.03 })),
  scheduler.exponential("scheduler.scheduling_algorithm.duration", "s", { scale: 3, offset: -72, rate: perHour(900, 9000) }, "Duration of the scheduling algorithm.", by("profile", ["default-scheduler", "batch-scheduler"])),
  scheduler.upDown("scheduler.pending_pods", "{pod}", whole(0, 6), "Pods that wait to be scheduled.", by("queue", { active: 1, backoff: 0.4, unschedulable: 0.4, gated: 0 })),
  etcd.counter("etcd.server.proposals.committed", "{proposal}", whole(1e4, 3e5), "Consensus proposals committed."),
  etcd.gauge("etcd.mvcc.db.size", "By", storage(3e7, 9e8, { spread: 0.03 }), "Size of the database.", by("etcd.mvcc.db.size_type", { allocated: 1, in_use: 0.7 })),
  etcd.counter("etcd.network.peer.io", "By", traffic(1e7, 9e8), "Bytes exchanged with peers.", by("network.io.direction", ["receive", "transmit"])),
];
