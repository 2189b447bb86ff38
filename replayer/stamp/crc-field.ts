/**
 * Arithmetic of CRC-32 (RFC 1952, section 8): polynomials over two elements, modulo the CRC's. The highest bit of a word is the
 * coefficient of 1, the lowest that of x^31, as gzip has it.
 */

const POLYNOMIAL = 0xedb8_8320 | 0;

/** The polynomial 1. */
export const ONE = 0x8000_0000 | 0;

/** What leaves a word at its end by times x^4, for the four bits that leave. */
const reductions = Int32Array.from({ length: 16 }, (_, bits) => timesX(timesX(timesX(timesX(bits)))));

export function timesX(word: number): number {
  return (word >>> 1) ^ (POLYNOMIAL & -(word & 1));
}

export function timesX4(word: number): number {
  return (word >>> 4) ^ reductions[word & 15]!;
}

/**
 * Fill 16 entries of `multiples` with all polynomials of four bits times `word`: entry at + 8 is 1 times it, at + 1 is x^3 times it.
 * A byte is (entry of its high half) + x^4 (entry of its low half).
 */
export function fillMultiples(multiples: Int32Array, at: number, word: number): void {
  // timesX, three times: calls are not worth their while here.
  const x1 = (word >>> 1) ^ (POLYNOMIAL & -(word & 1));
  const x2 = (x1 >>> 1) ^ (POLYNOMIAL & -(x1 & 1));
  const x3 = (x2 >>> 1) ^ (POLYNOMIAL & -(x2 & 1));
  const x23 = x2 ^ x3;
  const x01 = word ^ x1;
  multiples[at + 1] = x3;
  multiples[at + 2] = x2;
  multiples[at + 3] = x23;
  multiples[at + 4] = x1;
  multiples[at + 5] = x1 ^ x3;
  multiples[at + 6] = x1 ^ x2;
  multiples[at + 7] = x1 ^ x23;
  multiples[at + 8] = word;
  multiples[at + 9] = word ^ x3;
  multiples[at + 10] = word ^ x2;
  multiples[at + 11] = word ^ x23;
  multiples[at + 12] = x01;
  multiples[at + 13] = x01 ^ x3;
  multiples[at + 14] = x01 ^ x2;
  multiples[at + 15] = x01 ^ x23;
}

/** A byte times the word whose multiples the first 16 entries are. */
export function byteTimes(byte: number, multiples: Int32Array): number {
  return multiples[byte >> 4]! ^ timesX4(multiples[byte & 15]!);
}
