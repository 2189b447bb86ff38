/**
 * A body as one gzip member (RFC 1952) in which every literal is a field of 9 bits: what is variable can be overwritten there.
 *
 * One dynamic block of deflate (RFC 1951). The codes of all 256 literals are a one and their 8 bits; the codes of lengths and of the
 * block's end begin with a zero and share the other half of the codes.
 */
import { TRAILER_BYTES } from "../../stamp/gzip-layout.ts";
import { BitWriter } from "../zstd/bit-writer.ts";
import type { Effort } from "../zstd/effort.ts";
import type { Tokens } from "../zstd/tokens.ts";
import { Copies } from "./copies.ts";
import {
  DISTANCE_CODES,
  distanceBits,
  distanceCode,
  LENGTH_CODES,
  lengthBases,
  lengthBits,
  lengthCode,
} from "./deflate-codes.ts";
import { parse } from "./deflate-parse.ts";
import { codeLengths, reversedCodes } from "./package-merge.ts";

/** Bits of a literal's field: a one, then the byte's from the highest to the lowest. */
const LITERAL_BITS = 9;

const LITERALS = 256;
const END_OF_BLOCK = 256;
const MAX_LENGTH_BITS = 7;
const MAX_DISTANCE_BITS = 15;

/** Header without name, time and flags; the system is unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** In this order the lengths of the code of code lengths are written: RFC 1951, section 3.2.7. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

const literalCodes = Uint16Array.from({ length: LITERALS }, (_, byte) => {
  let code = 1;
  for (let bit = 0; bit < 8; bit++) code |= ((byte >> bit) & 1) << (8 - bit);
  return code;
});

/** Writes members, one at a time, into a buffer of its own. */
export class GzipWriter {
  readonly #copies = new Copies();
  readonly #bits = new BitWriter(1 << 18);
  /** Bit of the member at which each token's first field begins, or -1 for tokens that are copies. */
  places = new Int32Array(1 << 16);
  readonly #effort: Effort;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /**
   * The member of a body that is cut into these tokens, with zeros for its CRC; a new buffer. Undefined when it would not be
   * smaller than the body.
   *
   * body  bytes of the tokens; those of variables may differ from the ones that the tokens were made of
   */
  write(body: Uint8Array, tokens: Tokens): Buffer | undefined {
    if (this.places.length < tokens.count) this.places = new Int32Array(tokens.count * 2);
    this.places.fill(-1, 0, tokens.count);
    parse(tokens, this.#effort, this.#copies);
    this.#bits.reset();
    this.#writeBlock(body, tokens);
    this.#bits.pad();
    const block = this.#bits.written;
    const length = HEADER.length + block.length + TRAILER_BYTES;
    if (length >= body.length) return undefined;
    const member = Buffer.alloc(length);
    HEADER.copy(member);
    member.set(block, HEADER.length);
    member.writeUInt32LE(body.length, length - 4);
    return member;
  }

  #writeBlock(body: Uint8Array, tokens: Tokens): void {
    const bits = this.#bits;
    const { positions } = tokens;
    const { runs, ends, lengths, distances, count, rest } = this.#copies;
    const { lengthCodes, distanceCodes } = this.#fitCodes();
    const all = new Uint8Array([
      ...new Uint8Array(LITERALS).fill(LITERAL_BITS),
      ...lengthCodes,
      ...distanceCodes,
    ]);
    let at = HEADER.length * 8 + writeCodes(all, lengthCodes.length, bits);
    const lengthOut = reversedCodes(lengthCodes);
    const distanceOut = reversedCodes(distanceCodes);
    const literals = (from: number, to: number): void => {
      for (let token = from; token < to; token++) {
        this.places[token] = at;
        for (let byte = positions[token]!; byte < positions[token + 1]!; byte++) {
          bits.add(literalCodes[body[byte]!]!, LITERAL_BITS);
          at += LITERAL_BITS;
        }
      }
    };
    for (let copy = 0; copy < count; copy++) {
      literals(runs[copy]!, ends[copy]!);
      const length = lengthCode(lengths[copy]!);
      bits.add(lengthOut[length + 1]!, lengthCodes[length + 1]!);
      bits.add(lengths[copy]! - lengthBases[length]!, lengthBits[length]!);
      const distance = distanceCode(distances[copy]!);
      const extra = distanceBits(distance);
      bits.add(distanceOut[distance]!, distanceCodes[distance]!);
      // Bases of distances are multiples of what their extra bits count to.
      bits.add((distances[copy]! - 1) & ((1 << extra) - 1), extra);
      at += lengthCodes[length + 1]! + lengthBits[length]! + distanceCodes[distance]! + extra;
    }
    literals(rest, tokens.count);
    bits.add(lengthOut[END_OF_BLOCK - LITERALS]!, lengthCodes[END_OF_BLOCK - LITERALS]!);
  }

  /** Lengths of codes: of the end of the block and all lengths, and of all distances. */
  #fitCodes(): { lengthCodes: Uint8Array; distanceCodes: Uint8Array } {
    const { lengths, distances, count } = this.#copies;
    const lengthCounts = new Int32Array(1 + LENGTH_CODES);
    const distanceCounts = new Int32Array(DISTANCE_CODES);
    lengthCounts[END_OF_BLOCK - LITERALS] = 1;
    for (let copy = 0; copy < count; copy++) {
      lengthCounts[1 + lengthCode(lengths[copy]!)]!++;
      distanceCounts[distanceCode(distances[copy]!)]!++;
    }
    // One bit more than they need among themselves: the zero that tells them from literals.
    const lengthCodes = codeLengths(lengthCounts, MAX_LENGTH_BITS).map((bits, symbol) =>
      lengthCounts[symbol]! > 0 ? bits + 1 : 0,
    );
    // A single distance has a code of one bit; where there is none, one of them is said to have one nevertheless.
    const distanceCodes = codeLengths(distanceCounts, MAX_DISTANCE_BITS);
    if (distanceCodes.every((bits) => bits === 0))
      distanceCodes[
        Math.max(
          0,
          distanceCounts.findIndex((n) => n > 0),
        )
      ] = 1;
    return { lengthCodes, distanceCodes };
  }
}

/** The block's header: all lengths of codes, run-length coded. Returns how many bits it has. RFC 1951, section 3.2.7. */
function writeCodes(all: Uint8Array, lengthCodes: number, bits: BitWriter): number {
  const runs = runLengths(all);
  const counts = new Int32Array(19);
  for (const { symbol } of runs) counts[symbol]!++;
  const codeBits = codeLengths(counts, 7);
  const codes = reversedCodes(codeBits);
  const used = ORDER.findLastIndex((symbol) => codeBits[symbol]! > 0) + 1;
  let written = 0;
  const add = (value: number, count: number): void => {
    bits.add(value, count);
    written += count;
  };
  add(1, 1);
  add(2, 2);
  add(LITERALS + lengthCodes - 257, 5);
  add(all.length - LITERALS - lengthCodes - 1, 5);
  add(used - 4, 4);
  for (const symbol of ORDER.slice(0, used)) add(codeBits[symbol]!, 3);
  for (const { symbol, extra, extraBits } of runs) {
    add(codes[symbol]!, codeBits[symbol]!);
    add(extra, extraBits);
  }
  return written;
}

interface Run {
  symbol: number;
  extra: number;
  extraBits: number;
}

/** Lengths of codes one after the other: as they are, the previous one 3 to 6 times more, zero 3 to 138 times. */
function runLengths(lengths: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at]!;
    let end = at;
    while (end < lengths.length && lengths[end] === length) end++;
    let left = end - at;
    at = end;
    if (length === 0) {
      for (; left >= 3; left -= Math.min(left, 138)) {
        const taken = Math.min(left, 138);
        runs.push(
          taken <= 10
            ? { symbol: 17, extra: taken - 3, extraBits: 3 }
            : { symbol: 18, extra: taken - 11, extraBits: 7 },
        );
      }
    } else {
      runs.push({ symbol: length, extra: 0, extraBits: 0 });
      for (left--; left >= 3; left -= Math.min(left, 6))
        runs.push({ symbol: 16, extra: Math.min(left, 6) - 3, extraBits: 2 });
    }
    for (; left > 0; left--) runs.push({ symbol: length, extra: 0, extraBits: 0 });
  }
  return runs;
}
