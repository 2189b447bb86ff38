/**
 * What the Collector's host_metrics receiver reports of machines, and a few distributions of the kind that eBPF agents add.
 *
 * Source: opentelemetry-collector-contrib, receiver/hostmetricsreceiver/internal/scraper/<name>scraper/metadata.yaml.
 * Left out: uptimes, gauges that would have to rise; network file systems, inactive memory and Windows, which the hosts do not have.
 */
import { DATABASE_BOUNDS } from "../bounds.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { capacity, constant, fixed, ratio, real, still, storage, traffic, whole } from "../number-shape.ts";
import {
  CPU_STATES,
  FILE_STATES,
  type HostVitals,
  MEMORY_STATES,
  SWAP_STATES,
} from "../vitals/host-vitals.ts";
import { COLLECTOR_VERSION, contribScope } from "./scopes.ts";

const scraped = (scraper: string) =>
  metricsOf<HostVitals>({
    type: "host_metrics",
    carrier: "host",
    scope: contribScope(`hostmetricsreceiver/internal/scraper/${scraper}scraper`),
  });

const CPU_STATE = by("state", CPU_STATES);
const MEMORY_STATE = by("state", MEMORY_STATES);
const FILE_STATE = by("state", FILE_STATES);
const SWAP = [by("device", ["/swapfile"]), by("state", SWAP_STATES)];
const HUGE_PAGES = by("system.memory.linux.hugepages.state", ["free", "used"]);
const READ_WRITE = by("direction", ["read", "write"]);
const IN_OUT = by("direction", ["receive", "transmit"]);
const FAULTS = by("type", ["minor", "major"]);
const PAGING = [by("direction", ["page_in", "page_out"]), by("type", ["major", "minor"])];

/** Shares of the connections; every state is sent, zero included. */
const TCP_STATES = by("state", {
  CLOSE: 0,
  CLOSE_WAIT: 0.01,
  CLOSING: 0,
  ESTABLISHED: 0.62,
  FIN_WAIT1: 0,
  FIN_WAIT2: 0.012,
  LAST_ACK: 0,
  LISTEN: 0.09,
  SYN_RECV: 0,
  SYN_SENT: 0.003,
  TIME_WAIT: 0.265,
});
const PROCESS_STATES = by("status", {
  blocked: 0,
  idle: 0.36,
  running: 0.008,
  sleeping: 0.632,
  stopped: 0,
  zombies: 0,
});

/** Amounts of capacity hardly move: what is free and what is used must go on adding up. */
const STEADY = { spread: 0.001 };

const cpu = scraped("cpu");
const load = scraped("load");
const memory = scraped("memory");
const disk = scraped("disk");
const filesystem = scraped("filesystem");
const network = scraped("network");
const paging = scraped("paging");
const processes = scraped("processes");
const agent = metricsOf<HostVitals>({
  type: "host_metrics",
  carrier: "host",
  scope: { name: "opentelemetry-ebpf-instrumentation", version: COLLECTOR_VERSION },
});

// biome-ignore format: one metric a line
export const HOST_METRICS: readonly MetricDefinition[] = [
  cpu.counter("system.cpu.time", "s", real(({ cpuShares }) => cpuShares.map((share) => share * 3600)), "Total seconds each logical CPU spent on each mode.", "cpu", CPU_STATE),
  cpu.gauge("system.cpu.utilization", "1", ratio(({ cpuShares }) => cpuShares, { spread: 0.05 }), "Difference in system.cpu.time since the last measurement per logical CPU, divided by the elapsed time (value in interval [0,1]).", "cpu", CPU_STATE),
  memory.upDown("system.memory.usage", "By", storage(({ memoryStates }) => memoryStates, { spread: 0.01 }), "Bytes of memory in use.", MEMORY_STATE),
  agent.histogram("system.disk.operation.duration", "s", { bounds: DATABASE_BOUNDS, rate: ({ disks }) => disks.operations, median: [0.0006, 0.0016], other: { share: 0.03, ratio: 20 } }, "Duration of block device operations.", "disk", READ_WRITE),
  agent.exponential("system.network.tcp.rtt", "s", { rate: ({ connections }) => connections * 60, median: [0.0015, 0.009] }, "Smoothed round-trip time of TCP connections when they close.", by("network.io.direction", { transmit: 0.52, receive: 0.48 })),
  load.gauge("system.cpu.load_average.1m", "{thread}", real(({ load: [one] }) => one, { spread: 0.2 }), "Average CPU Load over 1 minute."),
  load.gauge("system.cpu.load_average.5m", "{thread}", real(({ load: [, five] }) => five, { spread: 0.1 }), "Average CPU Load over 5 minutes."),
  load.gauge("system.cpu.load_average.15m", "{thread}", real(({ load: [, , fifteen] }) => fifteen, { spread: 0.05 }), "Average CPU Load over 15 minutes."),
  disk.counter("system.disk.io", "By", traffic(({ disks }) => disks.bytes), "Disk bytes transferred.", "disk", READ_WRITE),
  disk.counter("system.disk.operations", "{operations}", whole(({ disks }) => disks.operations), "Disk operations count.", "disk", READ_WRITE),
  disk.counter("system.disk.io_time", "s", real(({ disks }) => disks.ioTime), "Time disk spent activated. On Windows, this is calculated as the inverse of disk idle time.", "disk"),
  disk.counter("system.disk.operation_time", "s", real(({ disks }) => disks.operationTime), "Time spent in disk operations.", "disk", READ_WRITE),
  disk.counter("system.disk.weighted_io_time", "s", real(({ disks }) => disks.weightedIoTime), "Time disk spent activated multiplied by the queue length.", "disk"),
  disk.counter("system.disk.merged", "{operations}", whole(({ disks }) => disks.merged), "The number of disk reads/writes merged into single physical disk access operations.", "disk", READ_WRITE),
  disk.upDown("system.disk.pending_operations", "{operations}", whole(({ disks }) => disks.pending, { spread: 1 }), "The queue size of pending I/O operations.", "disk"),
  filesystem.upDown("system.filesystem.usage", "By", storage(({ fileBytes }) => fileBytes, STEADY), "Filesystem bytes used.", "mount", FILE_STATE),
  filesystem.upDown("system.filesystem.inodes.usage", "{inodes}", whole(({ inodes }) => inodes, STEADY), "FileSystem inodes used.", "mount", by("state", ["used", "free"])),
  filesystem.gauge("system.filesystem.utilization", "1", ratio(({ fileUtilization }) => fileUtilization, STEADY), "Fraction of filesystem bytes used.", "mount"),
  network.counter("system.network.io", "By", traffic(({ network: { bytes } }) => bytes), "The number of bytes transmitted and received.", "interface", IN_OUT),
  network.counter("system.network.packets", "{packets}", whole(({ network: { packets } }) => packets), "The number of packets transferred.", "interface", IN_OUT),
  network.counter("system.network.dropped", "{packets}", whole(({ network: { dropped } }) => dropped), "The number of packets dropped.", "interface", IN_OUT),
  network.counter("system.network.errors", "{errors}", whole(({ network: { errors } }) => errors), "The number of errors encountered.", "interface", IN_OUT),
  network.upDown("system.network.connections", "{connections}", whole(({ connections }) => connections), "The number of connections.", by("protocol", ["tcp"]), TCP_STATES),
  paging.upDown("system.paging.usage", "By", storage(({ swap }) => swap, STEADY), "Swap (unix) or pagefile (windows) usage.", ...SWAP),
  paging.counter("system.paging.faults", "{faults}", whole(({ pageFaults }) => pageFaults), "The number of page faults.", FAULTS),
  paging.counter("system.paging.operations", "{operations}", whole(({ paging: operations }) => operations), "The number of paging operations.", ...PAGING),
  processes.upDown("system.processes.count", "{processes}", whole(({ threads }) => threads * 0.6), "Total number of processes in each state.", PROCESS_STATES),
  processes.counter("system.processes.created", "{processes}", whole(({ processesCreated }) => processesCreated), "Total number of created processes."),
  agent.histogram("system.cpu.run_queue.duration", "s", { bounds: [1e-5, 5e-5, 1e-4, 0.001, 0.01, 0.1], rate: ({ cpuUsage }) => 40_000 + cpuUsage * 2e5, median: [1e-5, 4e-5], steepness: 2 }, "Time that runnable threads wait for a CPU."),
  cpu.upDown("system.cpu.logical.count", "{cpu}", still(({ cpus }) => cpus), "Number of available logical CPUs."),
  cpu.upDown("system.cpu.physical.count", "{cpu}", still(({ cpus }) => cpus / 2), "Number of available physical CPUs."),
  cpu.gauge("system.cpu.frequency", "Hz", real(({ cpuFrequencies }) => cpuFrequencies, { spread: 0.03 }), "Current frequency of the CPU core in Hz.", "cpu"),
  memory.gauge("system.memory.utilization", "1", ratio(({ memory: total, memoryStates }) => memoryStates.map((state) => state / total), { spread: 0.01 }), "Percentage of memory bytes in use.", MEMORY_STATE),
  memory.upDown("system.memory.limit", "By", capacity(({ memory: total }) => total), "Total bytes of memory available."),
  memory.gauge("system.memory.page_size", "By", constant(4096), "A constant value for the system's configured page size."),
  memory.upDown("system.linux.memory.available", "By", storage(({ memoryAvailable }) => memoryAvailable, { spread: 0.01 }), "An estimate of how much memory is available for starting new applications, without swapping."),
  memory.upDown("system.linux.memory.dirty", "By", storage(({ memoryDirty }) => memoryDirty, { spread: 0.6 }), "The amount of dirty memory according to /proc/meminfo."),
  memory.upDown("system.memory.linux.shared", "By", storage(({ memoryShared }) => memoryShared), "Shared memory used (mostly by tmpfs)."),
  memory.upDown("system.memory.linux.hugepages.limit", "{page}", constant(64), "Total number of hugepages available."),
  memory.upDown("system.memory.linux.hugepages.reserved", "{page}", constant(0), "Number of reserved hugepages."),
  memory.upDown("system.memory.linux.hugepages.surplus", "{page}", constant(0), "Number of surplus hugepages."),
  memory.upDown("system.memory.linux.hugepages.page_size", "By", constant(2_097_152), "System hugepage size."),
  memory.upDown("system.memory.linux.hugepages.usage", "{page}", still(() => [64, 0]), "Number of hugepages in use by state.", HUGE_PAGES),
  memory.gauge("system.memory.linux.hugepages.utilization", "1", fixed(() => [1, 0]), "Percentage of hugepages in use.", HUGE_PAGES),
  network.upDown("system.network.conntrack.count", "{entries}", whole(({ connections }) => connections * 2.6), "The count of entries in conntrack table."),
  network.upDown("system.network.conntrack.max", "{entries}", constant(262_144), "The limit for entries in the conntrack table."),
  paging.gauge("system.paging.utilization", "1", ratio(({ swap }) => swap.map((state) => state / 2 ** 31), STEADY), "Swap (unix) or pagefile (windows) utilization.", ...SWAP),
];
