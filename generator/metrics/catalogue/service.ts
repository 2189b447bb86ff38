/**
 * What instrumented services report about themselves: requests, calls, database queries, messages, and their runtimes.
 *
 * Source: OpenTelemetry semantic conventions 1.44.0 (http, rpc, db, messaging, jvm, nodejs, v8js, go, cpython metrics).
 */
import type { MetricType } from "../../config.ts";
import {
  by,
  constant,
  DATABASE_BOUNDS,
  type DimensionValue,
  fine,
  HTTP_BOUNDS,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  SLOW_BOUNDS,
  storage,
  traffic,
  whole,
} from "../definition.ts";

/** Metrics of services, by instrumentation library. */
function instrumented(type: MetricType, library: string, version: string, only?: string) {
  return metricsOf({
    type,
    carrier: "service",
    scope: { name: library, version },
    ...(only === undefined ? {} : { only }),
  });
}

/** Outcomes of HTTP calls, as clients see them. A failure carries the same error.type as its span. */
const STATUS: readonly DimensionValue[] = [
  { attributes: { "http.response.status_code": 200 }, weight: 0.93 },
  { attributes: { "http.response.status_code": 404, "error.type": "404" }, weight: 0.05 },
  { attributes: { "http.response.status_code": 500, "error.type": "500" }, weight: 0.02 },
];

const http = instrumented("application", "opentelemetry.instrumentation.http", "0.62.0");
const business = instrumented("application", "com.example.platform.metrics", "2.4.1");
const database = instrumented("database", "opentelemetry.instrumentation.db", "0.62.0");
const messaging = instrumented("messaging", "opentelemetry.instrumentation.messaging", "0.62.0");

// biome-ignore format: one metric a line
export const APPLICATION_METRICS: readonly MetricDefinition[] = [
  http.histogram("http.server.request.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 2, rate: perHour(3000, 9000) }, "Duration of HTTP server requests.", "operation"),
  business.exponential("app.task.duration", "s", { scale: 3, offset: -56, rate: perHour(900, 9000) }, "Duration of background tasks.", by("task.name", ["refresh-cache", "expire-sessions", "flush-metrics", "reload-config"]), by("task.outcome", { success: 1, failure: 0.1 })),
  business.gauge("app.cache.hit_ratio", "1", ratio(0.55, 0.97), "Share of look-ups that the cache answered.", by("cache.name", ["sessions", "catalog", "prices", "permissions"])),
  business.counter("app.cache.lookups", "{lookup}", whole(5e3, 8e5), "Look-ups in the cache.", by("cache.name", ["sessions", "catalog", "prices", "permissions"]), by("cache.result", { hit: 0.85, miss: 0.15 })),
  http.upDown("http.server.active_requests", "{request}", whole(1, 24), "Number of active HTTP server requests.", by("http.request.method", { GET: 1, POST: 0.5, PUT: 0.2, DELETE: 0.1 }), by("url.scheme", ["http"])),
  http.histogram("http.client.request.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 1, rate: perHour(2000, 6000) }, "Duration of HTTP client requests.", "peer", by("http.request.method", { GET: 1, POST: 0.4 }), STATUS),
  http.upDown("http.client.open_connections", "{connection}", whole(1, 20), "Number of outbound HTTP connections that are currently active or idle on the client.", "peer", by("http.connection.state", { active: 0.3, idle: 1 })),
  business.counter("app.feature_flag.evaluations", "{evaluation}", whole(1e3, 2e5), "Evaluations of feature flags.", by("feature_flag.key", ["new-checkout", "dark-mode", "fast-search", "price-test"]), by("feature_flag.result.variant", { on: 0.4, off: 1 })),
  business.upDown("app.worker.queue.length", "{task}", whole(0, 60), "Tasks that wait for a worker.", by("worker.pool", ["default", "mail", "reports"])),
  business.counter("app.rate_limit.requests", "{request}", whole(1e3, 9e4), "Requests that met the rate limiter.", by("rate_limit.decision", { allowed: 1, throttled: 0.02 }), by("client.tier", { free: 1, pro: 0.6, enterprise: 0.3 })),
];

const jvm = instrumented(
  "runtime",
  "io.opentelemetry.runtime-telemetry-java17",
  "2.20.0-alpha",
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
const anyRuntime = instrumented("runtime", "com.example.platform.runtime", "2.4.1");

const HEAP_POOLS: readonly DimensionValue[] = [
  pool("heap", "G1 Eden Space", 0.3),
  pool("heap", "G1 Old Gen", 0.45),
  pool("heap", "G1 Survivor Space", 0.03),
  pool("non_heap", "Metaspace", 0.14),
  pool("non_heap", "CodeHeap 'profiled nmethods'", 0.05),
  pool("non_heap", "Compressed Class Space", 0.03),
];

function pool(type: string, name: string, weight: number): DimensionValue {
  return { attributes: { "jvm.memory.type": type, "jvm.memory.pool.name": name }, weight };
}

const HEAP_SPACES = by("v8js.heap.space.name", {
  new_space: 0.1,
  old_space: 0.6,
  code_space: 0.05,
  large_object_space: 0.2,
});

// biome-ignore format: one metric a line
export const RUNTIME_METRICS: readonly MetricDefinition[] = [
  anyRuntime.histogram("process.runtime.pause.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(700, 5000) }, "Pauses of all threads.", by("pause.cause", { gc: 1, safepoint: 0.3 })),
  anyRuntime.exponential("process.runtime.scheduling.delay", "s", { scale: 3, offset: -88, rate: perHour(4000, 40_000) }, "Delay from a task being ready to its running."),
  anyRuntime.gauge("process.runtime.cpu.utilization", "1", ratio(0.02, 0.6), "Share of its CPUs that the process used."),
  anyRuntime.counter("process.runtime.allocated", "By", traffic(1e9, 3e10), "Bytes allocated since start."),
  anyRuntime.upDown("process.runtime.threads", "{thread}", whole(6, 90), "Threads of the process.", by("thread.state", { running: 0.1, waiting: 1 })),
  jvm.upDown("jvm.memory.used", "By", storage(1.5e8, 6e8), "Measure of memory used.", HEAP_POOLS),
  jvm.upDown("jvm.memory.committed", "By", storage(2.5e8, 8e8, { spread: 0.02 }), "Measure of memory committed.", HEAP_POOLS),
  jvm.upDown("jvm.thread.count", "{thread}", whole(20, 120), "Number of executing platform threads.", by("jvm.thread.daemon", [true, false]), by("jvm.thread.state", { runnable: 0.3, waiting: 0.3, timed_waiting: 0.6 })),
  jvm.upDown("jvm.class.count", "{class}", whole(9000, 24_000, { spread: 0.01 }), "Number of classes currently loaded."),
  jvm.gauge("jvm.cpu.recent_utilization", "1", ratio(0.01, 0.6), "Recent CPU utilization for the process as reported by the JVM."),
  node.gauge("nodejs.eventloop.utilization", "1", ratio(0.02, 0.7), "Event loop utilization."),
  node.gauge("nodejs.eventloop.delay.p99", "s", fine(0.011, 0.06, { max: 2 - 2 ** -13 }), "Event loop 99 percentile delay."),
  node.upDown("v8js.memory.heap.used", "By", storage(3e7, 2.5e8), "Heap memory size in use.", HEAP_SPACES),
  node.histogram("v8js.gc.duration", "s", { bounds: [0.01, 0.1, 1, 10], firstLive: 0, rate: perHour(600, 3000) }, "Garbage collection duration.", by("v8js.gc.type", { minor: 1, major: 0.1, incremental: 0.2 })),
  go.upDown("go.memory.used", "By", storage(2e7, 2e8), "Memory used by the Go runtime.", by("go.memory.type", { stack: 0.05, other: 1 })),
  go.counter("go.memory.allocations", "{allocation}", whole(1e6, 9e8), "Count of allocations to the heap by the application."),
  go.upDown("go.goroutine.count", "{goroutine}", whole(12, 900), "Count of live goroutines."),
  go.upDown("go.processor.limit", "{thread}", constant(2, 8), "The number of OS threads that can execute user-level Go code simultaneously."),
  python.counter("cpython.gc.collections", "{collection}", whole(200, 9000), "The number of times a generation was collected since interpreter start.", by("cpython.gc.generation", [0, 1, 2])),
  python.upDown("process.runtime.cpython.memory", "By", storage(4e7, 3e8), "Runtime cpython memory.", by("memory.type", { rss: 1, vms: 3 })),
];

const OPERATION_OUTCOME: readonly DimensionValue[] = [
  { attributes: {}, weight: 0.985 },
  { attributes: { "error.type": "timeout" }, weight: 0.015 },
];

// biome-ignore format: one metric a line
export const DATABASE_CLIENT_METRICS: readonly MetricDefinition[] = [
  database.histogram("db.client.operation.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(3000, 20_000) }, "Duration of database client operations.", "query", OPERATION_OUTCOME),
  database.upDown("db.client.connection.count", "{connection}", whole(2, 24), "The number of connections that are currently in state described by the state attribute.", by("db.client.connection.pool.name", ["primary", "replica"]), by("db.client.connection.state", { idle: 0.7, used: 0.5 })),
  database.exponential("db.client.connection.wait_time", "s", { scale: 3, offset: -84, rate: perHour(3000, 20_000) }, "The time it took to obtain an open connection from the pool.", by("db.client.connection.pool.name", ["primary", "replica"])),
  database.counter("db.client.connection.timeouts", "{timeout}", whole(0, 12), "The number of connection timeouts that have occurred trying to obtain a connection from the pool.", by("db.client.connection.pool.name", ["primary", "replica"])),
];

// biome-ignore format: one metric a line
export const MESSAGING_CLIENT_METRICS: readonly MetricDefinition[] = [
  messaging.counter("messaging.client.sent.messages", "{message}", whole(500, 6e4), "Number of messages producer attempted to send to the broker.", "topic"),
  messaging.counter("messaging.client.consumed.messages", "{message}", whole(500, 6e4), "Number of messages that were delivered to the application.", "topic"),
  messaging.histogram("messaging.client.operation.duration", "s", { bounds: HTTP_BOUNDS, firstLive: 0, rate: perHour(1000, 9000) }, "Duration of messaging operation initiated by a producer or consumer client.", "topic", by("messaging.operation.name", { send: 1, poll: 1, commit: 0.2 })),
  messaging.histogram("messaging.process.duration", "s", { bounds: SLOW_BOUNDS, firstLive: 0, rate: perHour(600, 2000) }, "Duration of processing operation.", "topic"),
];
