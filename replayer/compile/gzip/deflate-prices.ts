/** What a copy costs in a block of deflate: the codes of its length and distance, and their extra bits. In units of 1/16 of a bit. */
import type { Copies } from "./copies.ts";
import {
  DISTANCE_CODES,
  distanceBits,
  distanceCode,
  LENGTH_CODES,
  lengthBits,
  lengthCode,
  MAX_MATCH,
  MIN_MATCH,
} from "./deflate-codes.ts";

/** Units of a price in a bit. */
export const BIT = 16;

/** Bits of a literal byte; see gzip-writer.ts. */
export const LITERAL_PRICE = 9 * BIT;

/** Codes that did not occur weigh as much as this. */
const WEIGHT_OF_ABSENT = 0.3;

/** Bits that codes have where nothing is known: of lengths the shortest first, with the bit that tells them from literals. */
const LENGTH_CODE_BITS = { first: 4, more: 0.16, most: 8 } as const;
const DISTANCE_CODE_BITS = 4.3;

export class DeflatePrices {
  /** By bytes of a copy. */
  readonly lengths = new Int32Array(MAX_MATCH + 1);
  /** By code of a distance. */
  readonly distances = new Int32Array(DISTANCE_CODES);

  /** Know nothing but what is typical of traces, logs and metrics. */
  reset(): void {
    const { first, more, most } = LENGTH_CODE_BITS;
    this.#set(
      (code) => Math.min(first + code * more, most),
      () => DISTANCE_CODE_BITS,
    );
  }

  /** Know these copies. */
  learn({ lengths, distances, count }: Copies): void {
    const lengthCounts = new Float64Array(LENGTH_CODES).fill(WEIGHT_OF_ABSENT);
    const distanceCounts = new Float64Array(DISTANCE_CODES).fill(WEIGHT_OF_ABSENT);
    for (let copy = 0; copy < count; copy++) {
      lengthCounts[lengthCode(lengths[copy]!)]!++;
      distanceCounts[distanceCode(distances[copy]!)]!++;
    }
    this.#set(
      (code) => Math.min(1 + Math.log2(count / lengthCounts[code]!), LENGTH_CODE_BITS.most),
      (code) => Math.log2(count / distanceCounts[code]!),
    );
  }

  #set(bitsOfLength: (code: number) => number, bitsOfDistance: (code: number) => number): void {
    for (let bytes = MIN_MATCH; bytes <= MAX_MATCH; bytes++) {
      const code = lengthCode(bytes);
      this.lengths[bytes] = Math.round((bitsOfLength(code) + lengthBits[code]!) * BIT);
    }
    for (let code = 0; code < DISTANCE_CODES; code++) {
      this.distances[code] = Math.round((bitsOfDistance(code) + distanceBits(code)) * BIT);
    }
  }
}
