/** How a Collector hands data on to a backend, as far as cost and bytes go by it: read from the backend's own file. */
import { COMPRESSIONS, type Compression, type Protocol } from "../../otlp/protocol.ts";
import type { Signal } from "../../otlp/signal.ts";
import { type Backend, isNop, signalsOf } from "../backends/backend-file.ts";

export interface ExporterForm {
  /** OTLP's transports; `nothing`: what comes is dropped; `other`: a protocol of the backend's own, whose cost nobody here knows. */
  by: Protocol | "nothing" | "other";
  compression: Compression;
  /** Whether that is the compression that the file has, not a stand-in for one that Stampede cannot measure. */
  isExact: boolean;
  /** What it takes. */
  signals: Signal[];
}

const BY: Readonly<Record<string, Protocol>> = {
  otlp_http: "http/protobuf",
  otlp_grpc: "grpc",
};
/** Of OTLP's exporters, and the dearest of all. */
const DEFAULT = "gzip";

/** The form of the exporters of a backend, of which one stands for all. env: what the file's variables are looked up in. */
export function exporterFormOf(
  backend: Backend,
  env: Readonly<Record<string, string | undefined>>,
): ExporterForm {
  const signals = signalsOf(backend);
  const id = signals
    .flatMap((signal) => backend.service.pipelines[signal]?.exporters ?? [])
    .find((exporter) => !isNop(exporter));
  if (id === undefined) return { by: "nothing", compression: "none", isExact: true, signals };
  const by = BY[id.split("/")[0]!] ?? "other";
  const written = (backend.exporters[id] as { compression?: unknown } | null)?.compression;
  const text = expanded(typeof written === "string" ? written : DEFAULT, env);
  const compression = COMPRESSIONS.find((known) => known === text);
  return {
    by,
    compression: compression ?? DEFAULT,
    isExact: by !== "other" && compression !== undefined,
    signals,
  };
}

/** `${env:NAME:-default}` as the Collector reads it. */
function expanded(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const [, name, fallback] = /^\$\{env:(\w+)(?::-(.*))?\}$/.exec(text) ?? [];
  return name === undefined ? text : (env[name] ?? fallback ?? DEFAULT);
}
