/**
 * What the Collector's host_metrics receiver reports, and a few distributions of the kind that eBPF agents add to it.
 *
 * Source: opentelemetry-collector-contrib, receiver/hostmetricsreceiver/internal/scraper/<name>scraper/metadata.yaml.
 */
import {
  by,
  constant,
  DATABASE_BOUNDS,
  exactly,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  share,
  storage,
  traffic,
  whole,
  wide,
} from "../definition.ts";
import { COLLECTOR_VERSION, contribScope } from "./scopes.ts";

const scraped = (scraper: string, carrier: "host" | "process" = "host") =>
  metricsOf({
    type: "host_metrics",
    carrier,
    scope: contribScope(`hostmetricsreceiver/internal/scraper/${scraper}scraper`),
  });

const CPU_STATES = by("state", {
  idle: 0.75,
  user: 0.13,
  system: 0.06,
  wait: 0.004,
  softirq: 0.004,
  interrupt: 0.001,
  nice: 0.001,
  steal: 0.001,
});
const MEMORY_STATES = by("state", {
  used: 0.46,
  cached: 0.3,
  free: 0.16,
  buffered: 0.03,
  slab_reclaimable: 0.03,
  slab_unreclaimable: 0.02,
});
const FILE_STATES = by("state", { used: 0.45, free: 0.5, reserved: 0.05 });
const READ_WRITE = by("direction", { read: 0.4, write: 1 });
const IN_OUT = by("direction", { receive: 1, transmit: 0.8 });
const PAGING = by("type", { minor: 1, major: 0.002 });
const TCP_STATES = by("state", {
  ESTABLISHED: 160,
  LISTEN: 24,
  TIME_WAIT: 60,
  CLOSE_WAIT: 3,
  CLOSE: 0,
  CLOSING: 0,
  FIN_WAIT1: 1,
  FIN_WAIT2: 4,
  LAST_ACK: 0,
  SYN_SENT: 1,
  SYN_RECV: 0,
});
const PROCESS_STATUS = by("status", {
  sleeping: 220,
  running: 3,
  idle: 90,
  blocked: 0,
  zombies: 0,
  stopped: 0,
});

const cpu = scraped("cpu");
const load = scraped("load");
const memory = scraped("memory");
const disk = scraped("disk");
const filesystem = scraped("filesystem");
const network = scraped("network");
const paging = scraped("paging");
const processes = scraped("processes");
const each = scraped("process", "process");
const agent = metricsOf({
  type: "host_metrics",
  carrier: "host",
  scope: { name: "opentelemetry-ebpf-instrumentation", version: COLLECTOR_VERSION },
});

// biome-ignore format: one metric a line
export const HOST_METRICS: readonly MetricDefinition[] = [
  cpu.counter("system.cpu.time", "s", wide(3400, 3600), "Total seconds each logical CPU spent on each mode.", "cpu", CPU_STATES),
  cpu.gauge("system.cpu.utilization", "1", ratio(0.85, 1), "Difference in system.cpu.time since the last measurement per logical CPU, divided by the elapsed time.", "cpu", CPU_STATES),
  cpu.upDown("system.cpu.logical.count", "{cpu}", exactly("cpus"), "Number of available logical CPUs."),
  memory.upDown("system.memory.usage", "By", share("memory", storage(0.96, 1)), "Bytes of memory in use.", MEMORY_STATES),
  memory.gauge("system.memory.utilization", "1", ratio(0.96, 1), "Percentage of memory bytes in use.", MEMORY_STATES),
  memory.upDown("system.linux.memory.available", "By", share("memory", storage(0.3, 0.6)), "An estimate of how much memory is available for starting new applications, without swapping."),
  memory.upDown("system.linux.memory.dirty", "By", storage(1e6, 9e7), "The amount of dirty memory according to /proc/meminfo."),
  disk.counter("system.disk.io", "By", traffic(2e8, 2e10), "Disk bytes transferred.", "disk", READ_WRITE),
  disk.counter("system.disk.operations", "{operations}", whole(2e4, 1.5e6), "Disk operations count.", "disk", READ_WRITE),
  disk.counter("system.disk.io_time", "s", wide(20, 900), "Time disk spent activated.", "disk"),
  disk.counter("system.disk.operation_time", "s", wide(20, 1500), "Time spent in disk operations.", "disk", READ_WRITE),
  disk.counter("system.disk.weighted_io_time", "s", wide(30, 2500), "Time disk spent activated multiplied by the queue length.", "disk"),
  disk.counter("system.disk.merged", "{operations}", whole(500, 2e5), "The number of disk reads/writes merged into single physical disk access operations.", "disk", READ_WRITE),
  disk.upDown("system.disk.pending_operations", "{operations}", whole(0, 6), "The queue size of pending I/O operations.", "disk"),
  agent.histogram("system.disk.operation.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(2e4, 2e5) }, "Duration of block device operations.", "disk", READ_WRITE),
  agent.exponential("system.network.tcp.rtt", "s", { scale: 3, offset: -100, rate: perHour(5e3, 6e4) }, "Smoothed round-trip time of TCP connections when they close.", by("network.io.direction", { transmit: 1, receive: 0.9 })),
  agent.histogram("system.cpu.run_queue.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(3e4, 3e5) }, "Time that runnable threads wait for a CPU."),
  filesystem.upDown("system.filesystem.usage", "By", storage(0.97, 1), "Filesystem bytes used.", "mountBytes", FILE_STATES),
  filesystem.upDown("system.filesystem.inodes.usage", "{inodes}", whole(6e-5, 6.2e-5), "FileSystem inodes used.", "mountBytes", by("state", { used: 0.12, free: 0.88 })),
  network.counter("system.network.io", "By", traffic(5e8, 3e10), "The number of bytes transmitted and received.", "interface", IN_OUT),
  network.counter("system.network.packets", "{packets}", whole(5e5, 4e7), "The number of packets transferred.", "interface", IN_OUT),
  network.counter("system.network.dropped", "{packets}", whole(0, 80), "The number of packets dropped.", "interface", IN_OUT),
  network.counter("system.network.errors", "{errors}", whole(0, 6), "The number of errors encountered.", "interface", IN_OUT),
  network.upDown("system.network.connections", "{connections}", whole(0.5, 3), "The number of connections.", by("protocol", ["tcp"]), TCP_STATES),
  load.gauge("system.cpu.load_average.1m", "{thread}", wide(2.5, 7), "Average CPU Load over 1 minute."),
  load.gauge("system.cpu.load_average.5m", "{thread}", wide(2.5, 6.5), "Average CPU Load over 5 minutes."),
  load.gauge("system.cpu.load_average.15m", "{thread}", wide(2.5, 6), "Average CPU Load over 15 minutes."),
  paging.counter("system.paging.faults", "{faults}", whole(5e6, 6e7), "The number of page faults.", PAGING),
  paging.counter("system.paging.operations", "{operations}", whole(0, 4e4), "The number of paging operations.", by("direction", ["page_in", "page_out"]), PAGING),
  paging.upDown("system.paging.usage", "By", storage(2e8, 4e9), "Swap (unix) or pagefile (windows) usage.", by("device", ["/swapfile"]), by("state", { free: 0.96, used: 0.03, cached: 0.01 })),
  processes.upDown("system.processes.count", "{processes}", whole(0.8, 1.6), "Total number of processes in each state.", PROCESS_STATUS),
  processes.counter("system.processes.created", "{processes}", whole(3e3, 6e4), "Total number of created processes."),
  each.counter("process.cpu.time", "s", wide(10, 1500), "Total CPU seconds broken down by different states.", by("state", { user: 1, system: 0.4, wait: 0.05 })),
  each.upDown("process.memory.usage", "By", storage(2e7, 9e8), "The amount of physical memory in use."),
  each.upDown("process.memory.virtual", "By", storage(2e8, 5e9), "Virtual memory size."),
  each.counter("process.disk.io", "By", traffic(1e6, 2e9), "Disk bytes transferred.", READ_WRITE),
  each.counter("process.context_switches", "{count}", whole(2e3, 4e6), "Number of times the process has been context switched.", by("type", { voluntary: 1, involuntary: 0.1 })),
  each.counter("process.paging.faults", "{faults}", whole(1e3, 2e6), "Number of page faults the process has made.", PAGING),
  each.upDown("process.threads", "{threads}", whole(4, 90), "Process threads count."),
  each.upDown("process.open_file_descriptors", "{count}", whole(12, 600), "Number of file descriptors in use by the process."),
  each.gauge("process.memory.utilization", "1", ratio(0.004, 0.08), "Percentage of total physical memory that is used by the process."),
  network.upDown("system.network.conntrack.count", "{entries}", whole(500, 30_000), "The count of entries in conntrack table."),
  network.upDown("system.network.conntrack.max", "{entries}", constant(262_144), "The limit for entries in the conntrack table."),
  cpu.gauge("system.cpu.frequency", "Hz", whole(2_400_000_000, 3_500_000_000, { spread: 0.03 }), "Current frequency of the CPU core in Hz.", "cpu"),
  filesystem.gauge("system.filesystem.utilization", "1", ratio(0.1, 0.85), "Fraction of filesystem bytes used.", "mount"),
];
