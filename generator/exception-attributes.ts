/**
 * An exception as attributes: the same in the event of a span and in a log record.
 *
 * Source: semantic-conventions v1.44.0, docs/exceptions.
 */
import type { ProtoWriter } from "../otlp/message/writer.ts";
import { attributeKey, writeText } from "./attributes.ts";
import type { Exception } from "./scenario/exceptions.ts";

const typeKey = attributeKey("exception.type");
const messageKey = attributeKey("exception.message");
const stackTraceKey = attributeKey("exception.stacktrace");

/** Write what was thrown. `field`: of attributes in the message that they stand in, 3 in an event, 6 in a log record. */
export function writeExceptionAttributes(writer: ProtoWriter, field: number, exception: Exception): void {
  writeText(writer, field, typeKey, exception.type);
  writeText(writer, field, messageKey, exception.message);
  writeText(writer, field, stackTraceKey, exception.stackTrace);
}
