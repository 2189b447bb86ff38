/**
 * Walking encoded protobuf without decoding it: where each field of a message begins and ends.
 *
 * Freezing, counting and verifying look at a handful of fields in messages of hundreds; they step over the rest here.
 * Source: protobuf encoding guide. Groups (wire types 3 and 4) are not used by OTLP and refused.
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const MAX_FIELD = 2 ** 29 - 1;

/** Bytes that are not a protobuf message. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code = "bad_protobuf";
}

/**
 * Steps over the fields of one message, without allocating. Make one per depth of nesting and reuse it:
 *
 *   outer.enter(bytes, 0, bytes.length);
 *   while (outer.next()) if (outer.field === 1) inner.enter(bytes, outer.from, outer.to);
 *
 * After `next()` returned true: `field` and `wireType` of the field, its payload at `from` (inclusive) to `to` (exclusive),
 * its tag at `tagFrom`; `value` is the number of a VARINT field, as far as a double holds it exactly (2^53).
 */
export class FieldCursor {
  field = 0;
  wireType = 0;
  tagFrom = 0;
  from = 0;
  to = 0;
  value = 0;
  #bytes: Uint8Array = EMPTY;
  #position = 0;
  #end = 0;

  /** Start at the message that stands in bytes[from, to). */
  enter(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#position = from;
    this.#end = to;
  }

  /** Step to the next field; false at the end of the message. Throws WireError on a field that leaves the message. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    this.tagFrom = this.#position;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag & 7;
    this.from = this.#position;
    if (this.field === 0 || this.field > MAX_FIELD) {
      throw new WireError(
        `byte ${this.tagFrom}: a field number must be 1 to ${MAX_FIELD}, found ${this.field}`,
      );
    }
    switch (this.wireType) {
      case VARINT:
        this.value = this.#varint();
        this.to = this.#position;
        return true;
      case FIXED64:
        this.to = this.from + 8;
        break;
      case BYTES: {
        const length = this.#varint();
        this.from = this.#position;
        this.to = this.from + length;
        break;
      }
      case FIXED32:
        this.to = this.from + 4;
        break;
      default:
        throw new WireError(`byte ${this.tagFrom}: wire type ${this.wireType} is not used by OTLP`);
    }
    if (this.to > this.#end) {
      throw new WireError(`byte ${this.tagFrom}: field ${this.field} goes past the end of its message`);
    }
    this.#position = this.to;
    return true;
  }

  #varint(): number {
    const bytes = this.#bytes;
    let position = this.#position;
    let byte = position < this.#end ? bytes[position++]! : 0x80;
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      let scale = 128;
      for (;;) {
        if (position >= this.#end || position - this.#position >= 10) {
          throw new WireError(`byte ${this.#position}: a varint does not end`);
        }
        byte = bytes[position++]!;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
        scale *= 128;
      }
    }
    this.#position = position;
    return value;
  }
}

/** Bytes that a varint of this value takes. 0 <= value < 2^53. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Write a varint; returns the offset behind it. The caller has reserved varintBytes(value). */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let position = offset;
  while (rest >= 128) {
    target[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[position++] = rest;
  return position;
}

/** Unsigned fixed64 as a double; exact up to 2^53, which template times are. */
export function readFixed64(bytes: Uint8Array, offset: number): number {
  const low =
    (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>>
    0;
  const high =
    (bytes[offset + 4]! |
      (bytes[offset + 5]! << 8) |
      (bytes[offset + 6]! << 16) |
      (bytes[offset + 7]! << 24)) >>>
    0;
  return high * 0x1_0000_0000 + low;
}

const EMPTY = new Uint8Array(0);
