/**
 * What the Collector's kubelet_stats receiver reports of containers, and what cAdvisor measures of them besides.
 *
 * Source: opentelemetry-collector-contrib, receiver/kubeletstatsreceiver/metadata.yaml.
 */
import { HTTP_BOUNDS } from "../bounds.ts";
import type { ContainerCarrierVitals } from "../carriers/pods.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { capacity, ratio, real, still, storage, traffic, whole } from "../number-shape.ts";
import { contribScope } from "./scopes.ts";

const container = metricsOf<ContainerCarrierVitals>({
  type: "k8s_container",
  carrier: "container",
  scope: contribScope("kubeletstatsreceiver"),
});
const cadvisor = metricsOf<ContainerCarrierVitals>({
  type: "k8s_container",
  carrier: "container",
  scope: contribScope("prometheusreceiver"),
});

const READ_WRITE = by("direction", ["read", "write"]);

// biome-ignore format: one metric a line
export const CONTAINER_METRICS: readonly MetricDefinition[] = [
  container.counter("container.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "Total cumulative CPU time (sum of all cores) spent by the container/pod/node since its creation"),
  container.gauge("container.cpu.usage", "{cpu}", real(({ cpuUsage }) => cpuUsage), "Total CPU usage (sum of all cores per second) averaged over the sample window"),
  cadvisor.histogram("container.cpu.throttled.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ throttledPeriods }) => throttledPeriods, median: [0.015, 0.05] }, "How long the container was held back in the periods in which it was throttled."),
  cadvisor.exponential("container.disk.operation.duration", "s", { rate: ({ diskOperations }) => diskOperations, median: [0.0013, 0.003] }, "Duration of the container's disk operations.", READ_WRITE),
  container.upDown("k8s.container.ephemeral_storage.usage", "By", storage((vitals) => vitals.storage, { spread: 0.02 }), "Ephemeral storage usage of the container.", by("fs.type", ["logs", "rootfs"])),
  container.gauge("container.memory.usage", "By", storage(({ memoryUsage }) => memoryUsage, { spread: 0.02 }), "Container memory usage"),
  container.gauge("container.memory.working_set", "By", storage(({ memoryWorkingSet }) => memoryWorkingSet, { spread: 0.02 }), "Container memory working_set"),
  container.gauge("container.memory.available", "By", storage(({ spec, memoryWorkingSet }) => spec.memoryLimitBytes - memoryWorkingSet, { spread: 0.02 }), "Container memory available"),
  container.gauge("container.memory.rss", "By", storage(({ memoryRss }) => memoryRss, { spread: 0.02 }), "Container memory rss"),
  container.gauge("container.memory.page_faults", "1", still(({ pageFaults }) => pageFaults), "Container memory page_faults"),
  container.gauge("container.memory.major_page_faults", "1", still(({ majorPageFaults }) => majorPageFaults), "Container memory major_page_faults"),
  container.gauge("container.filesystem.available", "By", storage(({ filesystem }) => filesystem.available, { spread: 0.001 }), "Container filesystem available"),
  container.gauge("container.filesystem.capacity", "By", capacity(({ filesystem }) => filesystem.capacity), "Container filesystem capacity"),
  container.gauge("container.filesystem.usage", "By", storage(({ storage: [logs, rootfs] }) => logs + rootfs, { spread: 0.02 }), "Container filesystem usage"),
  container.counter("container.uptime", "s", whole(() => 3600), "The time since the container started"),
  container.gauge("k8s.container.cpu_limit_utilization", "1", ratio(({ cpuUsage, spec }) => cpuUsage / spec.cpuLimit), "Container cpu utilization as a ratio of the container's limits"),
  container.gauge("k8s.container.cpu_request_utilization", "1", real(({ cpuUsage, spec }) => cpuUsage / spec.cpuRequest), "Container cpu utilization as a ratio of the container's requests"),
  container.gauge("k8s.container.memory_limit_utilization", "1", ratio(({ memoryUsage, spec }) => memoryUsage / spec.memoryLimitBytes, { spread: 0.02 }), "Container memory utilization as a ratio of the container's limits"),
  container.gauge("k8s.container.memory_request_utilization", "1", real(({ memoryUsage, spec }) => memoryUsage / spec.memoryRequestBytes, { spread: 0.02 }), "Container memory utilization as a ratio of the container's requests"),
  container.gauge("k8s.container.cpu.node.utilization", "1", ratio(({ cpuUsage, nodeCpus }) => cpuUsage / nodeCpus), "Container cpu utilization as a ratio of the node's capacity"),
  container.gauge("k8s.container.memory.node.utilization", "1", ratio(({ memoryUsage, nodeMemory }) => memoryUsage / nodeMemory, { spread: 0.02 }), "Container memory utilization as a ratio of the node's capacity"),
  cadvisor.counter("container.disk.io", "By", traffic(({ diskBytes }) => diskBytes), "Disk bytes of the container.", READ_WRITE),
  cadvisor.counter("container.disk.operations", "{operation}", whole(({ diskOperations }) => diskOperations), "Disk operations of the container.", READ_WRITE),
  cadvisor.counter("container.cpu.cfs.periods", "{period}", whole(({ periods }) => periods), "Scheduling periods in which the container could run."),
  cadvisor.counter("container.cpu.cfs.throttled_periods", "{period}", whole(({ throttledPeriods }) => throttledPeriods), "Scheduling periods in which the container was throttled."),
  cadvisor.upDown("container.processes", "{process}", whole([1, 6], { spread: 0 }), "Processes in the container."),
  cadvisor.upDown("container.threads", "{thread}", whole([8, 60]), "Threads in the container."),
];
