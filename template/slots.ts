/**
 * Slots: the fixed-width places of a batch that change per send, as tables of integers in front of the batch's body.
 *
 * A frozen batch is one record, read with one call into one buffer. Everything that can be known before the clock starts
 * is already in the body: low three bytes of each time, the constant part of each span id, the bytes of metric values that
 * never change. The tables say where the rest goes. All offsets are bytes from the start of the record.
 *
 *   ints 0..15            header, see HEADER
 *   time slots            pairs (offset of the fixed64, steps); compressed: (offset of its bytes 3 and 4, steps)
 *   high times            compressed: offsets of bytes 5 to 7 of times, which are the same for all times of a request
 *   id groups             one per trace that the batch names: ordinal low, ordinal high, then four counts
 *                         (trace ids, span ids, trace ids in hex, span ids in hex), then as many offsets
 *   text time slots       quadruples (offset, characters, steps, remainder in nanoseconds), see textCharacters
 *   start time slots      offsets of fixed64 that hold the start of the series; with DELTA_MARK, the previous point's time
 *   instance slots        offsets of INSTANCE_TEXT_BYTES characters of service.instance.id
 *   value groups          see replayer/stamp/values.ts; begins on a multiple of 8 bytes
 *   body                  the encoded request; begins on a multiple of 8 bytes
 *
 * A compressed record (replayer/compile/compress-record.ts) has a zstd frame for a body, and its offsets are those of the frame's
 * literals; or a gzip member, and its offsets are those of cells in front of it (replayer/stamp/gzip-layout.ts). What is copied from an
 * earlier place has no slot.
 *
 * "Steps" counts steps of TIME_STEP_NS from the request's base time; it is at most 0, since no time lies in the future.
 */

/** Times move in steps of 2^24 ns (16.8 ms), so the low three bytes of every time are frozen into the body. */
export const TIME_STEP_NS = 2 ** 24;

/** Index of each header entry in the ints of a record. */
export const HEADER = {
  bodyOffset: 0,
  bodyBytes: 1,
  timeSlots: 2,
  idGroups: 3,
  textTimes: 4,
  startTimes: 5,
  instances: 6,
  valueGroups: 7,
  /** Byte at which the value groups begin. */
  valuesOffset: 8,
  /** The earliest time of the batch, in steps from the base. */
  lowestSteps: 9,
  /** Compressed records: places of the high bytes of times. */
  highTimes: 10,
  /** Compressed records: bytes of the request that the body decodes to. 0: the body is the request. */
  plainBytes: 11,
  /** Compressed records: byte at which the weave table of a gzip body begins (replayer/stamp/gzip-layout.ts). 0: the body is zstd. */
  gzipTable: 12,
} as const;

/** Ints of the header. */
export const HEADER_INTS = 16;

/** Ints in front of the offsets of an id group. */
export const ID_GROUP_INTS = 6;

/** Set in the offset of a start time slot whose point holds differences (delta temporality). */
export const DELTA_MARK = -0x8000_0000;

/** The texts that a time can have inside a log record. The order is part of the format: a slot holds the index. */
export const TIME_TEXTS = [
  { name: "common log", zero: "01/Jan/1970:00:00:00 +0000" },
  { name: "RFC 3339 microseconds", zero: "1970-01-01T00:00:00.000000Z" },
  { name: "RFC 3339 milliseconds", zero: "1970-01-01T00:00:00.000Z" },
  { name: "RFC 3339 seconds", zero: "1970-01-01T00:00:00Z" },
  { name: "RFC 3164", zero: "Jan  1 00:00:00" },
  { name: "ISO, blank and comma", zero: "1970-01-01 00:00:00,000" },
  { name: "RFC 3339 nanoseconds", zero: "1970-01-01T00:00:00.000000000Z" },
  { name: "klog", zero: "0101 00:00:00.000000" },
] as const;

/** What a text time slot writes: `length` characters of the format TIME_TEXTS[format], from the character `from` on. */
export function textCharacters(format: number, from: number, length: number): number {
  return format | (from << TEXT_FROM_BITS) | (length << TEXT_LENGTH_BITS);
}

/** Where the numbers lie in what textCharacters returns. Each is below 128. */
export const TEXT_FORMAT_MASK = 0xff;
export const TEXT_FROM_BITS = 8;
export const TEXT_LENGTH_BITS = 16;

/**
 * service.instance.id of a sent metric resource, in the shape of a version 8 UUID (RFC 9562), 36 characters:
 *
 *   rrrrrrrr-bbbb-8bbb-9bbb-bbiiiiiiiiii   r: resource of the template, b: block (48 bits), i: instance in the block
 *
 * Block and instance are the slot: the characters from INSTANCE_TEXT_FROM on. The block is the replica's index where that is known,
 * else its incarnation, so blocks of replicas are disjoint.
 */
export const INSTANCE_ID_CHARACTERS = 36;
export const INSTANCE_TEXT_FROM = 9;
export const INSTANCE_TEXT_BYTES = INSTANCE_ID_CHARACTERS - INSTANCE_TEXT_FROM;

/** The characters of service.instance.id that name block and instance. 0 <= block < 2^48, 0 <= instance < 2^40. */
export function instanceText(block: number, instance: number): string {
  const b = block.toString(16).padStart(12, "0");
  const i = instance.toString(16).padStart(10, "0");
  return `${b.slice(0, 4)}-8${b.slice(4, 7)}-9${b.slice(7, 10)}-${b.slice(10)}${i}`;
}

/** service.instance.id of a resource as freezing leaves it: block and instance zero. 0 <= resource < 2^32. */
export function frozenInstanceId(resource: number): string {
  return `${resource.toString(16).padStart(8, "0")}-${instanceText(0, 0)}`;
}
