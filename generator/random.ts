/**
 * Randomness that is the same on every machine: all that a generator may draw from.
 *
 * xoshiro128** (D. Blackman, S. Vigna, 2018) on 32-bit integers. What is derived from its words uses only operations
 * that IEEE 754 rounds exactly (+ - * / sqrt), never Math.log, exp, cos or pow, whose last bits differ between engines.
 */

const TWO_POW_MINUS_32 = 2 ** -32;
const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A stream of random numbers. Streams of distinct labels are independent; a fork does not depend on what was drawn. */
export class Random {
  readonly #keyLow: number;
  readonly #keyHigh: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** seed: an integer, 0 <= seed < 2^53. */
  constructor(seed: number) {
    this.#keyLow = seed >>> 0;
    this.#keyHigh = Math.floor(seed / 2 ** 32) >>> 0;
    this.#a = scramble(this.#keyLow ^ 0x9e3779b9);
    this.#b = scramble(this.#keyHigh ^ this.#a ^ 0x85ebca6b);
    this.#c = scramble((this.#a + this.#b) ^ this.#keyLow ^ 0xc2b2ae35);
    // One word that is never zero keeps the state away from xoshiro's only fixed point.
    this.#d = scramble(this.#c ^ this.#keyHigh) | 1;
  }

  /** The stream of a section: depends on this stream's seed and the label, not on what was drawn from this stream. */
  fork(label: string): Random {
    let low = this.#keyLow ^ 0x811c9dc5;
    let high = this.#keyHigh ^ 0x01000193;
    for (let at = 0; at < label.length; at++) {
      low = scramble(low ^ label.charCodeAt(at));
      high = scramble((high + low) | 0);
    }
    return new Random((scramble(high) & 0x1f_ffff) * 2 ** 32 + (scramble(low ^ high) >>> 0));
  }

  /** 32 random bits as an unsigned integer. */
  word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** A number in [0, 1), one of 2^32. */
  float(): number {
    return this.word() * TWO_POW_MINUS_32;
  }

  /** A whole number, both ends included. The range must hold fewer than 2^32 values. */
  int(min: number, max: number): number {
    return min + Math.floor(this.word() * TWO_POW_MINUS_32 * (max - min + 1));
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.word() * TWO_POW_MINUS_32 < probability;
  }

  /**
   * A normally distributed number: the sum of 12 uniform ones less 6 (Irwin-Hall), whose mean is 0, whose deviation is
   * 1 and whose sum is exact. Tails end at 6 deviations; the density is within 1 % of the bell curve inside 2.5.
   */
  normal(mean: number, deviation: number): number {
    let sum = 0;
    for (let draw = 0; draw < 12; draw++) sum += this.word();
    return mean + deviation * (sum * TWO_POW_MINUS_32 - 6);
  }

  /** A skewed factor for latencies and sizes: log-logistic with shape 2, median 1, mean about 1.5, within [1/32, 32]. */
  skewed(): number {
    const u = (this.word() + 1) * TWO_POW_MINUS_32;
    return Math.sqrt(Math.min(1024, Math.max(1 / 1024, u / (1 - u + TWO_POW_MINUS_32))));
  }

  /** One of the items, each as likely. The array must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.word() * TWO_POW_MINUS_32 * items.length)]!;
  }

  /** An index, as likely as its share of the running sums that `cumulate` made. */
  weighted(cumulative: readonly number[]): number {
    const target = this.float() * cumulative[cumulative.length - 1]!;
    let index = 0;
    while (cumulative[index]! <= target) index++;
    return index;
  }

  /** A lower-case hex text of this many bytes. */
  hex(bytes: number): string {
    let text = "";
    for (let at = 0; at < bytes; at += 4) {
      const word = this.word();
      text += HEX_PAIRS[word >>> 24]!;
      if (at + 1 < bytes) text += HEX_PAIRS[(word >>> 16) & 0xff]!;
      if (at + 2 < bytes) text += HEX_PAIRS[(word >>> 8) & 0xff]!;
      if (at + 3 < bytes) text += HEX_PAIRS[word & 0xff]!;
    }
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.hex(16);
    const variant = "89ab"[this.int(0, 3)]!;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** Running sums of weights, for Random.weighted. Weights are not negative, and not all zero. */
export function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** A bijection of 32 bits that mixes them well (murmur3's finaliser after a golden-ratio step). */
function scramble(word: number): number {
  let x = (word + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
