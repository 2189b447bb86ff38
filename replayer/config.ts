/**
 * The replayer's config file: keys, types, defaults. `replayer/settings.ts` resolves it, with flags and environment, to what
 * a run does.
 */
import { z } from "zod";
import { byteSize, duration } from "../config/units.ts";
import { parseEndpoint } from "../otlp/endpoint.ts";
import { COMPRESSIONS, PROTOCOLS, type Protocol } from "../otlp/protocol.ts";
import { TargetError } from "../otlp/target-error.ts";

/** A path of the file system, as written: relative ones are relative to the working directory. */
const filePath = z.string().min(1).meta({ expected: "the path of a file" });

const wholeNumber = z.int().min(0);

/**
 * Where to send. All of it optional: what is absent comes from the OTEL_EXPORTER_OTLP_* variables, then from OTLP_DEFAULTS,
 * and only settings can tell "absent" from "the default, on purpose".
 */
const otlp = z
  .strictObject({
    /** `host:port` (TLS unless insecure), `http://...` or `https://...`. */
    endpoint: z.string().min(1).optional(),
    protocol: z.enum(PROTOCOLS).optional(),
    compression: z.enum(COMPRESSIONS).optional(),
    /** Sent with every request, byte for byte. Secrets: never printed. */
    headers: z.record(z.string().min(1), z.string()).optional(),
    /** No TLS for an endpoint written as `host:port`. */
    insecure: z.boolean().optional(),
    tls: z
      .strictObject({
        /** PEM files: authorities to trust in place of the system's, and the client's certificate with its key. */
        ca: filePath.optional(),
        cert: filePath.optional(),
        key: filePath.optional(),
        /** Accept any certificate of the target. */
        skip_verify: z.boolean().default(false),
      })
      .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), {
        error: "cert and key belong together; give both or neither",
      })
      .prefault({}),
    /** Limit of one try of one request, in ms. Without one, a target that never answers would hold a run for ever. */
    timeout: duration()
      .refine((ms) => ms > 0, { error: "must be a duration above 0" })
      .optional(),
  })
  .superRefine(({ endpoint, protocol, insecure, compression }, context) => {
    const problem = endpoint === undefined ? undefined : endpointProblem(endpoint, protocol, insecure);
    if (problem) context.addIssue({ code: "custom", path: ["endpoint"], message: problem });
    if (protocol === "grpc" && compression === "zstd") {
      const message = "zstd cannot be sent over grpc; use gzip or none, or protocol http/protobuf";
      context.addIssue({ code: "custom", path: ["compression"], message });
    }
  });

function endpointProblem(text: string, protocol: Protocol | undefined, insecure = false): string | undefined {
  try {
    // Where the file leaves the protocol open, the one that allows more: it may come from a flag or the environment.
    parseEndpoint(text, { protocol: protocol ?? "http/protobuf", insecure });
    return undefined;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
}

/** What otlp.* is when neither flags, nor the file, nor the environment say it. */
export const OTLP_DEFAULTS = {
  protocol: "grpc",
  compression: "none",
  insecure: false,
  timeoutMs: 10_000,
} as const;

const batchSize = (usual: number) => z.int().min(1).max(1_000_000).default(usual);
const share = z.number().min(0);

const sending = z.strictObject({
  rate_limit: z
    .strictObject({
      /** Of the whole fleet. 0 = as fast as the target takes it. */
      events_per_second: z.number().min(0).default(10_000),
    })
    .prefault({}),
  /** Traces, data points, log records per request. */
  batch_size: z
    .strictObject({ traces: batchSize(100), metrics: batchSize(1000), logs: batchSize(1000) })
    .prefault({}),
  /** Requests in flight, at most. */
  concurrency: z.int().min(1).max(10_000).default(50),
  /** Bytes of request bodies in flight, at most; a budget beside `concurrency`. Default 32 MiB. */
  max_in_flight_bytes: byteSize(64 * 1024).prefault("32MiB"),
  /** Bytes of one request before compression. The Collector's gRPC receiver refuses 4 MiB; default 3.5 MiB. */
  max_request_bytes: byteSize(4096, 1024 ** 3).prefault("3.5MiB"),
  /** ms; 0 = no limit. */
  duration: duration().prefault("10m"),
  /** Passes through the templates, dealt out over the replicas; 0 = no limit. */
  multiplier: wholeNumber.default(0),
  /** Events of the whole fleet, exact to the item; 0 = no limit. */
  total: wholeNumber.default(0),
  /** Shares or rates per signal; empty = by items per pass. Signals left out of a mix that is not empty get none. */
  mix: z
    .strictObject({ traces: share.optional(), metrics: share.optional(), logs: share.optional() })
    .refine((mix) => Object.keys(mix).length === 0 || Object.values(mix).some((part) => (part ?? 0) > 0), {
      error: "must give at least one signal more than 0, or be empty",
    })
    .prefault({}),
  /** Late roots: how long to wait for them at the end (ms), and how many may wait; more are dropped and counted. */
  deferred: z
    .strictObject({ drain_timeout: duration().prefault("120s"), max_pending: wholeNumber.default(100_000) })
    .prefault({}),
  /** How far behind its schedule the replayer may fall and still catch up, ms; what is older is unsent. */
  max_lag: duration().prefault("30s"),
  /** How long to wait for a target that cannot be reached at the start, ms. */
  connect_timeout: duration().prefault("60s"),
  /** The answer to the question about cost, given beforehand; as the flag --yes. */
  confirm: z.boolean().default(false),
  /** Exponential backoff of retryable requests, all ms: first pause, longest pause, and how long to keep trying. */
  retry: z
    .strictObject({
      initial: duration().prefault("500ms"),
      max: duration().prefault("30s"),
      max_elapsed: duration().prefault("60s"),
    })
    .refine((retry) => retry.initial <= retry.max, { error: "initial must not be above max" })
    .prefault({}),
});

/** The whole file. An empty mapping is a valid file. */
export const replayerConfigSchema = z
  .strictObject({
    /** Template files, frames (.pb) or OTLP/JSON (.json). Without any, a default set is generated into a cache. */
    input: z
      .strictObject({ traces: filePath.optional(), metrics: filePath.optional(), logs: filePath.optional() })
      .prefault({}),
    otlp: otlp.prefault({}),
    sending: sending.prefault({}),
    metrics: z
      .strictObject({
        /** Time between two points of one series, ms. */
        interval: duration().prefault("10s"),
        /** Sets the number of instances from the rate of points; 0 = as many as the rate limit needs. */
        datapoints_per_metric_per_minute: z.number().min(0).default(0),
      })
      .refine((metrics) => metrics.interval > 0, { error: "must be a duration above 0", path: ["interval"] })
      .prefault({}),
    timestamps: z
      .strictObject({
        /** Largest jitter of an item before the moment of its request. */
        jitter_ms: z.number().min(0).default(1000),
        /** How far in the past everything lies. */
        backdate_ms: z.number().min(0).default(0),
      })
      .prefault({}),
    /** Key of ids and values; any two runs with the same seed and replica repeat themselves. Absent: 0, and a random incarnation. */
    seed: wholeNumber.optional(),
    /** `I/N`: this is replica I of N, counted from 0. Absent: learnt from the fleet, or alone. */
    replica: z
      .string()
      .refine((text) => parseReplica(text) !== undefined, {
        error: "must be I/N with I from 0 to N - 1, such as 0/3",
      })
      .optional(),
    /** Where to write the report; a path that ends in / is a directory. */
    report: filePath.optional(),
  })
  .superRefine((config, context) => {
    const { max_request_bytes, max_in_flight_bytes } = config.sending;
    if (max_in_flight_bytes < max_request_bytes) {
      context.addIssue({
        code: "custom",
        path: ["sending", "max_in_flight_bytes"],
        message: `must be at least sending.max_request_bytes (${max_request_bytes}), or no request fits`,
      });
    }
  });

/** A replayer file with its defaults: durations in ms, sizes in bytes, names as in the file. */
export type ReplayerConfig = z.output<typeof replayerConfigSchema>;

/** Index and count of `I/N`; undefined when the text is not that. */
export function parseReplica(text: string): { index: number; count: number } | undefined {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text.trim());
  if (!match) return undefined;
  const [index, count] = [Number(match[1]), Number(match[2])];
  return index < count ? { index, count } : undefined;
}
