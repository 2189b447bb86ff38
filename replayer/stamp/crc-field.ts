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
 * Fill `multiples` with all polynomials of four bits times `word`: entry 8 is 1 times it, 1 is x^3 times it.
 * A byte is (entry of its high half) + x^4 (entry of its low half).
 */
export function fillMultiples(multiples: Int32Array, word: number): void {
  const x1 = timesX(word);
  const x2 = timesX(x1);
  const x3 = timesX(x2);
  const x12 = x1 ^ x2;
  const x01 = word ^ x1;
  multiples[1] = x3;
  multiples[2] = x2;
  multiples[3] = x2 ^ x3;
  multiples[4] = x1;
  multiples[5] = x1 ^ x3;
  multiples[6] = x12;
  multiples[7] = x12 ^ x3;
  multiples[8] = word;
  multiples[9] = word ^ x3;
  multiples[10] = word ^ x2;
  multiples[11] = word ^ x2 ^ x3;
  multiples[12] = x01;
  multiples[13] = x01 ^ x3;
  multiples[14] = x01 ^ x2;
  multiples[15] = x01 ^ x2 ^ x3;
}

/** A byte times the word whose multiples these are. */
export function byteTimes(byte: number, multiples: Int32Array): number {
  return multiples[byte >> 4]! ^ timesX4(multiples[byte & 15]!);
}
