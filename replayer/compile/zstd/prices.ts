/**
 * What the numbers of a sequence cost in a frame: their extra bits, and what entropy coding makes of their codes, by how often these
 * occurred so far. In units of 1/256 of a bit.
 */
import { literalBits, literalCode, MIN_MATCH, matchBits, matchCode, offsetCode } from "./codes.ts";
import { MOST_ENOUGH_BYTES } from "./effort.ts";
import type { Sequences } from "./sequences.ts";

/** Units of a price in a bit. */
export const BIT = 256;

/** A literal byte stands in the frame as it is. */
export const LITERAL_BYTE_PRICE = 8 * BIT;

/** Lengths below this have their price in a table; those of copies that a parse does not take as it finds them are below it. */
const TABLED_BYTES = 2 * MOST_ENOUGH_BYTES;

/** Before the first sequence, typical shares are known: of traces, logs and metrics. They weigh as much as so many sequences. */
const PRIOR_SEQUENCES = 300;
const LITERAL_PERMILLE = [
  500, 120, 90, 50, 40, 15, 10, 10, 40, 8, 8, 6, 6, 5, 5, 5, 12, 6, 5, 5, 12, 8, 5, 4, 3, 2, 1,
] as const;
const MATCH_PERMILLE = [
  80, 70, 55, 42, 35, 45, 30, 50, 40, 42, 35, 35, 30, 30, 30, 25, 20, 15, 15, 12, 12, 10, 10, 10, 10, 10, 10,
  10, 10, 10, 10, 10, 20, 18, 15, 15, 25, 22, 30, 30, 40, 40, 40, 8, 2, 1,
] as const;
const OFFSET_PERMILLE = [
  250, 30, 5, 8, 10, 15, 25, 40, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 40, 10,
] as const;
const PERMILLE_OF_OTHERS = 0.2;

/** Codes that did not occur weigh as much as this. */
const WEIGHT_OF_ABSENT = 0.3;

/** How often each code occurred, and what it costs with its extra bits. */
class CodePrices {
  readonly prices: Int32Array;
  readonly #counts: Float64Array;
  readonly #extraBits: ArrayLike<number>;

  constructor(extraBits: ArrayLike<number>) {
    this.prices = new Int32Array(extraBits.length);
    this.#counts = new Float64Array(extraBits.length);
    this.#extraBits = extraBits;
  }

  assume(permille: readonly number[]): void {
    for (let code = 0; code < this.#counts.length; code++) {
      this.#counts[code] = ((permille[code] ?? PERMILLE_OF_OTHERS) * PRIOR_SEQUENCES) / 1000;
    }
  }

  forget(): void {
    this.#counts.fill(WEIGHT_OF_ABSENT);
  }

  count(code: number): void {
    this.#counts[code]!++;
  }

  update(): void {
    let total = 0;
    for (const count of this.#counts) total += count;
    for (let code = 0; code < this.prices.length; code++) {
      const bits = Math.log2(total / this.#counts[code]!) + this.#extraBits[code]!;
      this.prices[code] = Math.round(bits * BIT);
    }
  }
}

export class Prices {
  readonly #literalCodes = new CodePrices(literalBits);
  readonly #matchCodes = new CodePrices(matchBits);
  readonly #offsetCodes = new CodePrices(Array.from({ length: 32 }, (_, code) => code));
  /** By bytes of a run of literals, and of a copy; below TABLED_BYTES. */
  readonly literals = new Int32Array(TABLED_BYTES);
  readonly matches = new Int32Array(TABLED_BYTES);
  /** By code, which is also its number of extra bits. */
  readonly offsets = this.#offsetCodes.prices;

  /** Know nothing but what is typical. */
  reset(): void {
    this.#literalCodes.assume(LITERAL_PERMILLE);
    this.#matchCodes.assume(MATCH_PERMILLE);
    this.#offsetCodes.assume(OFFSET_PERMILLE);
    this.#update();
  }

  /** Know nothing but these sequences. */
  relearn(sequences: Sequences): void {
    this.#literalCodes.forget();
    this.#matchCodes.forget();
    this.#offsetCodes.forget();
    this.learn(sequences, 0);
  }

  /** Know the sequences from this one on, too. */
  learn({ literals, matches, offsets, count }: Sequences, from: number): void {
    for (let sequence = from; sequence < count; sequence++) {
      this.#literalCodes.count(literalCode(literals[sequence]!));
      this.#matchCodes.count(matchCode(matches[sequence]!));
      this.#offsetCodes.count(offsetCode(offsets[sequence]!));
    }
    this.#update();
  }

  /** Price of a run's length; its bytes cost LITERAL_BYTE_PRICE each. */
  ofLiterals(bytes: number): number {
    return bytes < TABLED_BYTES ? this.literals[bytes]! : this.#literalCodes.prices[literalCode(bytes)]!;
  }

  /** Price of a copy's length. */
  ofMatch(bytes: number): number {
    return bytes < TABLED_BYTES ? this.matches[bytes]! : this.#matchCodes.prices[matchCode(bytes)]!;
  }

  #update(): void {
    this.#literalCodes.update();
    this.#matchCodes.update();
    this.#offsetCodes.update();
    for (let bytes = 0; bytes < TABLED_BYTES; bytes++) {
      this.literals[bytes] = this.#literalCodes.prices[literalCode(bytes)]!;
    }
    for (let bytes = MIN_MATCH; bytes < TABLED_BYTES; bytes++) {
      this.matches[bytes] = this.#matchCodes.prices[matchCode(bytes)]!;
    }
  }
}
