/**
 * What the runtimes of services report.
 *
 * Source: OpenTelemetry semantic conventions 1.44.0: jvm, nodejs, v8js, go, cpython and dotnet metrics.
 */
import { GC_BOUNDS } from "../bounds.ts";
import type { ServiceVitals } from "../carriers/services.ts";
import type { DimensionValue, MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { capacity, constant, ratio, real, still, storage, traffic, whole } from "../number-shape.ts";
import { instrumented } from "./scopes.ts";

const jvm = instrumented(
  "runtime",
  "io.opentelemetry.runtime-telemetry-java17",
  "2.20.1-alpha",
  "language:java",
);
const node = instrumented(
  "runtime",
  "@opentelemetry/instrumentation-runtime-node",
  "0.22.0",
  "language:nodejs",
);
const go = instrumented(
  "runtime",
  "go.opentelemetry.io/contrib/instrumentation/runtime",
  "0.65.0",
  "language:go",
);
const python = instrumented(
  "runtime",
  "opentelemetry.instrumentation.system_metrics",
  "0.58b0",
  "language:python",
);
const dotnet = instrumented("runtime", "System.Runtime", "9.0.0", "language:dotnet");

/** Memory of a JVM by pool: share of what is resident, and how much of that is in use. */
const POOLS = [
  pool("heap", "G1 Eden Space", 0.24, 0.6),
  pool("heap", "G1 Old Gen", 0.4, 0.72),
  pool("heap", "G1 Survivor Space", 0.02, 0.8),
  pool("non_heap", "Metaspace", 0.14, 0.985),
  pool("non_heap", "CodeHeap 'non-nmethods'", 0.01, 0.6),
  pool("non_heap", "CodeHeap 'non-profiled nmethods'", 0.03, 0.97),
  pool("non_heap", "CodeHeap 'profiled nmethods'", 0.04, 0.97),
  pool("non_heap", "Compressed Class Space", 0.018, 0.96),
];
const POOL = POOLS.map(({ value }) => value);
const HEAP_POOL = POOL.slice(0, 3);

function pool(type: string, name: string, share: number, used: number) {
  const value: DimensionValue = {
    attributes: { "jvm.memory.type": type, "jvm.memory.pool.name": name },
    weight: 1,
  };
  return { value, share, used };
}

const COLLECTORS: readonly DimensionValue[] = [
  { attributes: { "jvm.gc.name": "G1 Young Generation", "jvm.gc.action": "end of minor GC" }, weight: 0.97 },
  {
    attributes: { "jvm.gc.name": "G1 Concurrent GC", "jvm.gc.action": "end of concurrent GC pause" },
    weight: 0.03,
  },
];
const THREADS = [
  by("jvm.thread.daemon", [true, false]),
  by("jvm.thread.state", ["runnable", "waiting", "timed_waiting"]),
];

/** Spaces of V8's heap: share of it, and how much of that is in use. */
const SPACES = {
  read_only_space: [0.005, 0.98],
  new_space: [0.16, 0.4],
  old_space: [0.62, 0.93],
  code_space: [0.03, 0.9],
  large_object_space: [0.12, 0.98],
  trusted_space: [0.065, 0.95],
} as const;
const SPACE = by("v8js.heap.space.name", Object.keys(SPACES));
const spaces = (of: (share: number, used: number) => number): number[] =>
  Object.values(SPACES).map(([share, used]) => of(share, used));
const v8Heap = ({ memoryRss }: ServiceVitals): number => memoryRss * 0.55;

const GENERATIONS = by("dotnet.gc.heap.generation", { gen0: 0.9, gen1: 0.085, gen2: 0.015 });
const HEAPS = by("dotnet.gc.heap.generation", { gen0: 0.16, gen1: 0.05, gen2: 0.6, loh: 0.17, poh: 0.02 });

/** What a process allocates in an hour, as many bytes as it has requests to work on. */
const allocated = ({ requests, cpuUsage }: ServiceVitals): number =>
  2e8 + requests * 180_000 + cpuUsage * 4e9;

// biome-ignore format: one metric a line
export const RUNTIME_METRICS: readonly MetricDefinition[] = [
  jvm.upDown("jvm.memory.used", "By", storage(({ memoryRss }) => POOLS.map(({ share, used }) => memoryRss * share * used), { spread: 0.02 }), "Measure of memory used.", POOL),
  node.gauge("nodejs.eventloop.utilization", "1", ratio(({ cpuUsage, cpuLimit }) => Math.min(0.85, (cpuUsage / cpuLimit) * 0.9)), "Event loop utilization."),
  go.exponential("go.schedule.duration", "s", { rate: ({ requests }) => 60_000 + requests * 12, median: [0.0011, 0.0017] }, "The time goroutines have spent in the scheduler in a runnable state before actually running."),
  go.counter("go.memory.allocated", "By", traffic(allocated), "Memory allocated to the heap by the application."),
  python.counter("cpython.gc.collections", "{collection}", whole(({ requests }) => 40 + requests * 0.2), "The number of times a generation was collected since interpreter start.", by("cpython.gc.generation", [0, 1, 2]).map((value, index) => ({ ...value, weight: [0.9, 0.085, 0.015][index]! }))),
  node.histogram("v8js.gc.duration", "s", { bounds: GC_BOUNDS, rate: ({ requests }) => 600 + requests * 0.4, median: [0.0012, 0.004], other: { share: 0.05, ratio: 12 } }, "Garbage collection duration.", by("v8js.gc.type", { minor: 0.9, major: 0.03, incremental: 0.06, weakcb: 0.01 })),
  jvm.histogram("jvm.gc.duration", "s", { bounds: GC_BOUNDS, rate: ({ requests }) => 40 + requests * 0.02, median: [0.004, 0.014] }, "Duration of JVM garbage collection actions.", COLLECTORS),
  jvm.upDown("jvm.memory.committed", "By", capacity(({ memoryRss }) => POOLS.map(({ share }) => memoryRss * share * 1.03)), "Measure of memory committed.", POOL),
  jvm.upDown("jvm.memory.used_after_last_gc", "By", storage(({ memoryRss }) => POOLS.slice(0, 3).map(({ share, used }, index) => memoryRss * share * used * [0, 0.82, 0.9][index]!), { spread: 0.02 }), "Measure of memory used, as measured after the most recent garbage collection event on this pool.", HEAP_POOL),
  jvm.upDown("jvm.memory.limit", "By", capacity(({ memoryLimit }) => memoryLimit * 0.75), "Measure of max obtainable memory.", HEAP_POOL.slice(1, 2)),
  jvm.upDown("jvm.thread.count", "{thread}", whole(({ cpuLimit }) => [9, 14, 22, 3, 6, 4].map((threads) => threads * (1 + cpuLimit)), { spread: 0.05 }), "Number of executing platform threads.", ...THREADS),
  jvm.counter("jvm.class.loaded", "{class}", whole([4, 120]), "Number of classes loaded since JVM start."),
  jvm.counter("jvm.class.unloaded", "{class}", whole([0, 20]), "Number of classes unloaded since JVM start."),
  jvm.upDown("jvm.class.count", "{class}", whole([11_000, 24_000], { spread: 0.003 }), "Number of classes currently loaded."),
  jvm.counter("jvm.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "CPU time used by the process as reported by the JVM."),
  jvm.upDown("jvm.cpu.count", "{cpu}", still(({ cpuLimit }) => Math.ceil(cpuLimit)), "Number of processors available to the Java virtual machine."),
  jvm.gauge("jvm.cpu.recent_utilization", "1", ratio(({ cpuUsage, cpuLimit }) => cpuUsage / Math.ceil(cpuLimit)), "Recent CPU utilization for the process as reported by the JVM."),
  node.counter("nodejs.eventloop.time", "s", real(({ cpuUsage, cpuLimit }) => { const busy = Math.min(0.85, (cpuUsage / cpuLimit) * 0.9); return [busy * 3600, (1 - busy) * 3600]; }), "Cumulative duration of time the event loop has been in each state.", by("nodejs.eventloop.state", ["active", "idle"])),
  node.gauge("nodejs.eventloop.delay.min", "s", real([0.009, 0.0101], { spread: 0.02 }), "Event loop minimum delay."),
  node.gauge("nodejs.eventloop.delay.mean", "s", real([0.0105, 0.0125], { spread: 0.04 }), "Event loop mean delay."),
  node.gauge("nodejs.eventloop.delay.p50", "s", real([0.0102, 0.011], { spread: 0.02 }), "Event loop 50 percentile delay."),
  node.gauge("nodejs.eventloop.delay.p90", "s", real([0.0115, 0.019]), "Event loop 90 percentile delay."),
  node.gauge("nodejs.eventloop.delay.p99", "s", real([0.022, 0.045]), "Event loop 99 percentile delay."),
  node.gauge("nodejs.eventloop.delay.max", "s", real([0.055, 0.16], { spread: 0.2 }), "Event loop maximum delay."),
  node.gauge("nodejs.eventloop.delay.stddev", "s", real([0.002, 0.006]), "Event loop standard deviation delay."),
  node.upDown("v8js.memory.heap.used", "By", storage((vitals) => spaces((share, used) => v8Heap(vitals) * share * used)), "Heap memory size in use.", SPACE),
  node.upDown("v8js.memory.heap.limit", "By", capacity((vitals) => spaces((share) => v8Heap(vitals) * share * 1.06)), "Heap memory limit.", SPACE),
  node.upDown("v8js.heap.space.available_size", "By", storage((vitals) => spaces((share, used) => v8Heap(vitals) * share * (1.03 - used))), "Heap space available size.", SPACE),
  node.upDown("v8js.heap.space.physical_size", "By", storage((vitals) => spaces((share) => v8Heap(vitals) * share), { spread: 0.01 }), "Committed size of a heap space.", SPACE),
  go.upDown("go.memory.used", "By", storage(({ memoryRss }) => [memoryRss * 0.04, memoryRss * 0.93]), "Memory used by the Go runtime.", by("go.memory.type", ["stack", "other"])),
  go.upDown("go.memory.limit", "By", capacity(({ memoryLimit }) => memoryLimit * 0.9), "Go runtime memory limit configured by the user, if a limit exists."),
  go.counter("go.memory.allocations", "{allocation}", whole((vitals) => allocated(vitals) / 92), "Count of allocations to the heap by the application."),
  go.upDown("go.memory.gc.goal", "By", storage(({ memoryRss }) => memoryRss * 0.96), "Heap size target for the end of the GC cycle."),
  go.upDown("go.goroutine.count", "{goroutine}", whole(({ requests }) => 24 + requests / 120), "Count of live goroutines."),
  go.upDown("go.processor.limit", "{thread}", still(({ cpuLimit }) => Math.max(1, Math.ceil(cpuLimit))), "The number of OS threads that can execute user-level Go code simultaneously."),
  go.upDown("go.config.gogc", "%", constant(100), "Heap size target percentage configured by the user, otherwise 100."),
  python.counter("cpython.gc.collected_objects", "{object}", whole(({ requests }) => 9000 + requests * 14), "The total number of objects collected inside a generation since interpreter start.", by("cpython.gc.generation", [0, 1, 2]).map((value, index) => ({ ...value, weight: [0.55, 0.25, 0.2][index]! }))),
  python.counter("cpython.gc.uncollectable_objects", "{object}", whole(() => 0), "The total number of objects which were found to be uncollectable inside a generation since interpreter start.", by("cpython.gc.generation", [0, 1, 2])),
  dotnet.counter("dotnet.gc.collections", "{collection}", whole(({ requests }) => 30 + requests * 0.04), "The number of garbage collections that have occurred since the process has started.", GENERATIONS),
  dotnet.counter("dotnet.gc.heap.total_allocated", "By", traffic(allocated), "The approximate number of bytes allocated on the managed GC heap since the process has started."),
  dotnet.upDown("dotnet.gc.last_collection.memory.committed_size", "By", storage(({ memoryRss }) => memoryRss * 0.62), "The amount of committed virtual memory in use by the .NET GC, as observed during the latest garbage collection."),
  dotnet.upDown("dotnet.gc.last_collection.heap.size", "By", storage(({ memoryRss }) => memoryRss * 0.5), "The managed GC heap size (including fragmentation), as observed during the latest garbage collection.", HEAPS),
  dotnet.upDown("dotnet.gc.last_collection.heap.fragmentation.size", "By", storage(({ memoryRss }) => memoryRss * 0.04), "The heap fragmentation, as observed during the latest garbage collection.", HEAPS),
  dotnet.counter("dotnet.gc.pause.time", "s", real(({ requests }) => 0.4 + requests * 0.00012), "The total amount of time paused in GC since the process has started."),
  dotnet.counter("dotnet.jit.compiled_il.size", "By", whole([2e3, 6e4]), "Count of bytes of intermediate language that have been compiled since the process has started."),
  dotnet.counter("dotnet.jit.compiled_methods", "{method}", whole([20, 600]), "The number of times the JIT compiler (re)compiled methods since the process has started."),
  dotnet.counter("dotnet.jit.compilation.time", "s", real([0.05, 1.2]), "The amount of time the JIT compiler has spent compiling methods since the process has started."),
  dotnet.counter("dotnet.monitor.lock_contentions", "{contention}", whole(({ requests }) => requests * 0.01), "The number of times there was contention when trying to acquire a monitor lock since the process has started."),
  dotnet.upDown("dotnet.thread_pool.thread.count", "{thread}", whole([6, 28], { spread: 0.1 }), "The number of thread pool threads that currently exist."),
  dotnet.counter("dotnet.thread_pool.work_item.count", "{work_item}", whole(({ requests }) => 2000 + requests * 9), "The number of work items that the thread pool has completed since the process has started."),
  dotnet.upDown("dotnet.thread_pool.queue.length", "{work_item}", whole([0, 4], { spread: 1 }), "The number of work items that are currently queued to be processed by the thread pool."),
  dotnet.upDown("dotnet.timer.count", "{timer}", whole([8, 60], { spread: 0.05 }), "The number of timer instances that are currently active."),
  dotnet.upDown("dotnet.assembly.count", "{assembly}", still([140, 260]), "The number of .NET assemblies that are currently loaded."),
  dotnet.counter("dotnet.exceptions", "{exception}", whole(({ requests }) => requests * 0.02), "The number of exceptions that have been thrown in managed code.", by("error.type", { "System.OperationCanceledException": 0.6, "System.TimeoutException": 0.1, "System.InvalidOperationException": 0.3 })),
  dotnet.upDown("dotnet.process.cpu.count", "{cpu}", still(({ cpuLimit }) => Math.max(1, Math.ceil(cpuLimit))), "The number of processors available to the process."),
  dotnet.counter("dotnet.process.cpu.time", "s", real(({ cpuUsage }) => cpuUsage * 3600), "CPU time used by the process.", by("cpu.mode", { user: 0.82, system: 0.18 })),
  dotnet.upDown("dotnet.process.memory.working_set", "By", storage(({ memoryRss }) => memoryRss), "The number of bytes of physical memory mapped to the process context."),
];
