/**
 * What the Collector's kubelet_stats receiver reports of nodes, and what the kubelet itself measures.
 *
 * Sources: opentelemetry-collector-contrib, receiver/kubeletstatsreceiver/metadata.yaml; Kubernetes metrics reference (the
 * kubelet's own, with names in OpenTelemetry's style).
 */
import { DATABASE_BOUNDS, HTTP_BOUNDS, SLOW_BOUNDS } from "../bounds.ts";
import type { SystemContainerVitals } from "../carriers/hosts.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { capacity, constant, real, still, storage, traffic, whole } from "../number-shape.ts";
import type { HostVitals } from "../vitals/host-vitals.ts";
import { contribScope } from "./scopes.ts";

const stats = contribScope("kubeletstatsreceiver");
const node = metricsOf<HostVitals>({ type: "k8s_node", carrier: "node", scope: stats });
const part = metricsOf<SystemContainerVitals>({ type: "k8s_node", carrier: "systemContainer", scope: stats });
const kubelet = metricsOf<HostVitals>({
  type: "k8s_node",
  carrier: "node",
  scope: contribScope("prometheusreceiver"),
});

const IN_OUT = by("direction", ["receive", "transmit"]);
const RUNTIME_OPERATIONS = by("operation_type", {
  list_containers: 0.22,
  list_podsandbox: 0.22,
  container_status: 0.2,
  podsandbox_status: 0.12,
  exec_sync: 0.2,
  create_container: 0.012,
  start_container: 0.014,
  remove_container: 0.014,
});
const VOLUMES = [
  by("state", ["actual_state_of_world", "desired_state_of_world"]),
  by("plugin_name", {
    "kubernetes.io/configmap": 1,
    "kubernetes.io/projected": 1.4,
    "kubernetes.io/secret": 0.5,
    "kubernetes.io/empty-dir": 0.7,
  }),
];

// biome-ignore format: one metric a line
export const NODE_METRICS: readonly MetricDefinition[] = [
  node.counter("k8s.node.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation"),
  node.gauge("k8s.node.cpu.usage", "{cpu}", real(({ cpuUsage }) => cpuUsage), "Total CPU usage (sum of all cores per second) averaged over the sample window"),
  kubelet.histogram("kubelet.runtime.operation.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ pods }) => 900 * pods, median: [0.004, 0.02], steepness: 2 }, "Duration of the kubelet's calls of the container runtime.", RUNTIME_OPERATIONS),
  kubelet.exponential("kubelet.pleg.relist.duration", "s", { rate: () => 3590, median: [0.006, 0.03] }, "Duration of listing all pods and containers of the runtime again."),
  node.upDown("k8s.node.pid.usage", "{thread}", whole(({ threads }) => threads, { spread: 0.03 }), "Number of running processes on the node."),
  node.gauge("k8s.node.memory.usage", "By", storage(({ memoryUsage }) => memoryUsage, { spread: 0.02 }), "Node memory usage"),
  node.gauge("k8s.node.memory.working_set", "By", storage(({ memoryWorkingSet }) => memoryWorkingSet, { spread: 0.01 }), "Node memory working_set"),
  node.gauge("k8s.node.memory.available", "By", storage(({ memory, memoryWorkingSet }) => memory - memoryWorkingSet, { spread: 0.005 }), "Node memory available"),
  node.gauge("k8s.node.memory.rss", "By", storage(({ memoryRss }) => memoryRss, { spread: 0.01 }), "Node memory rss"),
  node.gauge("k8s.node.memory.page_faults", "1", still(({ pageFaults: [minor] }) => minor * 20), "Node memory page_faults"),
  node.gauge("k8s.node.memory.major_page_faults", "1", still(({ pageFaults: [, major] }) => major), "Node memory major_page_faults"),
  node.gauge("k8s.node.filesystem.available", "By", storage(({ rootFilesystem }) => rootFilesystem.available, { spread: 0.001 }), "Node filesystem available"),
  node.gauge("k8s.node.filesystem.capacity", "By", capacity(({ rootFilesystem }) => rootFilesystem.capacity), "Node filesystem capacity"),
  node.gauge("k8s.node.filesystem.usage", "By", storage(({ rootFilesystem }) => rootFilesystem.usage, { spread: 0.001 }), "Node filesystem usage"),
  node.counter("k8s.node.network.io", "By", traffic(({ network }) => network.bytes), "Node network IO", "interface", IN_OUT),
  node.counter("k8s.node.network.errors", "1", whole(({ network }) => network.errors), "Node network errors", "interface", IN_OUT),
  node.counter("k8s.node.uptime", "s", whole(() => 3600), "The time since the node started"),
  node.upDown("k8s.node.pid.limit", "{thread}", constant(4_194_304), "Maximum number of processes on the node."),
  node.upDown("k8s.node.filesystem.inode.count", "{inode}", still(({ rootInodes: [used, free] }) => used + free), "The number of inodes of the node's filesystem."),
  node.upDown("k8s.node.filesystem.inode.free", "{inode}", whole(({ rootInodes: [, free] }) => free, { spread: 0.001 }), "The number of free inodes of the node's filesystem."),
  part.counter("k8s.node.system_container.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "Total cumulative CPU time spent by the system container since its creation."),
  part.gauge("k8s.node.system_container.cpu.usage", "{cpu}", real(({ cpuUsage }) => cpuUsage), "CPU usage of the system container averaged over the sample window."),
  part.gauge("k8s.node.system_container.memory.usage", "By", storage(({ memoryUsage }) => memoryUsage), "Memory usage of the system container."),
  part.gauge("k8s.node.system_container.memory.working_set", "By", storage(({ memoryWorkingSet }) => memoryWorkingSet), "Working set of the system container."),
  kubelet.histogram("kubelet.pod.start.duration", "s", { bounds: SLOW_BOUNDS, rate: [12, 90], median: [1.6, 6] }, "Duration from the kubelet seeing a pod to the pod running."),
  kubelet.histogram("kubelet.pod.worker.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ pods }) => 60 * pods, median: [0.004, 0.012], other: { share: 0.04, ratio: 150 } }, "Duration of bringing one pod to its desired state.", by("operation_type", { sync: 0.97, create: 0.03 })),
  kubelet.histogram("kubelet.cgroup_manager.duration", "s", { bounds: DATABASE_BOUNDS, rate: ({ pods }) => 120 * pods, median: [0.0007, 0.002] }, "Duration of cgroup manager operations.", by("operation_type", { create: 0.05, destroy: 0.05, update: 0.9 })),
  kubelet.counter("kubelet.http.requests", "{request}", whole(({ pods }) => 90 * pods), "Requests that the kubelet's API has served.", by("path", { pods: 0.2, metrics: 0.2, "metrics/cadvisor": 0.2, healthz: 0.38, exec: 0.02 }), by("method", ["GET"])),
  kubelet.upDown("kubelet.running_pods", "{pod}", still(({ pods }) => pods), "Pods that run on the node."),
  kubelet.upDown("kubelet.running_containers", "{container}", still(({ containers }) => [containers, 0, 2]), "Containers on the node.", by("container_state", ["running", "created", "exited"])),
  kubelet.upDown("kubelet.volume_manager.volumes", "{volume}", still(({ pods }) => pods), "Volumes in the volume manager.", ...VOLUMES),
];
