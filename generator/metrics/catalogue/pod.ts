/**
 * What the Collector's kubelet_stats receiver reports of pods and their volumes, and what is scraped of them besides.
 *
 * Source: opentelemetry-collector-contrib, receiver/kubeletstatsreceiver/metadata.yaml.
 */
import { DATABASE_BOUNDS } from "../bounds.ts";
import type { OnNode, VolumeVitals } from "../carriers/pods.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { capacity, ratio, real, still, storage, traffic, whole } from "../number-shape.ts";
import type { PodVitals } from "../vitals/pod-vitals.ts";
import { contribScope } from "./scopes.ts";

const stats = contribScope("kubeletstatsreceiver");
const pod = metricsOf<PodVitals & OnNode>({ type: "k8s_pod", carrier: "pod", scope: stats });
const volume = metricsOf<VolumeVitals>({ type: "k8s_pod", carrier: "volume", scope: stats });
const scraped = metricsOf<PodVitals & OnNode>({
  type: "k8s_pod",
  carrier: "pod",
  scope: contribScope("prometheusreceiver"),
});

const IN_OUT = by("direction", ["receive", "transmit"]);
const BOTH_WAYS = by("direction", ["inbound", "outbound"]);

// biome-ignore format: one metric a line
export const POD_METRICS: readonly MetricDefinition[] = [
  pod.counter("k8s.pod.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation"),
  pod.gauge("k8s.pod.cpu.usage", "{cpu}", real(({ cpuUsage }) => cpuUsage), "Total CPU usage (sum of all cores per second) averaged over the sample window"),
  scraped.histogram("k8s.pod.probe.duration", "s", { bounds: DATABASE_BOUNDS, rate: () => 960, median: [0.0015, 0.007] }, "Duration of the kubelet's probes of the pod.", by("probe_type", { Liveness: 0.375, Readiness: 0.625 })),
  scraped.exponential("k8s.pod.network.connection.duration", "s", { rate: ({ connections }) => connections.map((open) => open * 20), median: [0.002, 0.004] }, "How long the pod's TCP connections took to open.", BOTH_WAYS),
  scraped.upDown("k8s.pod.network.connections", "{connection}", whole(({ connections }) => connections), "Open TCP connections of the pod.", BOTH_WAYS),
  pod.gauge("k8s.pod.memory.usage", "By", storage(({ memoryUsage }) => memoryUsage, { spread: 0.02 }), "Pod memory usage"),
  pod.gauge("k8s.pod.memory.working_set", "By", storage(({ memoryWorkingSet }) => memoryWorkingSet, { spread: 0.02 }), "Pod memory working_set"),
  pod.gauge("k8s.pod.memory.available", "By", storage(({ memoryLimit, memoryWorkingSet }) => memoryLimit - memoryWorkingSet, { spread: 0.02 }), "Pod memory available"),
  pod.gauge("k8s.pod.memory.rss", "By", storage(({ memoryRss }) => memoryRss, { spread: 0.02 }), "Pod memory rss"),
  pod.gauge("k8s.pod.memory.page_faults", "1", still(({ pageFaults }) => pageFaults), "Pod memory page_faults"),
  pod.gauge("k8s.pod.memory.major_page_faults", "1", still(({ majorPageFaults }) => majorPageFaults), "Pod memory major_page_faults"),
  pod.gauge("k8s.pod.filesystem.available", "By", storage(({ filesystem }) => filesystem.available, { spread: 0.001 }), "Pod filesystem available"),
  pod.gauge("k8s.pod.filesystem.capacity", "By", capacity(({ filesystem }) => filesystem.capacity), "Pod filesystem capacity"),
  pod.gauge("k8s.pod.filesystem.usage", "By", storage((vitals) => vitals.storage, { spread: 0.02 }), "Pod filesystem usage"),
  pod.counter("k8s.pod.network.io", "By", traffic(({ networkBytes }) => networkBytes), "Pod network IO", "interface", IN_OUT),
  pod.counter("k8s.pod.network.errors", "1", whole(({ networkErrors }) => networkErrors), "Pod network errors", "interface", IN_OUT),
  pod.counter("k8s.pod.uptime", "s", whole(() => 3600), "The time since the pod started"),
  pod.gauge("k8s.pod.cpu_limit_utilization", "1", ratio(({ cpuUsage, cpuLimit }) => cpuUsage / cpuLimit), "Pod cpu utilization as a ratio of the pod's total container limits. If any container is missing a limit the metric is not emitted."),
  pod.gauge("k8s.pod.cpu_request_utilization", "1", real(({ cpuUsage, cpuRequest }) => cpuUsage / cpuRequest), "Pod cpu utilization as a ratio of the pod's total container requests. If any container is missing a request the metric is not emitted."),
  pod.gauge("k8s.pod.memory_limit_utilization", "1", ratio(({ memoryUsage, memoryLimit }) => memoryUsage / memoryLimit, { spread: 0.02 }), "Pod memory utilization as a ratio of the pod's total container limits. If any container is missing a limit the metric is not emitted."),
  pod.gauge("k8s.pod.memory_request_utilization", "1", real(({ memoryUsage, memoryRequest }) => memoryUsage / memoryRequest, { spread: 0.02 }), "Pod memory utilization as a ratio of the pod's total container requests. If any container is missing a request the metric is not emitted."),
  pod.gauge("k8s.pod.cpu.node.utilization", "1", ratio(({ cpuUsage, nodeCpus }) => cpuUsage / nodeCpus), "Pod cpu utilization as a ratio of the node's capacity"),
  pod.gauge("k8s.pod.memory.node.utilization", "1", ratio(({ memoryUsage, nodeMemory }) => memoryUsage / nodeMemory, { spread: 0.02 }), "Pod memory utilization as a ratio of the node's capacity"),
  volume.upDown("k8s.pod.volume.usage", "By", storage(({ usage }) => usage, { spread: 0.02 }), "The number of used bytes in the pod volume."),
  volume.gauge("k8s.volume.available", "By", storage(({ available }) => available, { spread: 0.001 }), "The number of available bytes in the volume."),
  volume.gauge("k8s.volume.capacity", "By", capacity((vitals) => vitals.capacity), "The total capacity in bytes of the volume."),
  volume.gauge("k8s.volume.inodes", "1", still(({ inodes }) => inodes), "The total inodes in the filesystem."),
  volume.gauge("k8s.volume.inodes.free", "1", still(({ inodes, inodesUsed }) => inodes - inodesUsed), "The free inodes in the filesystem."),
  volume.gauge("k8s.volume.inodes.used", "1", still(({ inodesUsed }) => inodesUsed), "The inodes used by the filesystem. This may not equal inodes - free because filesystem may share inodes with other filesystems."),
];
