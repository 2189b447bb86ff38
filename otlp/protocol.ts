/** The OTLP transports that Stampede sends with, by the names OTEL_EXPORTER_OTLP_PROTOCOL gives them. */
export const PROTOCOLS = ["grpc", "http/protobuf"] as const;

/** One of OTLP's transports. */
export type Protocol = (typeof PROTOCOLS)[number];

/** How a request's body can be packed. OTLP asks servers for none and gzip; zstd is common beyond them (HTTP only here). */
export const COMPRESSIONS = ["none", "gzip", "zstd"] as const;

/** One way to pack a body. */
export type Compression = (typeof COMPRESSIONS)[number];

/** The port of each transport when an endpoint names none. Source: opentelemetry-proto, docs/specification.md. */
export const DEFAULT_PORTS: Record<Protocol, number> = { grpc: 4317, "http/protobuf": 4318 };
