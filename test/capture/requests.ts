/**
 * Reading what a Collector's file exporter wrote: one OTLP/JSON request a line, parsed by JSON.parse, so that no decoder of
 * Stampede's takes part. Only the fields that the checks look at are typed; proto3 JSON leaves out what is zero.
 */
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type SignalName = "traces" | "metrics" | "logs";

export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: Attribute[] };
}

export interface Attribute {
  key: string;
  value: AnyValue;
}

export interface Attributed {
  attributes?: Attribute[];
}

export interface Scope extends Attributed {
  name?: string;
  version?: string;
}

export interface Span extends Attributed {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  /** Bits 8 and 9: whether it is known that the parent is remote, and whether it is. */
  flags?: number;
  /** code 2 is Error. */
  status?: { code?: number; message?: string };
  events?: SpanEvent[];
  links?: (Attributed & { traceId: string; spanId: string })[];
}

export interface SpanEvent extends Attributed {
  timeUnixNano: string;
  name?: string;
}

export interface LogRecord extends Attributed {
  timeUnixNano?: string;
  observedTimeUnixNano?: string;
  severityNumber?: number;
  severityText?: string;
  eventName?: string;
  body?: AnyValue;
  traceId?: string;
  spanId?: string;
}

/** A data point of any kind; each kind has some of the fields. */
export interface Point extends Attributed {
  startTimeUnixNano?: string;
  timeUnixNano?: string;
  asInt?: string;
  asDouble?: number | string;
  count?: string;
  sum?: number | string;
  bucketCounts?: string[];
  explicitBounds?: number[];
  scale?: number;
  zeroCount?: string;
  zeroThreshold?: number;
  positive?: { offset?: number; bucketCounts?: string[] };
  negative?: { offset?: number; bucketCounts?: string[] };
}

export interface PointList {
  dataPoints?: Point[];
  /** 1 delta, 2 cumulative; gauges have none. */
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}

export const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram"] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

export interface Metric {
  name: string;
  unit?: string;
  gauge?: PointList;
  sum?: PointList;
  histogram?: PointList;
  exponentialHistogram?: PointList;
  summary?: PointList;
}

export interface TraceRequest {
  resourceSpans?: { resource?: Attributed; scopeSpans?: { scope?: Scope; spans?: Span[] }[] }[];
}

export interface MetricsRequest {
  resourceMetrics?: { resource?: Attributed; scopeMetrics?: { scope?: Scope; metrics?: Metric[] }[] }[];
}

export interface LogsRequest {
  resourceLogs?: { resource?: Attributed; scopeLogs?: { scope?: Scope; logRecords?: LogRecord[] }[] }[];
}

/** A request and where it stands. */
export interface Received<Request> {
  request: Request;
  file: string;
  /** 1-based. */
  line: number;
  /** Nanoseconds since the epoch at which the file was written last: nothing in it can have come later. */
  writtenBy: bigint;
}

/** File times are the kernel's clock of its last tick, in ns: what was written just now may look older than it is. */
const FILE_TIME_TICK = 10_000_000n;

/** The requests of some files, one in memory at a time. Files of any size; a line must fit into a string. */
export async function* readRequests<Request>(files: readonly string[]): AsyncGenerator<Received<Request>> {
  for (const file of files) {
    const writtenBy = statSync(file, { bigint: true }).mtimeNs + FILE_TIME_TICK;
    const lines = createInterface({
      input: createReadStream(file, { highWaterMark: 1 << 20 }),
      crlfDelay: 0,
    });
    let line = 0;
    for await (const text of lines) {
      line++;
      if (text !== "") yield { request: parse(text, file, line) as Request, file, line, writtenBy };
    }
  }
}

function parse(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${file}:${line}: is not JSON (${(error as Error).message}); is the collector still writing?`,
      {
        cause: error,
      },
    );
  }
}

/** Files of a signal in a directory that the file exporter wrote to, rotated ones included. */
export function captureFiles(directory: string, signal: SignalName): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${signal}-`) && name.endsWith(".json"))
    .sort()
    .map((name) => join(directory, name));
}
