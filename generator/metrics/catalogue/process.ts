/**
 * What the Collector's process scraper reports.
 *
 * Source: opentelemetry-collector-contrib, receiver/hostmetricsreceiver/internal/scraper/processscraper/metadata.yaml.
 */
import type { ProcessCarrierVitals } from "../carriers/hosts.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { constant, ratio, real, storage, traffic, whole } from "../number-shape.ts";
import { contribScope } from "./scopes.ts";

const each = metricsOf<ProcessCarrierVitals>({
  type: "host_metrics",
  carrier: "process",
  scope: contribScope("hostmetricsreceiver/internal/scraper/processscraper"),
});

/** Shares of a process's time in use. */
const STATES = by("state", { system: 0.29, user: 0.7, wait: 0.01 });
const READ_WRITE = by("direction", ["read", "write"]);
const FAULTS = by("type", ["major", "minor"]);
const SWITCHES = by("type", ["involuntary", "voluntary"]);

// biome-ignore format: one metric a line
export const PROCESS_METRICS: readonly MetricDefinition[] = [
  each.counter("process.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "Total CPU seconds broken down by different states.", STATES),
  each.upDown("process.memory.usage", "By", storage(({ memory }) => memory), "The amount of physical memory in use."),
  each.upDown("process.memory.virtual", "By", storage((process) => process.virtual, { spread: 0.01 }), "Virtual memory size."),
  each.counter("process.disk.io", "By", traffic(({ diskBytes }) => diskBytes), "Disk bytes transferred.", READ_WRITE),
  each.gauge("process.cpu.utilization", "1", ratio(({ cpuUsage, cpus }) => cpuUsage / cpus), "Percentage of total CPU time used by the process since last scrape, expressed as a value between 0 and 1. On the first scrape, no data point is emitted for this metric.", STATES),
  each.gauge("process.memory.utilization", "1", ratio(({ memory, totalMemory }) => memory / totalMemory, { spread: 0.03 }), "Percentage of total physical memory that is used by the process."),
  each.counter("process.disk.operations", "{operations}", whole(({ diskOperations }) => diskOperations), "Number of disk operations performed by the process.", READ_WRITE),
  each.counter("process.paging.faults", "{faults}", whole(({ pageFaults }) => pageFaults), "Number of page faults the process has made.", FAULTS),
  each.counter("process.context_switches", "{count}", whole(({ contextSwitches }) => contextSwitches), "Number of times the process has been context switched.", SWITCHES),
  each.upDown("process.threads", "{threads}", whole(({ threads }) => threads, { spread: 0.03 }), "Process threads count."),
  each.upDown("process.open_file_descriptors", "{count}", whole(({ files }) => files, { spread: 0.05 }), "Number of file descriptors in use by the process."),
  each.upDown("process.signals_pending", "{signals}", constant(0), "Number of pending signals for the process."),
];
