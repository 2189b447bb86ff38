/**
 * A protobuf writer for streams of messages: one growing buffer, no objects in between, no allocation per field.
 *
 * It writes what it is told, zeros too: proto3 encoders leave them out, but a template needs each time in its place.
 * Nested messages are opened with `begin` and closed with `end`, which writes the length as a minimal varint.
 * Source: protobuf encoding guide, protobuf.dev/programming-guides/encoding.
 */

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_LENGTH = 2;
const WIRE_FIXED32 = 5;

const TWO_32 = 2 ** 32;

/** Longest text written by the character loop; longer ones go through Buffer.write, which costs a call but copies faster. */
const SHORT_TEXT = 48;

/** Most bytes that a loop copies sooner than the call of TypedArray.set. */
const SHORT_BYTES = 24;

/** Bytes that a tag and a varint can take together, at most. */
const TAG_AND_VARINT_BYTES = 15;

export class ProtoWriter {
  #buffer: Buffer;
  #view: DataView;
  #at = 0;
  /** Where the content of each open message begins, and how many bytes its length was given. */
  readonly #starts: number[] = [];
  readonly #reserved: number[] = [];

  /** initialBytes: first size of the buffer, which doubles when it is full and is kept from then on. */
  constructor(initialBytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, 64));
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes written since the last reset, lengths of open messages as reserved. */
  get length(): number {
    return this.#at;
  }

  /** Bytes that the buffer has: it never shrinks. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Forget what was written, keep the buffer. Views that `finish` gave out are overwritten from here on. */
  reset(): void {
    this.#at = 0;
    if (this.#starts.length === 0) return;
    this.#starts.length = 0;
    this.#reserved.length = 0;
  }

  /** What was written, as a view that is valid until the next write or reset. Throws when a message is still open. */
  finish(): Uint8Array {
    if (this.#starts.length > 0) throw new Error(`${this.#starts.length} messages were begun and not ended`);
    // Not a Buffer: its slice would share memory where that of a Uint8Array copies.
    return new Uint8Array(this.#buffer.buffer, 0, this.#at);
  }

  /**
   * Open a nested message (or a packed field).
   *
   * lengthBytes  the width that its length will probably have: 1 below 128 bytes, 2 below 16,384, 3 below 2 MiB.
   *              A wrong guess costs one move of the content and changes nothing in the result.
   */
  begin(field: number, lengthBytes = 1): void {
    this.#reserve(TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_LENGTH);
    this.#at += lengthBytes;
    this.#starts.push(this.#at);
    this.#reserved.push(lengthBytes);
  }

  /** Close the message that was opened last. */
  end(): void {
    const start = this.#starts.pop();
    const reserved = this.#reserved.pop();
    if (start === undefined || reserved === undefined) throw new Error("no message was begun");
    const length = this.#at - start;
    const width = varintBytes(length);
    if (width !== reserved) {
      this.#reserve(TAG_AND_VARINT_BYTES);
      this.#buffer.copyWithin(start - reserved + width, start, this.#at);
      this.#at += width - reserved;
    }
    const end = this.#at;
    this.#at = start - reserved;
    this.#varint(length);
    this.#at = end;
  }

  /** An unsigned varint field: bool, enum, uint32, uint64, and int32 or int64 that are not negative. 0 <= value <= 2^53. */
  varint(field: number, value: number): void {
    this.#reserve(2 * TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_VARINT);
    this.#varint(value);
  }

  /** An int32 or int64 field of any sign, |value| <= 2^53. Negative values take 10 bytes. */
  int64(field: number, value: number): void {
    if (value >= 0) {
      this.varint(field, value);
      return;
    }
    this.#reserve(2 * TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_VARINT);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#at++] = Number(rest);
  }

  /** A zigzag sint32 field, such as the scale of an exponential histogram. */
  sint32(field: number, value: number): void {
    this.varint(field, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A varint of exactly `width` bytes, padded with zero groups; with its tag. 1 <= width <= 10. */
  paddedVarint(field: number, value: number, width: number): void {
    this.#reserve(2 * TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_VARINT);
    this.#padded(value, width);
  }

  /** A fixed32 field, 0 <= value < 2^32. */
  fixed32(field: number, value: number): void {
    this.#reserve(TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_FIXED32);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  /** A fixed64 field, written for zero too. 0 <= value <= 2^53; times are nanoseconds. */
  fixed64(field: number, value: number): void {
    this.#reserve(TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_FIXED64);
    this.#fixed64(value);
  }

  /** An sfixed64 field, such as the `as_int` of a data point; written for zero too. |value| <= 2^53. */
  sfixed64(field: number, value: number): void {
    this.fixed64(field, value);
  }

  /** A double field, written for zero too. */
  double(field: number, value: number): void {
    this.#reserve(TAG_AND_VARINT_BYTES);
    this.#tag(field, WIRE_FIXED64);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A bytes field. The bytes are copied. */
  bytes(field: number, value: Uint8Array): void {
    this.#reserve(TAG_AND_VARINT_BYTES + value.length);
    this.#tag(field, WIRE_LENGTH);
    this.#varint(value.length);
    this.#copy(value);
  }

  /** A string field, as UTF-8. Lone surrogates become U+FFFD. */
  string(field: number, text: string): void {
    this.#reserve(TAG_AND_VARINT_BYTES + 3 * text.length);
    this.#tag(field, WIRE_LENGTH);
    this.#text(text);
  }

  /** A packed field of fixed64, such as bucket counts. */
  packedFixed64(field: number, values: ArrayLike<number>): void {
    this.#reserve(TAG_AND_VARINT_BYTES + 8 * values.length);
    this.#tag(field, WIRE_LENGTH);
    this.#varint(8 * values.length);
    for (let index = 0; index < values.length; index++) this.#fixed64(values[index]!);
  }

  /** A packed field of doubles, such as explicit bounds. */
  packedDouble(field: number, values: ArrayLike<number>): void {
    this.#reserve(TAG_AND_VARINT_BYTES + 8 * values.length);
    this.#tag(field, WIRE_LENGTH);
    this.#varint(8 * values.length);
    for (let index = 0; index < values.length; index++) {
      this.#view.setFloat64(this.#at, values[index]!, true);
      this.#at += 8;
    }
  }

  /** A packed field of varints padded to `width` bytes each. */
  packedPaddedVarint(field: number, values: ArrayLike<number>, width: number): void {
    this.#reserve(TAG_AND_VARINT_BYTES + width * values.length);
    this.#tag(field, WIRE_LENGTH);
    this.#varint(width * values.length);
    for (let index = 0; index < values.length; index++) this.#padded(values[index]!, width);
  }

  /** Fields that are encoded already, such as a resource or attributes that many messages share. Copied. */
  raw(encoded: Uint8Array): void {
    this.#reserve(encoded.length);
    this.#copy(encoded);
  }

  /** All that another writer holds; none of its messages may be open. Copied. */
  append(other: ProtoWriter): void {
    const length = other.#at;
    this.#reserve(length);
    other.#buffer.copy(this.#buffer, this.#at, 0, length);
    this.#at += length;
  }

  /** Fields that are encoded already, some tens of bytes of a larger array: from `from` up to `to`. Copied. */
  rawPart(encoded: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const buffer = this.#buffer;
    let at = this.#at;
    for (let index = from; index < to; index++) buffer[at++] = encoded[index]!;
    this.#at = at;
  }

  /**
   * A message of encoded fields and one nested message with a string: `field { key, outer { inner: text } }`. What a
   * text attribute is, of which there are many; lengths are worked out beforehand, so nothing is moved.
   */
  keyedString(field: number, key: Uint8Array, outer: number, inner: number, text: string): void {
    const bytes = text.length <= SHORT_TEXT && isAscii(text) ? text.length : Buffer.byteLength(text);
    const content = tagBytes(inner) + varintBytes(bytes) + bytes;
    this.#keyed(field, key, outer, content);
    this.#tag(inner, WIRE_LENGTH);
    this.#varint(bytes);
    if (bytes > SHORT_TEXT || bytes !== text.length) this.#buffer.write(text, this.#at, bytes, "utf8");
    else for (let index = 0; index < bytes; index++) this.#buffer[this.#at + index] = text.charCodeAt(index);
    this.#at += bytes;
  }

  /** A message of encoded fields and one nested message with a varint: `field { key, outer { inner: value } }`. */
  keyedVarint(field: number, key: Uint8Array, outer: number, inner: number, value: number): void {
    this.#keyed(field, key, outer, tagBytes(inner) + varintBytes(value));
    this.#tag(inner, WIRE_VARINT);
    this.#varint(value);
  }

  /** Begin `field { key, outer {` for so many bytes of content. */
  #keyed(field: number, key: Uint8Array, outer: number, content: number): void {
    this.#reserve(4 * TAG_AND_VARINT_BYTES + key.length + content);
    this.#tag(field, WIRE_LENGTH);
    this.#varint(key.length + tagBytes(outer) + varintBytes(content) + content);
    this.#copy(key);
    this.#tag(outer, WIRE_LENGTH);
    this.#varint(content);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) this.#grow(this.#at + bytes);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, needed));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }

  #tag(field: number, wireType: number): void {
    if (field < 16) this.#buffer[this.#at++] = (field << 3) | wireType;
    else this.#varint(((field << 3) | wireType) >>> 0);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= TWO_32) {
      this.#buffer[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest > 127) {
      this.#buffer[this.#at++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  #padded(value: number, width: number): void {
    if (varintBytes(value) > width) throw new RangeError(`${value} does not fit a varint of ${width} bytes`);
    let rest = value;
    for (let byte = 1; byte < width; byte++) {
      this.#buffer[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at++] = rest;
  }

  #fixed64(value: number): void {
    // Two's complement: the high word by flooring, the low word what is left. No division of doubles has a fast remainder.
    const high = Math.floor(value / TWO_32);
    this.#view.setUint32(this.#at, value - high * TWO_32, true);
    this.#view.setInt32(this.#at + 4, high, true);
    this.#at += 8;
  }

  #copy(source: Uint8Array): void {
    const { length } = source;
    const at = this.#at;
    if (length > SHORT_BYTES) this.#buffer.set(source, at);
    else for (let index = 0; index < length; index++) this.#buffer[at + index] = source[index]!;
    this.#at = at + length;
  }

  /** Length and content of a text. Room for 3 bytes a UTF-16 unit is there. */
  #text(text: string): void {
    if (text.length > SHORT_TEXT) {
      this.#longText(text);
      return;
    }
    const buffer = this.#buffer;
    const lengthAt = this.#at;
    const start = lengthAt + 1;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) {
        this.#longText(text);
        return;
      }
      buffer[start + index] = code;
    }
    buffer[lengthAt] = text.length;
    this.#at = start + text.length;
  }

  #longText(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#varint(bytes);
    this.#buffer.write(text, this.#at, bytes, "utf8");
    this.#at += bytes;
  }
}

function tagBytes(field: number): number {
  return field < 16 ? 1 : varintBytes(((field << 3) | WIRE_LENGTH) >>> 0);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/** Bytes of the minimal varint of a value, 0 <= value <= 2^53. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
