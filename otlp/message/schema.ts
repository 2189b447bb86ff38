/**
 * The messages of OTLP traces, metrics and logs as one table: field names, numbers and types. Everything that decodes,
 * encodes or prints OTLP where it is not hot is driven by it: the protobufjs types, the JSON codec and the TypeScript types.
 *
 * Presence is kept: a field that stood on the wire, even as zero, is an own property of the decoded message and is written
 * again; one that did not is `undefined`. Templates live on this, their times are zeros that must be there.
 *
 * Source: opentelemetry-proto v1.11, opentelemetry/proto/**; googleapis google/rpc/{status,error_details}.proto.
 */
import type Long from "long";
import protobuf from "protobufjs";
import type { PerSignal, Signal } from "../signal.ts";

/** Enum names as OTLP/JSON readers may meet them, by type; on the wire an enum is its number. */
export const ENUMS = {
  SpanKind: numbered("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]),
  StatusCode: numbered("STATUS_CODE_", ["UNSET", "OK", "ERROR"]),
  AggregationTemporality: numbered("AGGREGATION_TEMPORALITY_", ["UNSPECIFIED", "DELTA", "CUMULATIVE"]),
  SeverityNumber: numbered("SEVERITY_NUMBER_", [
    "UNSPECIFIED",
    ...["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((level) => [
      level,
      `${level}2`,
      `${level}3`,
      `${level}4`,
    ]),
  ]),
} as const;

/**
 * `field: [number, type]`, or `[number, type, oneof]` for the members of a oneof.
 *
 * Types are protobuf's scalars, names of ENUMS, names of this table, and `traceId`, `spanId`: bytes of 16 and 8 that
 * OTLP/JSON writes in hex where other bytes are base64. `[]` marks repeated fields; numbers among them are packed.
 */
export const MESSAGES = {
  // common
  AnyValue: {
    stringValue: [1, "string", "value"],
    boolValue: [2, "bool", "value"],
    intValue: [3, "int64", "value"],
    doubleValue: [4, "double", "value"],
    arrayValue: [5, "ArrayValue", "value"],
    kvlistValue: [6, "KeyValueList", "value"],
    bytesValue: [7, "bytes", "value"],
  },
  ArrayValue: { values: [1, "AnyValue[]"] },
  KeyValueList: { values: [1, "KeyValue[]"] },
  KeyValue: { key: [1, "string"], value: [2, "AnyValue"] },
  InstrumentationScope: {
    name: [1, "string"],
    version: [2, "string"],
    attributes: [3, "KeyValue[]"],
    droppedAttributesCount: [4, "uint32"],
  },
  Resource: {
    attributes: [1, "KeyValue[]"],
    droppedAttributesCount: [2, "uint32"],
    entityRefs: [3, "EntityRef[]"],
  },
  EntityRef: {
    schemaUrl: [1, "string"],
    type: [2, "string"],
    idKeys: [3, "string[]"],
    descriptionKeys: [4, "string[]"],
  },

  // traces
  ExportTraceServiceRequest: { resourceSpans: [1, "ResourceSpans[]"] },
  ResourceSpans: { resource: [1, "Resource"], scopeSpans: [2, "ScopeSpans[]"], schemaUrl: [3, "string"] },
  ScopeSpans: { scope: [1, "InstrumentationScope"], spans: [2, "Span[]"], schemaUrl: [3, "string"] },
  Span: {
    traceId: [1, "traceId"],
    spanId: [2, "spanId"],
    traceState: [3, "string"],
    parentSpanId: [4, "spanId"],
    name: [5, "string"],
    kind: [6, "SpanKind"],
    startTimeUnixNano: [7, "fixed64"],
    endTimeUnixNano: [8, "fixed64"],
    attributes: [9, "KeyValue[]"],
    droppedAttributesCount: [10, "uint32"],
    events: [11, "SpanEvent[]"],
    droppedEventsCount: [12, "uint32"],
    links: [13, "SpanLink[]"],
    droppedLinksCount: [14, "uint32"],
    status: [15, "SpanStatus"],
    flags: [16, "fixed32"],
  },
  SpanEvent: {
    timeUnixNano: [1, "fixed64"],
    name: [2, "string"],
    attributes: [3, "KeyValue[]"],
    droppedAttributesCount: [4, "uint32"],
  },
  SpanLink: {
    traceId: [1, "traceId"],
    spanId: [2, "spanId"],
    traceState: [3, "string"],
    attributes: [4, "KeyValue[]"],
    droppedAttributesCount: [5, "uint32"],
    flags: [6, "fixed32"],
  },
  SpanStatus: { message: [2, "string"], code: [3, "StatusCode"] },

  // logs
  ExportLogsServiceRequest: { resourceLogs: [1, "ResourceLogs[]"] },
  ResourceLogs: { resource: [1, "Resource"], scopeLogs: [2, "ScopeLogs[]"], schemaUrl: [3, "string"] },
  ScopeLogs: { scope: [1, "InstrumentationScope"], logRecords: [2, "LogRecord[]"], schemaUrl: [3, "string"] },
  LogRecord: {
    timeUnixNano: [1, "fixed64"],
    severityNumber: [2, "SeverityNumber"],
    severityText: [3, "string"],
    body: [5, "AnyValue"],
    attributes: [6, "KeyValue[]"],
    droppedAttributesCount: [7, "uint32"],
    flags: [8, "fixed32"],
    traceId: [9, "traceId"],
    spanId: [10, "spanId"],
    observedTimeUnixNano: [11, "fixed64"],
    eventName: [12, "string"],
  },

  // metrics
  ExportMetricsServiceRequest: { resourceMetrics: [1, "ResourceMetrics[]"] },
  ResourceMetrics: {
    resource: [1, "Resource"],
    scopeMetrics: [2, "ScopeMetrics[]"],
    schemaUrl: [3, "string"],
  },
  ScopeMetrics: { scope: [1, "InstrumentationScope"], metrics: [2, "Metric[]"], schemaUrl: [3, "string"] },
  Metric: {
    name: [1, "string"],
    description: [2, "string"],
    unit: [3, "string"],
    gauge: [5, "Gauge", "data"],
    sum: [7, "Sum", "data"],
    histogram: [9, "Histogram", "data"],
    exponentialHistogram: [10, "ExponentialHistogram", "data"],
    summary: [11, "Summary", "data"],
    metadata: [12, "KeyValue[]"],
  },
  Gauge: { dataPoints: [1, "NumberDataPoint[]"] },
  Sum: {
    dataPoints: [1, "NumberDataPoint[]"],
    aggregationTemporality: [2, "AggregationTemporality"],
    isMonotonic: [3, "bool"],
  },
  Histogram: {
    dataPoints: [1, "HistogramDataPoint[]"],
    aggregationTemporality: [2, "AggregationTemporality"],
  },
  ExponentialHistogram: {
    dataPoints: [1, "ExponentialHistogramDataPoint[]"],
    aggregationTemporality: [2, "AggregationTemporality"],
  },
  Summary: { dataPoints: [1, "SummaryDataPoint[]"] },
  NumberDataPoint: {
    startTimeUnixNano: [2, "fixed64"],
    timeUnixNano: [3, "fixed64"],
    asDouble: [4, "double", "value"],
    exemplars: [5, "Exemplar[]"],
    asInt: [6, "sfixed64", "value"],
    attributes: [7, "KeyValue[]"],
    flags: [8, "uint32"],
  },
  HistogramDataPoint: {
    startTimeUnixNano: [2, "fixed64"],
    timeUnixNano: [3, "fixed64"],
    count: [4, "fixed64"],
    sum: [5, "double"],
    bucketCounts: [6, "fixed64[]"],
    explicitBounds: [7, "double[]"],
    exemplars: [8, "Exemplar[]"],
    attributes: [9, "KeyValue[]"],
    flags: [10, "uint32"],
    min: [11, "double"],
    max: [12, "double"],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, "KeyValue[]"],
    startTimeUnixNano: [2, "fixed64"],
    timeUnixNano: [3, "fixed64"],
    count: [4, "fixed64"],
    sum: [5, "double"],
    scale: [6, "sint32"],
    zeroCount: [7, "fixed64"],
    positive: [8, "ExponentialBuckets"],
    negative: [9, "ExponentialBuckets"],
    flags: [10, "uint32"],
    exemplars: [11, "Exemplar[]"],
    min: [12, "double"],
    max: [13, "double"],
    zeroThreshold: [14, "double"],
  },
  ExponentialBuckets: { offset: [1, "sint32"], bucketCounts: [2, "uint64[]"] },
  SummaryDataPoint: {
    startTimeUnixNano: [2, "fixed64"],
    timeUnixNano: [3, "fixed64"],
    count: [4, "fixed64"],
    sum: [5, "double"],
    quantileValues: [6, "ValueAtQuantile[]"],
    attributes: [7, "KeyValue[]"],
    flags: [8, "uint32"],
  },
  ValueAtQuantile: { quantile: [1, "double"], value: [2, "double"] },
  Exemplar: {
    timeUnixNano: [2, "fixed64"],
    asDouble: [3, "double", "value"],
    spanId: [4, "spanId"],
    traceId: [5, "traceId"],
    asInt: [6, "sfixed64", "value"],
    filteredAttributes: [7, "KeyValue[]"],
  },

  // replies
  ExportTraceServiceResponse: { partialSuccess: [1, "ExportTracePartialSuccess"] },
  ExportTracePartialSuccess: { rejectedSpans: [1, "int64"], errorMessage: [2, "string"] },
  ExportMetricsServiceResponse: { partialSuccess: [1, "ExportMetricsPartialSuccess"] },
  ExportMetricsPartialSuccess: { rejectedDataPoints: [1, "int64"], errorMessage: [2, "string"] },
  ExportLogsServiceResponse: { partialSuccess: [1, "ExportLogsPartialSuccess"] },
  ExportLogsPartialSuccess: { rejectedLogRecords: [1, "int64"], errorMessage: [2, "string"] },

  // google.rpc: the body of an HTTP error, and what grpc-status-details-bin carries. `details` are google.protobuf.Any.
  Status: { code: [1, "int32"], message: [2, "string"], details: [3, "Any[]"] },
  Any: { typeUrl: [1, "string"], value: [2, "bytes"] },
  RetryInfo: { retryDelay: [1, "Duration"] },
  Duration: { seconds: [1, "int64"], nanos: [2, "int32"] },
} as const satisfies Record<string, Record<string, readonly [number, string, string?]>>;

/** Name of a message in the table. */
export type MessageName = keyof typeof MESSAGES;

interface Scalars<Int64> {
  string: string;
  bool: boolean;
  double: number;
  int32: number;
  sint32: number;
  uint32: number;
  fixed32: number;
  int64: Int64;
  uint64: Int64;
  fixed64: Int64;
  sfixed64: Int64;
  bytes: Uint8Array;
  traceId: Uint8Array;
  spanId: Uint8Array;
}

type ValueOf<T, Int64> = T extends `${infer Element}[]`
  ? ValueOf<Element, Int64>[]
  : T extends keyof Scalars<Int64>
    ? Scalars<Int64>[T]
    : T extends MessageName
      ? Message<T, Int64>
      : T extends keyof typeof ENUMS
        ? number
        : never;

/**
 * A message as a plain object; absent fields are undefined. 64-bit integers are `Long`, exact and, in fixed64 and uint64,
 * unsigned. `Message<Name, Int64Input>` is what encoding takes: numbers and decimal strings too.
 */
export type Message<Name extends MessageName, Int64 = Long> = {
  -readonly [Field in keyof (typeof MESSAGES)[Name]]?:
    | ValueOf<
        (typeof MESSAGES)[Name][Field] extends readonly [number, infer T, ...unknown[]] ? T : never,
        Int64
      >
    | undefined;
};

/** What a 64-bit field may hold when it is encoded. Numbers are exact below 2^53. */
export type Int64Input = Long | number | string;

/** Name of each signal's export request. */
export const REQUEST_NAMES = {
  traces: "ExportTraceServiceRequest",
  metrics: "ExportMetricsServiceRequest",
  logs: "ExportLogsServiceRequest",
} as const satisfies PerSignal<MessageName>;

/** The export request of a signal, decoded. */
export type RequestOf<S extends Signal, Int64 = Long> = Message<(typeof REQUEST_NAMES)[S], Int64>;

/** The protobufjs types of the table; decoded messages have no defaults, absent fields are undefined. */
export function buildTypes(): Record<MessageName, protobuf.Type> {
  const nested = Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, describeMessage(fields)]),
  );
  const root = protobuf.Root.fromJSON({ nested });
  const types = Object.fromEntries(Object.keys(MESSAGES).map((name) => [name, root.lookupType(name)]));
  for (const type of Object.values(types)) dropDefaults(type);
  return types as Record<MessageName, protobuf.Type>;
}

let types: Record<MessageName, protobuf.Type> | undefined;

/** The protobufjs type of a message; built at first use, then shared. */
export function messageType(name: MessageName): protobuf.Type {
  types ??= buildTypes();
  return types[name];
}

/** What a field of the table is: its type without `[]`, and whether it is repeated. */
export function parseFieldType(type: string): { element: string; repeated: boolean } {
  return type.endsWith("[]")
    ? { element: type.slice(0, -2), repeated: true }
    : { element: type, repeated: false };
}

/** protobufjs needs no oneofs: every field has presence, and it would not keep the members apart either. */
function describeMessage(fields: Record<string, readonly [number, string, string?]>): object {
  const described = Object.entries(fields).map(([name, [id, declared]]) => {
    const { element, repeated } = parseFieldType(declared);
    return [name, { id, type: wireTypeName(element), ...(repeated && { rule: "repeated" }) }];
  });
  // Edition 2023 tracks the presence of every field. Text is taken as it comes: a capture may hold invalid UTF-8.
  return {
    edition: "2023",
    options: { features: { utf8_validation: "NONE" } },
    fields: Object.fromEntries(described),
  };
}

function wireTypeName(element: string): string {
  if (element === "traceId" || element === "spanId") return "bytes";
  return element in ENUMS ? "int32" : element;
}

/** protobufjs puts default values on prototypes; without them `undefined` means absent wherever a message comes from. */
function dropDefaults(type: protobuf.Type): void {
  type.ctor = class extends protobuf.Message {};
  const prototype = type.ctor.prototype as unknown as Record<string, unknown>;
  for (const { name } of type.fieldsArray) delete prototype[name];
}

function numbered(prefix: string, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, number) => [prefix + name, number]));
}
