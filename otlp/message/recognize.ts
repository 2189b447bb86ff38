/**
 * Which signal an encoded export request carries, told by its content: all three have the same outer shape.
 */
import type { Signal } from "../signal.ts";
import { BYTES, FIXED64, FieldCursor, VARINT } from "./wire.ts";

const request = new FieldCursor();
const resource = new FieldCursor();
const scope = new FieldCursor();
const item = new FieldCursor();

/**
 * The signal of an export request, by the wire types of its first item that tells; undefined when it has no items.
 *
 * Fixed64 in field 7 or 8 is a span's time, in 1 or 11 a log record's; metrics have bytes only, a name first.
 * Throws WireError when the bytes are not a protobuf message down to that item.
 */
export function recognizeSignal(message: Uint8Array): Signal | undefined {
  request.enter(message, 0, message.length);
  while (request.next()) {
    if (request.field !== 1 || request.wireType !== BYTES) continue;
    resource.enter(message, request.from, request.to);
    while (resource.next()) {
      if (resource.field !== 2 || resource.wireType !== BYTES) continue;
      scope.enter(message, resource.from, resource.to);
      while (scope.next()) {
        if (scope.field !== 2 || scope.wireType !== BYTES) continue;
        const signal = signalOfItem(message, scope.from, scope.to);
        if (signal !== undefined) return signal;
      }
    }
  }
  return undefined;
}

/** Source: field tables of trace.proto, metrics.proto, logs.proto. */
function signalOfItem(message: Uint8Array, from: number, to: number): Signal | undefined {
  let firstBytes = -1;
  let fields = 0;
  item.enter(message, from, to);
  while (item.next()) {
    fields++;
    const { field, wireType } = item;
    if (wireType === FIXED64) {
      if (field === 7 || field === 8) return "traces";
      if (field === 1 || field === 11) return "logs";
    }
    if (wireType === VARINT) return field === 2 || field === 7 ? "logs" : "traces";
    if (field === 1 && wireType === BYTES) firstBytes = item.to - item.from;
    if (field === 2 && wireType === BYTES && firstBytes === 16 && item.to - item.from === 8) return "traces";
  }
  if (fields === 0) return undefined;
  return firstBytes >= 0 ? "metrics" : "logs";
}
