/** Codes of lengths and offsets: a class that is entropy coded, and extra bits. RFC 8878, section 3.1.1.3.2.1. */

const LITERAL_LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512,
  1024, 2048, 4096, 8192, 16384, 32768, 65536,
] as const;
const LITERAL_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  15, 16,
] as const;
const MATCH_LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
  32, 33, 34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771,
  65539,
] as const;
const MATCH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1,
  2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
] as const;

export const literalBits = Uint8Array.from(LITERAL_BITS);
export const matchBits = Uint8Array.from(MATCH_BITS);
export const MIN_MATCH = 3;

/** Lengths below this have their code in a table. */
const TABLED = 256;
const literalCodes = codeTable(LITERAL_LENGTHS, 0);
const matchCodes = codeTable(MATCH_LENGTHS, MIN_MATCH);

function codeTable(bases: readonly number[], from: number): Uint8Array {
  let code = 0;
  return Uint8Array.from({ length: TABLED }, (_, index) => {
    while (code + 1 < bases.length && bases[code + 1]! <= index + from) code++;
    return code;
  });
}

/** Code of a literal length. From 64 on, each code stands for a power of two. */
export function literalCode(length: number): number {
  return length < TABLED ? literalCodes[length]! : 50 - Math.clz32(length);
}

/** Code of a match length, at least 3. */
export function matchCode(length: number): number {
  return length - MIN_MATCH < TABLED ? matchCodes[length - MIN_MATCH]! : 67 - Math.clz32(length - MIN_MATCH);
}

/** Code of an offset value (offset + 3, or 1 to 3 for a repeated one): its highest bit, which is also its number of extra bits. */
export function offsetCode(value: number): number {
  return 31 - Math.clz32(value);
}
