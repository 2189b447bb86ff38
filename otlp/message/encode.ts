/**
 * Messages to OTLP bytes, for everything that is not hot. The generator streams through `writer.ts` instead.
 */
import Long from "long";
import type protobuf from "protobufjs";
import type { Signal } from "../signal.ts";
import {
  buildTypes,
  type Int64Input,
  type Message,
  type MessageName,
  messageType,
  REQUEST_NAMES,
  type RequestOf,
} from "./schema.ts";

/** Bytes of each bucket count of an exponential histogram in a template. */
export const PADDED_COUNT_BYTES = 3;

/** Largest count that such a bucket can hold. */
export const MAX_PADDED_COUNT = 2 ** (7 * PADDED_COUNT_BYTES) - 1;

/** Encode an export request. Fields that are present are written, zeros too; fields stand in the order of their numbers. */
export function encodeRequest<S extends Signal>(signal: S, message: RequestOf<S, Int64Input>): Uint8Array {
  return encodeMessage(REQUEST_NAMES[signal], message as Message<(typeof REQUEST_NAMES)[S], Int64Input>);
}

/** Encode any message of the schema. */
export function encodeMessage<Name extends MessageName>(
  name: Name,
  message: Message<Name, Int64Input>,
): Uint8Array {
  return messageType(name)
    .encode(message as object)
    .finish();
}

/**
 * Encode a request as a template frame's message (docs/template-format.md): time fields that are absent are written as zero,
 * except the start time of gauges, and each bucket count of an exponential histogram takes 3 bytes.
 *
 * Throws RangeError on such a count above MAX_PADDED_COUNT. The message is left as it is.
 */
export function encodeTemplateRequest<S extends Signal>(
  signal: S,
  message: RequestOf<S, Int64Input>,
): Uint8Array {
  templateTypes ??= buildTemplateTypes();
  return templateTypes[REQUEST_NAMES[signal]].encode(message as object).finish();
}

let templateTypes: Record<MessageName, protobuf.Type> | undefined;

function buildTemplateTypes(): Record<MessageName, protobuf.Type> {
  const types = buildTypes();
  const [startTimeUnixNano, timeUnixNano] = [Long.UZERO, Long.UZERO];
  writeAlways(types.Span, { startTimeUnixNano, endTimeUnixNano: Long.UZERO });
  writeAlways(types.SpanEvent, { timeUnixNano });
  writeAlways(types.LogRecord, { timeUnixNano, observedTimeUnixNano: Long.UZERO });
  writeAlways(types.NumberDataPoint, { timeUnixNano });
  writeAlways(types.HistogramDataPoint, { startTimeUnixNano, timeUnixNano });
  writeAlways(types.ExponentialHistogramDataPoint, { startTimeUnixNano, timeUnixNano });
  writeAlways(types.SummaryDataPoint, { startTimeUnixNano, timeUnixNano });
  mapBeforeEncoding(types.Sum, (sum: Message<"Sum", Int64Input>) => ({
    ...sum,
    dataPoints: sum.dataPoints?.map((point) => ({
      ...point,
      startTimeUnixNano: point.startTimeUnixNano ?? Long.UZERO,
    })),
  }));
  types.ExponentialBuckets.encode = encodePaddedBuckets as protobuf.Type["encode"];
  return types;
}

function writeAlways(type: protobuf.Type, zeros: Record<string, Long>): void {
  mapBeforeEncoding(type, (message: Record<string, unknown>) => {
    const complete = { ...message };
    for (const [field, zero] of Object.entries(zeros)) complete[field] ??= zero;
    return complete;
  });
}

/** Parents call `type.encode` through the type, so what is put there is used at every level. */
function mapBeforeEncoding<M>(type: protobuf.Type, map: (message: M) => object): void {
  const encode = type.setup().encode as Encode;
  const mapped: Encode = (message, writer, depth) => encode(map(message as M), writer, depth);
  type.encode = mapped as protobuf.Type["encode"];
}

/** protobufjs counts the depth of nesting in a third argument that its types do not tell. */
type Encode = (message: object, writer?: protobuf.Writer, depth?: number) => protobuf.Writer;

function encodePaddedBuckets(
  message: Message<"ExponentialBuckets", Int64Input>,
  writer: protobuf.Writer,
): protobuf.Writer {
  if (message.offset !== undefined) writer.uint32((1 << 3) | 0).sint32(message.offset);
  const counts = message.bucketCounts ?? [];
  if (counts.length === 0) return writer;
  const padded = new Uint8Array(counts.length * PADDED_COUNT_BYTES);
  counts.forEach((count, bucket) => {
    const value = Long.isLong(count) ? count.toNumber() : Number(count);
    if (!(value >= 0 && value <= MAX_PADDED_COUNT)) {
      throw new RangeError(`bucket count must be 0 to ${MAX_PADDED_COUNT} in a template, found ${value}`);
    }
    padded[bucket * 3] = (value & 0x7f) | 0x80;
    padded[bucket * 3 + 1] = ((value >>> 7) & 0x7f) | 0x80;
    padded[bucket * 3 + 2] = value >>> 14;
  });
  return writer.uint32((2 << 3) | 2).bytes(padded);
}
