/**
 * The last step of stamping a gzip record: what was stamped into cells goes to its literals, and the CRC follows. The table that says
 * where is described in gzip-layout.ts.
 */
import { HEADER } from "../../template/slots.ts";
import { byteTimes, fillMultiples, timesX4 } from "./crc-field.ts";
import { CELLS, GROUP_INTS, MAX_CELL_BYTES, TRAILER_BYTES, WEAVE, WEAVE_INTS } from "./gzip-layout.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** A byte as it stands in the field of its literal: behind a bit for the code's first one, its own from the highest to the lowest. */
const fields = Int32Array.from({ length: 256 }, (_, byte) => {
  let field = 0;
  for (let bit = 0; bit < 8; bit++) field |= ((byte >> bit) & 1) << (8 - bit);
  return field;
});

/** Multipliers are multiplied out for so many cells at once: their 64 bytes each stay in the nearest cache. */
const CELLS_AT_ONCE = 32;
const multiples = new Int32Array(16 * CELLS_AT_ONCE);

/** The fields of one cell, from the lowest bit of the first word on. */
const packed = new Int32Array((MAX_CELL_BYTES * 9) / 32 + 1);

/** What the halves of bytes add up to: entry 2r of the high halves of the r-th last bytes of all cells, 2r + 1 of the low ones. */
const sums = new Int32Array(2 * MAX_CELL_BYTES);

/** Weave a record that was read anew and stamped: afterwards its body is a gzip member. */
export function weaveGzip(buffer: SendBuffer, baseSteps: number): void {
  const { ints, view } = buffer;
  const table = ints[HEADER.gzipTable]!;
  const head = table / 4;
  const body = ints[HEADER.bodyOffset]!;
  let at = head + WEAVE_INTS;
  let cell = table + ints[head + WEAVE.cells]!;
  sums.fill(0);
  for (let group = 0; group < ints[head + WEAVE.groups]!; group++) {
    const bytes = ints[at + CELLS.bytes]!;
    const count = ints[at + CELLS.count]!;
    const hasMultipliers = ints[at + CELLS.multipliers] === 1;
    at += GROUP_INTS;
    if (hasMultipliers) {
      addToSums(buffer, at, count, bytes, cell);
      at += count;
    }
    if (bytes === 8) at = weaveWords(buffer, at, count, cell, body);
    else if (bytes <= 3) at = weaveShort(buffer, at, count, bytes, cell, body);
    else at = weaveCells(buffer, at, count, bytes, cell, body);
    cell += count * bytes;
  }
  let crc = 0;
  for (let half = sums.length - 1; half >= 0; half--) crc = timesX4(crc) ^ sums[half]!;
  if (ints[head + WEAVE.rowInts]! > 0) crc ^= crcOfTimes(ints, head, baseSteps);
  view.setInt32(body + ints[HEADER.bodyBytes]! - TRAILER_BYTES, ints[head + WEAVE.crc]! ^ crc, true);
}

/**
 * Add what these cells do to the CRC. `at` is the int of their first multiplier, `from` the first cell's first byte. Some cells at once,
 * byte by byte, so that sums stay in registers.
 */
function addToSums({ ints, bytes }: SendBuffer, at: number, count: number, size: number, from: number): void {
  for (let first = 0; first < count; first += CELLS_AT_ONCE) {
    const cells = Math.min(CELLS_AT_ONCE, count - first);
    for (let cell = 0; cell < cells; cell++) fillMultiples(multiples, cell * 16, ints[at + first + cell]!);
    for (let n = 0; n < size; n++) {
      let high = 0;
      let low = 0;
      let byte = from + first * size + n;
      for (let entry = 0; entry < cells * 16; entry += 16, byte += size) {
        const value = bytes[byte]!;
        high ^= multiples[entry + (value >> 4)]!;
        low ^= multiples[entry + (value & 15)]!;
      }
      const half = 2 * (size - 1 - n);
      sums[half]! ^= high;
      sums[half + 1]! ^= low;
    }
  }
}

/** Cells of one to three bytes, at most 27 bits; returns the int behind their places. */
function weaveShort(
  { ints, bytes, view }: SendBuffer,
  from: number,
  count: number,
  size: number,
  first: number,
  body: number,
): number {
  let at = from;
  for (let byte = first; byte < first + size * count; byte += size) {
    let short = fields[bytes[byte]!]!;
    if (size > 1) short |= fields[bytes[byte + 1]!]! << 9;
    if (size > 2) short |= fields[bytes[byte + 2]!]! << 18;
    let place: number;
    do {
      place = ints[at++]!;
      const bit = place ^ (place >> 31);
      const shift = bit & 7;
      const offset = body + (bit >>> 3);
      view.setInt32(offset, view.getInt32(offset, true) ^ (short << shift), true);
      bytes[offset + 4]! ^= (short >>> 1) >>> (31 - shift);
    } while (place >= 0);
  }
  return at;
}

/** Cells of eight bytes: 72 bits a field, put together once and shifted to each of its places. */
function weaveWords(
  { ints, bytes, view }: SendBuffer,
  from: number,
  count: number,
  first: number,
  body: number,
): number {
  let at = from;
  for (let byte = first; byte < first + 8 * count; byte += 8) {
    const fourth = fields[bytes[byte + 3]!]!;
    const low =
      fields[bytes[byte]!]! |
      (fields[bytes[byte + 1]!]! << 9) |
      (fields[bytes[byte + 2]!]! << 18) |
      (fourth << 27);
    const middle =
      (fourth >>> 5) |
      (fields[bytes[byte + 4]!]! << 4) |
      (fields[bytes[byte + 5]!]! << 13) |
      (fields[bytes[byte + 6]!]! << 22);
    const high = fields[bytes[byte + 7]!]! >>> 1;
    let place: number;
    do {
      place = ints[at++]!;
      const bit = place ^ (place >> 31);
      const offset = body + (bit >>> 3);
      const shift = bit & 7;
      // A shift by 32 is one by 0, so what is carried over goes by two.
      const carry = 31 - shift;
      view.setInt32(offset, view.getInt32(offset, true) ^ (low << shift), true);
      view.setInt32(
        offset + 4,
        view.getInt32(offset + 4, true) ^ (middle << shift) ^ ((low >>> 1) >>> carry),
        true,
      );
      view.setInt32(
        offset + 8,
        view.getInt32(offset + 8, true) ^ (high << shift) ^ ((middle >>> 1) >>> carry),
        true,
      );
    } while (place >= 0);
  }
  return at;
}

/** Cells of any size: put together in words once, then shifted to each of their places. */
function weaveCells(
  { ints, bytes, view }: SendBuffer,
  from: number,
  count: number,
  size: number,
  first: number,
  body: number,
): number {
  let at = from;
  for (let cell = first; cell < first + size * count; cell += size) {
    const words = packFields(bytes, cell, cell + size);
    let place: number;
    do {
      place = ints[at++]!;
      const bit = place ^ (place >> 31);
      const shift = bit & 7;
      let offset = body + (bit >>> 3);
      let carried = 0;
      for (let word = 0; word < words; word++, offset += 4) {
        const fresh = packed[word]!;
        view.setInt32(offset, view.getInt32(offset, true) ^ (fresh << shift) ^ carried, true);
        carried = (fresh >>> 1) >>> (31 - shift);
      }
      bytes[offset]! ^= carried;
    } while (place >= 0);
  }
  return at;
}

/** The fields of the bytes [from, to), one after the other, in `packed`; returns how many words they fill. */
function packFields(bytes: Buffer, from: number, to: number): number {
  let words = 0;
  let pending = 0;
  let count = 0;
  for (let byte = from; byte < to; byte++) {
    const field = fields[bytes[byte]!]!;
    pending |= field << count;
    count += 9;
    if (count < 32) continue;
    packed[words++] = pending;
    count -= 32;
    pending = field >>> (9 - count);
  }
  packed[words] = pending;
  return words + 1;
}

/** What the bytes 3 and 4 of all times do to the CRC, from the row of the base's low byte: compile/gzip/time-rows.ts. */
function crcOfTimes(ints: Int32Array, head: number, baseSteps: number): number {
  const rowInts = ints[head + WEAVE.rowInts]!;
  const row = head + ints[head + WEAVE.rows]! / 4 + (baseSteps & 0xff) * rowInts;
  const high = Math.floor(baseSteps / 0x100) & 0xff;
  let crc = ints[row]!;
  for (let back = 0; back < rowInts - 1; back++) {
    fillMultiples(multiples, 0, ints[row + 1 + back]!);
    crc ^= byteTimes((high - back) & 0xff, multiples);
  }
  return crc;
}
