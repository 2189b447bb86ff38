/** Codes of lengths and distances: a class that has a Huffman code, and extra bits. RFC 1951, section 3.2.5. */

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
] as const;
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
] as const;

export const MIN_MATCH = 3;
export const MAX_MATCH = 258;
export const WINDOW = 32_768;

export const LENGTH_CODES = LENGTHS.length;
export const DISTANCE_CODES = 30;

export const lengthBases = Int32Array.from(LENGTHS);
export const lengthBits = Uint8Array.from(LENGTH_BITS);

/** Code of each length, counted from 0. */
const codes = Uint8Array.from({ length: MAX_MATCH + 1 }, (_, length) =>
  Math.max(
    0,
    LENGTHS.findLastIndex((base) => base <= length),
  ),
);

/** Code of a length from 3 to 258, counted from 0: the symbol is 257 more. */
export function lengthCode(length: number): number {
  return codes[length]!;
}

/** Code of a distance from 1 to 32,768. */
export function distanceCode(distance: number): number {
  const from = distance - 1;
  if (from < 4) return from;
  const log = 31 - Math.clz32(from);
  return 2 * log + ((from >> (log - 1)) & 1);
}

/** Extra bits of a distance code. */
export function distanceBits(code: number): number {
  return code < 4 ? 0 : (code >> 1) - 1;
}
