/**
 * The three signals of OTLP that Stampede sends, and the names each of them goes by on the wire.
 *
 * Source: opentelemetry-proto v1.11, docs/specification.md and opentelemetry/proto/collector/**.
 */
export const SIGNALS = ["traces", "metrics", "logs"] as const;

/** One of OTLP's signals, by the name it has in paths and in every Stampede config and report. */
export type Signal = (typeof SIGNALS)[number];

/** One value per signal. */
export type PerSignal<T> = Record<Signal, T>;

/** What an event of a signal is called in reports: the unit that is counted. */
export const ITEM_NAMES: PerSignal<string> = {
  traces: "spans",
  metrics: "data points",
  logs: "log records",
};

/** Path below an OTLP/HTTP base address. */
export const HTTP_PATHS: PerSignal<string> = {
  traces: "/v1/traces",
  metrics: "/v1/metrics",
  logs: "/v1/logs",
};

/** Full gRPC method path of the signal's Export call. */
export const GRPC_PATHS: PerSignal<string> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

/** Builds one value per signal. */
export function perSignal<T>(make: (signal: Signal) => T): PerSignal<T> {
  return { traces: make("traces"), metrics: make("metrics"), logs: make("logs") };
}
