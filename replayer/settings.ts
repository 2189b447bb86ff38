/**
 * Settings: what a run does, resolved from flags, the config file and the environment, in this order of precedence.
 *
 * Plain data, checked, with units in the names: it goes to other processes as it is.
 */
import type { Target } from "../otlp/client/transport.ts";
import { type Endpoint, isPrivateOrLoopback, parseEndpoints } from "../otlp/endpoint.ts";
import { readEnvironment } from "../otlp/environment.ts";
import { DEFAULT_RETRY_LAW, type RetryLaw } from "../otlp/retry.ts";
import type { PerSignal } from "../otlp/signal.ts";
import { readTlsFiles, type TlsFiles } from "../otlp/tls.ts";
import { type IdKey, idKeyOf } from "../template/ids.ts";
import { askedRate, type RateSettings } from "./asked-rate.ts";
import type { Effort } from "./compile/zstd/effort.ts";
import { resolveShape } from "./config/resolve-shape.ts";
import { OTLP_DEFAULTS, parseReplica, type ReplayerConfig } from "./config.ts";
import { type RequestSize, requestSize, usualConcurrency } from "./request-size.ts";

/** Where a replica stands in its fleet: index 0 to count - 1. */
export interface Replica {
  index: number;
  count: number;
}

export interface ReplayerSettings extends RateSettings {
  target: Target;
  /** Whether items come at random moments, with that rate as their mean. */
  poisson: boolean;
  batchSize: PerSignal<number>;
  /** Where requests are made to suit a small rate: spans with which one takes no further trace, and of a part of a large one. Infinity: only bytes limit them. */
  maxSpans: number;
  maxTraceSpans: number;
  /** The same at any rate, which is what `stampede freeze` makes where it is told none. */
  usualSize: RequestSize;
  concurrency: number;
  maxInFlightBytes: number;
  maxRequestBytes: number;
  /** Infinity: no limit. */
  passes: number;
  /** The highest rate of the fleet that the run may be told on its way, items per second: whoever has not confirmed a fast one gets none. */
  maxSteeredRate: number;
  /** Late roots: how long the end waits for them, and how many may wait at one time. */
  deferred: { drainTimeoutMs: number; maxPending: number };
  /** Of compiling batches that are not compiled yet. */
  effort: Effort;
  maxLagMs: number;
  connectTimeoutMs: number;
  retryLaw: RetryLaw;
  metricsIntervalMs: number;
  /** 0: instances follow from the rate. */
  dataPointsPerMetricPerMinute: number;
  jitterMs: number;
  backdateMs: number;
  /** Key of ids and jitters. */
  seed: number;
  /** What ids are made with, of the seed. */
  idKey: IdKey;
  /** Seed and replica are both given: the run repeats itself, times aside. */
  isRepeatable: boolean;
  /** Undefined: not told; the process is alone, or learns it from its fleet. */
  replica: Replica | undefined;
}

/** No endpoint in flags, file or environment: the local collector. */
const DEFAULT_ENDPOINT = { grpc: "http://localhost:4317", "http/protobuf": "http://localhost:4318" } as const;

/** Resolve a config, flags already laid over it. Throws TargetError, CurveError with what to write instead. */
export function resolveSettings(
  config: ReplayerConfig,
  variables: Readonly<Record<string, string | undefined>>,
): ReplayerSettings {
  const { sending, metrics, timestamps } = config;
  const mix = Object.keys(sending.mix).length > 0 ? (sending.mix as Partial<PerSignal<number>>) : undefined;
  const replica = config.replica === undefined ? undefined : parseReplica(config.replica);
  const rate = {
    eventsPerSecond: sending.rate_limit.events_per_second,
    shape: resolveShape(sending.rate_limit),
    mix,
    durationMs: sending.duration || Number.POSITIVE_INFINITY,
    totalEvents: sending.total || Number.POSITIVE_INFINITY,
  };
  const size = requestSize(sending.batch_size, askedRate(rate));
  const target = resolveTarget(config, variables);
  return {
    target,
    ...rate,
    poisson: sending.rate_limit.law.poisson,
    ...size,
    usualSize: requestSize(sending.batch_size, { mean: 0, peak: 0 }),
    concurrency: sending.concurrency ?? usualConcurrency(size),
    maxInFlightBytes: sending.max_in_flight_bytes,
    maxRequestBytes: sending.max_request_bytes,
    passes: sending.multiplier || Number.POSITIVE_INFINITY,
    maxSteeredRate:
      sending.confirm || target.endpoints.every(isFree)
        ? Number.POSITIVE_INFINITY
        : CONFIRM_ABOVE_EVENTS_PER_SECOND,
    deferred: {
      drainTimeoutMs: sending.deferred.drain_timeout,
      maxPending: sending.deferred.max_pending,
    },
    effort: sending.freeze.effort,
    maxLagMs: sending.max_lag,
    connectTimeoutMs: sending.connect_timeout,
    retryLaw: {
      ...DEFAULT_RETRY_LAW,
      initialMs: sending.retry.initial,
      maxMs: sending.retry.max,
      maxElapsedMs: sending.retry.max_elapsed,
    },
    metricsIntervalMs: metrics.interval,
    dataPointsPerMetricPerMinute: metrics.datapoints_per_metric_per_minute,
    jitterMs: timestamps.jitter_ms,
    backdateMs: timestamps.backdate_ms,
    seed: config.seed ?? 0,
    idKey: idKeyOf(config.seed ?? 0),
    isRepeatable: config.seed !== undefined && replica !== undefined,
    replica,
  };
}

function resolveTarget(
  { otlp }: ReplayerConfig,
  variables: Readonly<Record<string, string | undefined>>,
): Target {
  const environment = readEnvironment(variables);
  const protocol = otlp.protocol ?? environment.protocol ?? OTLP_DEFAULTS.protocol;
  const insecure = otlp.insecure ?? environment.insecure ?? OTLP_DEFAULTS.insecure;
  const written = otlp.endpoint ?? environment.endpoint ?? DEFAULT_ENDPOINT[protocol];
  const files: TlsFiles = { ...environment.tls };
  if (otlp.tls.ca !== undefined) files.ca = otlp.tls.ca;
  if (otlp.tls.cert !== undefined) files.cert = otlp.tls.cert;
  if (otlp.tls.key !== undefined) files.key = otlp.tls.key;
  if (otlp.tls.skip_verify) files.skipVerify = true;
  return {
    endpoints: parseEndpoints(written, { protocol, insecure }),
    protocol,
    compression: otlp.compression ?? environment.compression ?? OTLP_DEFAULTS.compression,
    headers: { ...environment.headers, ...otlp.headers },
    tls: readTlsFiles(files),
    maxConnectionAgeMs: otlp.connection.max_age,
    timeoutMs: otlp.timeout ?? environment.timeoutMs ?? OTLP_DEFAULTS.timeoutMs,
  };
}

/** Rate above which sending to a host that is not ours to burden wants a confirmation. */
export const CONFIRM_ABOVE_EVENTS_PER_SECOND = 10_000;

/**
 * The endpoints that this run may cost somebody money at by mistake: none, or at a high rate, be it for moments, those that are neither
 * loopback nor private.
 */
export function endpointsToConfirm(settings: ReplayerSettings): Endpoint[] {
  const { peak } = askedRate(settings);
  const isFast = peak === 0 || peak > CONFIRM_ABOVE_EVENTS_PER_SECOND;
  return isFast ? settings.target.endpoints.filter((endpoint) => !isFree(endpoint)) : [];
}

/** Whether sending to it costs nobody money. */
function isFree({ host }: Endpoint): boolean {
  return isPrivateOrLoopback(host);
}
