/**
 * The whole check of a capture: what a Collector's file exporter wrote of the three signals, against what OTLP demands and Stampede
 * promises. It shares no code with the generator or the replayer; only the decoding of ids, an extra, is Stampede's.
 */
import { AttributeTypes } from "./attributes.ts";
import { LogCheck, type LogCounts } from "./check-logs.ts";
import { MetricCheck, type MetricCounts } from "./check-metrics.ts";
import { TraceCheck, type TraceCounts } from "./check-traces.ts";
import { DataCheck, type DataCounts } from "./data-check.ts";
import { type DataRules, DEFAULT_DATA_RULES } from "./data-rules.ts";
import {
  captureFiles,
  type LogsRequest,
  type MetricsRequest,
  readRequests,
  type TraceRequest,
} from "./requests.ts";
import { countOrigins, type OriginCounts } from "./stamped-ids.ts";
import { type TimeLimits, TimeWindow } from "./time-window.ts";
import { type Violation, Violations } from "./violations.ts";

/** Files per signal; a signal without files is not checked. */
export interface CaptureFiles {
  traces: string[];
  metrics: string[];
  logs: string[];
}

export interface CaptureRules {
  /** Unix milliseconds before which no trace ended, no record and no point was made. Jitter and backdating count. */
  notBeforeMs?: number;
  /** Unix milliseconds after which nothing happened; the times of the files bound it too. */
  notAfterMs?: number;
  /** Longest distance of two times in one request. */
  maxAgeMs: number;
  /** Rootless traces are in the templates. */
  rootless: boolean;
  /** Series may begin again (a replica was started again under its index). */
  restarts: boolean;
  /** The run was cut in mid-pass: what its last so many ms name may be missing. */
  tailMs: number;
  /** The replayer's seed: decode ids. */
  seed?: number;
  /** What the data itself is held against; absent: it is not looked at. */
  data?: Partial<DataRules>;
}

/** The longest traces of the generator last two minutes; jitter and steps come on top. */
const LONGEST_REQUEST_MS = 125_000;

export const DEFAULT_RULES: CaptureRules = {
  maxAgeMs: LONGEST_REQUEST_MS,
  rootless: false,
  restarts: false,
  tailMs: 0,
};

export interface CaptureReport {
  /** Nothing was found. */
  ok: boolean;
  violations: Record<string, Violation>;
  traces?: TraceCounts;
  metrics?: MetricCounts;
  logs?: LogCounts;
  origins?: OriginCounts;
  data?: DataCounts;
  attributeKeys: number;
}

/** All files that the file exporter wrote into a directory. */
export function filesOf(directory: string): CaptureFiles {
  return {
    traces: captureFiles(directory, "traces"),
    metrics: captureFiles(directory, "metrics"),
    logs: captureFiles(directory, "logs"),
  };
}

/** Read and check a capture. Rejects when a file cannot be read or is no JSON. */
export async function checkCapture(
  files: CaptureFiles,
  rules: Partial<CaptureRules> = {},
): Promise<CaptureReport> {
  const all = { ...DEFAULT_RULES, ...rules };
  const { notBeforeMs, notAfterMs, maxAgeMs } = all;
  const limits: TimeLimits = {
    maxAge: nanosOf(maxAgeMs),
    ...(notBeforeMs === undefined ? {} : { notBefore: nanosOf(notBeforeMs) }),
    ...(notAfterMs === undefined ? {} : { notAfter: nanosOf(notAfterMs) }),
  };
  const violations = new Violations();
  const data = all.data && new DataCheck({ ...DEFAULT_DATA_RULES, ...all.data }, violations);
  const common: Common = {
    violations,
    types: new AttributeTypes(violations),
    window: new TimeWindow(limits, violations),
    data,
  };
  // One after the other: the spans are forgotten before the series come.
  const spansAndRecords = await checkSpansAndRecords(files, all, common);
  const points = await checkPoints(files.metrics, all, common);
  data?.finish();
  const found = violations.toObject();
  return {
    ok: Object.keys(found).length === 0,
    violations: found,
    ...spansAndRecords,
    ...points,
    ...(data ? { data: data.counts } : {}),
    attributeKeys: common.types.keys,
  };
}

/** What all parts of a check share. */
interface Common {
  violations: Violations;
  types: AttributeTypes;
  window: TimeWindow;
  data: DataCheck | undefined;
}

async function checkSpansAndRecords(
  files: CaptureFiles,
  { rootless, tailMs, seed }: CaptureRules,
  { violations, types, window, data }: Common,
): Promise<Pick<CaptureReport, "traces" | "logs" | "origins">> {
  const tail = nanosOf(tailMs);
  // Logs come first: what records say of their spans is compared when those come by, so that spans need not be kept.
  const logs = new LogCheck(tail, window, types, violations, data);
  for await (const received of readRequests<LogsRequest>(files.logs)) logs.add(received);
  if (files.traces.length === 0) return files.logs.length === 0 ? {} : { logs: logs.counts };

  const traces = new TraceCheck({ rootless, tail }, window, types, violations, data);
  for await (const received of readRequests<TraceRequest>(files.traces)) traces.add(received);
  traces.finish();
  logs.finish(traces);
  return {
    traces: traces.counts,
    ...(seed === undefined ? {} : { origins: countOrigins(traces, seed, violations) }),
    ...(files.logs.length === 0 ? {} : { logs: logs.counts }),
  };
}

async function checkPoints(
  files: readonly string[],
  { restarts }: CaptureRules,
  { violations, types, window, data }: Common,
): Promise<Pick<CaptureReport, "metrics">> {
  if (files.length === 0) return {};
  const metrics = new MetricCheck({ restarts }, window, types, violations, data);
  for await (const received of readRequests<MetricsRequest>(files)) metrics.add(received);
  metrics.finish();
  return { metrics: metrics.counts };
}

function nanosOf(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}
