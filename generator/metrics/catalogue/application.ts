/**
 * What instrumented services report about requests that they answer and make.
 *
 * Source: OpenTelemetry semantic conventions 1.44.0, http-metrics.md and rpc-metrics.md. Outcomes as spans have them.
 */
import { HTTP_BOUNDS, SIZE_BOUNDS } from "../bounds.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { ratio, whole } from "../number-shape.ts";
import { byLibrary, instrumented } from "./scopes.ts";

const server = byLibrary("application", "httpServer");
const client = byLibrary("application", "httpClient");
const rpcServer = byLibrary("application", "rpcServer");
const rpcClient = byLibrary("application", "rpcClient");
const platform = instrumented("application", "com.example.platform.metrics", "2.4.1");

const CACHES = by("cache.name", ["sessions", "settings", "permissions"]);

/** Requests in flight: how often they come times how long they take, and some that wait. */
const inFlight = ({ rates, medians }: { rates: readonly number[]; medians: readonly number[] }): number =>
  rates.reduce((sum, rate, index) => sum + (rate / 3600) * medians[index]! * 1.5, 0);

// biome-ignore format: one metric a line
export const APPLICATION_METRICS: readonly MetricDefinition[] = [
  server.histogram("http.server.request.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ httpServer }) => httpServer.rates, median: ({ httpServer }) => httpServer.medians }, "Duration of HTTP server requests.", "httpServer"),
  platform.exponential("app.background_task.duration", "s", { rate: [60, 900], median: [0.02, 0.4] }, "Duration of background tasks.", by("task.name", { "refresh-cache": 0.4, "expire-sessions": 0.1, "flush-metrics": 0.4, "reload-settings": 0.1 })),
  platform.gauge("app.cache.hit_ratio", "1", ratio([0.55, 0.94], { spread: 0.04 }), "Share of look-ups that the cache answered.", CACHES),
  platform.counter("app.cache.lookups", "{lookup}", whole(({ requests }) => requests), "Look-ups in the cache.", by("cache.name", { sessions: 1, settings: 0.6, permissions: 1 }), by("cache.result", { hit: 0.86, miss: 0.14 })),
  server.upDown("http.server.active_requests", "{request}", whole(({ httpServer }) => Math.ceil(inFlight(httpServer)), { spread: 1 }), "Number of active HTTP server requests.", by("http.request.method", { GET: 1, POST: 0.6 }), by("url.scheme", ["http"])),
  server.histogram("http.server.request.body.size", "By", { bounds: SIZE_BOUNDS, rate: ({ httpServerBodies }) => httpServerBodies.rates, median: [240, 1800], steepness: 2 }, "Size of HTTP server request bodies.", "httpServerBodies"),
  server.histogram("http.server.response.body.size", "By", { bounds: SIZE_BOUNDS, rate: ({ httpServer }) => httpServer.rates, median: ({ httpServer }) => httpServer.sizes, steepness: 2 }, "Size of HTTP server response bodies.", "httpServer"),
  client.histogram("http.client.request.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ httpClient }) => httpClient.rates, median: ({ httpClient }) => httpClient.medians }, "Duration of HTTP client requests.", "httpClient"),
  client.histogram("http.client.request.body.size", "By", { bounds: SIZE_BOUNDS, rate: ({ httpClientBodies }) => httpClientBodies.rates, median: [200, 1500], steepness: 2 }, "Size of HTTP client request bodies.", "httpClientBodies"),
  client.histogram("http.client.response.body.size", "By", { bounds: SIZE_BOUNDS, rate: ({ httpClient }) => httpClient.rates, median: ({ httpClient }) => httpClient.sizes, steepness: 2 }, "Size of HTTP client response bodies.", "httpClient"),
  client.upDown("http.client.active_requests", "{request}", whole(({ peer }) => peer.rates.map((rate, index) => Math.ceil((rate / 3600) * peer.medians[index]!)), { spread: 1 }), "Number of active HTTP requests.", "peer"),
  client.upDown("http.client.open_connections", "{connection}", whole([2, 14], { spread: 0.4 }), "Number of outbound HTTP connections that are currently active or idle on the client.", "peer", by("http.connection.state", { active: 0.3, idle: 1 })),
  client.histogram("http.client.connection.duration", "s", { bounds: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300], rate: ({ peer }) => peer.rates.map((rate) => rate / 60), median: [20, 90], steepness: 2 }, "The duration of the successfully established outbound HTTP connections.", "peer"),
  rpcServer.histogram("rpc.server.call.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ rpcServer }) => rpcServer.rates, median: ({ rpcServer }) => rpcServer.medians }, "Measures the duration of inbound remote procedure calls (RPC).", "rpcServer"),
  rpcClient.histogram("rpc.client.call.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ rpcClient }) => rpcClient.rates, median: ({ rpcClient }) => rpcClient.medians }, "Measures the duration of outbound remote procedure calls (RPC).", "rpcClient"),
  platform.counter("app.feature_flag.evaluations", "{evaluation}", whole(({ requests }) => requests * 0.7), "Evaluations of feature flags.", by("feature_flag.key", { "new-checkout": 0.4, "dark-mode": 0.2, "fast-search": 0.3, "price-test": 0.1 }), by("feature_flag.result.variant", { on: 0.3, off: 0.7 })),
  platform.upDown("app.worker.queue.length", "{task}", whole([0, 40], { spread: 1 }), "Tasks that wait for a worker.", by("worker.pool", { default: 0.6, mail: 0.2, reports: 0.2 })),
  platform.counter("app.rate_limit.requests", "{request}", whole(({ requests }) => requests), "Requests that met the rate limiter.", by("rate_limit.decision", { allowed: 0.995, throttled: 0.005 })),
];
