import { BYTES, FIXED64, type FieldCursor, WireError } from "./wire.ts";

/** Throws WireError unless the cursor stands on an embedded message. */
export function expectMessage(cursor: FieldCursor): void {
  if (cursor.wireType !== BYTES) throw wrongType(cursor, "a message");
}

/** Offset of an id of `length` bytes, `otherwise` when it has another length. Throws WireError on another wire type. */
export function idOffset(cursor: FieldCursor, length: number, otherwise: number): number {
  if (cursor.wireType !== BYTES) throw wrongType(cursor, "bytes");
  return cursor.to - cursor.from === length ? cursor.from : otherwise;
}

/** Offset of a fixed64, sfixed64 or double. Throws WireError on another wire type. */
export function fixed64Offset(cursor: FieldCursor): number {
  if (cursor.wireType !== FIXED64) throw wrongType(cursor, "8 bytes");
  return cursor.from;
}

function wrongType(cursor: FieldCursor, expected: string): WireError {
  const { tagFrom, field, wireType } = cursor;
  return new WireError(`byte ${tagFrom}: field ${field} is ${expected}, but has wire type ${wireType}`);
}
