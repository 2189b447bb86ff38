/**
 * A body as one zstd frame (RFC 8878) whose literals stand in it as they are, so that what is variable can be overwritten there.
 *
 * Single segment, with content size, without checksum and dictionary. Blocks have raw literals, and sequences by tables that are
 * fitted to the whole body: the first block that has sequences brings them, the others use them again.
 */
import { BitWriter } from "./bit-writer.ts";
import { literalBits, literalCode, MIN_MATCH, matchBits, matchCode, offsetCode } from "./codes.ts";
import type { Effort } from "./effort.ts";
import { encodeSymbol, type FseTable, firstState, fitTable, onlySymbol, writeDescription } from "./fse.ts";
import { parse } from "./parse.ts";
import { Sequences } from "./sequences.ts";
import type { Tokens } from "./tokens.ts";

/** A block may have 128 KiB, compressed or not. Room is left for what a block needs besides its literals. */
const MAX_BLOCK_BYTES = 128 * 1024;
const BLOCK_BYTES = MAX_BLOCK_BYTES - 8 * 1024;

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SINGLE_SEGMENT_WITH_FOUR_BYTES_OF_SIZE = 0xa0;
const BLOCK_HEADER_BYTES = 3;
const COMPRESSED_BLOCK = 2;
const MODE_ONE_SYMBOL = 1;
const MODE_FITTED = 2;
const MODE_AGAIN = 3;

/** Largest tables that the format allows, in bits: RFC 8878, section 3.1.1.3.2.1. */
const MAX_LOG = { literals: 9, offsets: 8, matches: 9 } as const;

interface Tables {
  readonly literals: FseTable;
  readonly offsets: FseTable;
  readonly matches: FseTable;
}

/** Writes frames, one at a time, into a buffer of its own. */
export class ZstdFrameWriter {
  #bytes = Buffer.alloc(1 << 18);
  #length = 0;
  readonly #effort: Effort;
  readonly #sequences = new Sequences();
  readonly #bits = new BitWriter();
  /** Place of each token in the frame written last, or -1 for those that are copies. */
  places = new Int32Array(1 << 16);

  constructor(effort: Effort = "fast") {
    this.#effort = effort;
  }

  /**
   * The frame of a body; a view that is valid until the next call. Undefined when it would not be smaller than the body: then the
   * format may have no such frame.
   */
  write(body: Uint8Array, tokens: Tokens): Buffer | undefined {
    this.#makeRoom(body.length, tokens.count);
    parse(tokens, BLOCK_BYTES, this.#effort, this.#sequences);
    this.#bytes.set(MAGIC, 0);
    this.#bytes[MAGIC.length] = SINGLE_SEGMENT_WITH_FOUR_BYTES_OF_SIZE;
    this.#length = this.#bytes.writeUInt32LE(body.length, MAGIC.length + 1);
    const sequences = this.#sequences;
    if (sequences.count === 0) return undefined;
    const tables = fitTables(sequences);
    const last = sequences.blocks.length - 2;
    let run = 0;
    for (let block = 0; block <= last; block++) {
      const from = sequences.blocks[block]!;
      const to = sequences.blocks[block + 1]!;
      const headerAt = this.#length;
      this.#length += BLOCK_HEADER_BYTES;
      run = this.#writeLiterals(body, tokens, run, run + to - from + 1);
      this.#writeSequences(from, to, tables);
      const size = this.#length - headerAt - BLOCK_HEADER_BYTES;
      if (size > MAX_BLOCK_BYTES) return undefined;
      const header = (block === last ? 1 : 0) | (COMPRESSED_BLOCK << 1) | (size << 3);
      this.#bytes.writeUIntLE(header, headerAt, BLOCK_HEADER_BYTES);
    }
    return this.#length < body.length ? this.#bytes.subarray(0, this.#length) : undefined;
  }

  #makeRoom(bodyBytes: number, tokens: number): void {
    // Literals and the bits of sequences together take little more than the body, even where nothing matches well.
    const most = bodyBytes * 2 + 4096;
    if (this.#bytes.length < most) this.#bytes = Buffer.alloc(most * 2);
    if (this.places.length < tokens) this.places = new Int32Array(tokens * 2);
    this.places.fill(-1, 0, tokens);
  }

  /** The literals section: runs [from, to) of literal tokens. Returns `to`. */
  #writeLiterals(body: Uint8Array, tokens: Tokens, from: number, to: number): number {
    const { runs } = this.#sequences;
    let size = 0;
    for (let run = from; run < to; run++) size += tokens.bytes(runs[run * 2]!, runs[run * 2 + 1]!);
    if (size < 32) this.#bytes[this.#length++] = size << 3;
    else if (size < 4096) this.#length = this.#bytes.writeUInt16LE((size << 4) | (1 << 2), this.#length);
    else this.#length = this.#bytes.writeUIntLE((size << 4) | (3 << 2), this.#length, 3);
    const { positions } = tokens;
    for (let run = from; run < to; run++) {
      const first = runs[run * 2]!;
      const end = runs[run * 2 + 1]!;
      const shift = this.#length - positions[first]!;
      for (let token = first; token < end; token++) this.places[token] = positions[token]! + shift;
      for (let byte = positions[first]!; byte < positions[end]!; byte++)
        this.#bytes[byte + shift] = body[byte]!;
      this.#length = positions[end]! + shift;
    }
    return to;
  }

  /** The sequences section: those of [from, to). The frame's first sequence brings the tables along. */
  #writeSequences(from: number, to: number, tables: Tables): void {
    const count = to - from;
    if (count < 128) this.#bytes[this.#length++] = count;
    else if (count < 0x7f00) {
      this.#bytes[this.#length++] = (count >> 8) + 128;
      this.#bytes[this.#length++] = count & 0xff;
    } else {
      this.#bytes[this.#length++] = 255;
      this.#length = this.#bytes.writeUInt16LE(count - 0x7f00, this.#length);
    }
    if (count === 0) return;
    const all = [tables.literals, tables.offsets, tables.matches];
    const modes = all.map((table) =>
      from > 0 ? MODE_AGAIN : onlySymbol(table) >= 0 ? MODE_ONE_SYMBOL : MODE_FITTED,
    );
    this.#bytes[this.#length++] = (modes[0]! << 6) | (modes[1]! << 4) | (modes[2]! << 2);
    if (from === 0) for (const table of all) this.#writeTable(table);
    this.#bits.reset();
    encodeSequences(this.#sequences, from, to, tables, this.#bits);
    this.#append(this.#bits.written);
  }

  #writeTable(table: FseTable): void {
    const only = onlySymbol(table);
    if (only >= 0) {
      this.#bytes[this.#length++] = only;
      return;
    }
    this.#bits.reset();
    writeDescription(table, this.#bits);
    this.#append(this.#bits.written);
  }

  #append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

function fitTables({ literals, matches, offsets, count }: Sequences): Tables {
  const counts = { literals: new Int32Array(36), matches: new Int32Array(53), offsets: new Int32Array(32) };
  for (let sequence = 0; sequence < count; sequence++) {
    counts.literals[literalCode(literals[sequence]!)]!++;
    counts.matches[matchCode(matches[sequence]!)]!++;
    counts.offsets[offsetCode(offsets[sequence]!)]!++;
  }
  return {
    literals: fitTable(counts.literals, MAX_LOG.literals),
    offsets: fitTable(counts.offsets, MAX_LOG.offsets),
    matches: fitTable(counts.matches, MAX_LOG.matches),
  };
}

/** Sequences from the last to the first, as a decoder reads them from the back: RFC 8878, section 3.1.1.3.2.1.2. */
function encodeSequences(
  { literals, matches, offsets }: Sequences,
  from: number,
  to: number,
  tables: Tables,
  bits: BitWriter,
): void {
  let sequence = to - 1;
  let literal = literalCode(literals[sequence]!);
  let offset = offsetCode(offsets[sequence]!);
  let match = matchCode(matches[sequence]!);
  let literalState = firstState(tables.literals, literal);
  let offsetState = firstState(tables.offsets, offset);
  let matchState = firstState(tables.matches, match);
  for (;;) {
    bits.add(literals[sequence]!, literalBits[literal]!);
    bits.add(matches[sequence]! - MIN_MATCH, matchBits[match]!);
    bits.add(offsets[sequence]!, offset);
    if (--sequence < from) break;
    literal = literalCode(literals[sequence]!);
    offset = offsetCode(offsets[sequence]!);
    match = matchCode(matches[sequence]!);
    offsetState = encodeSymbol(tables.offsets, bits, offsetState, offset);
    matchState = encodeSymbol(tables.matches, bits, matchState, match);
    literalState = encodeSymbol(tables.literals, bits, literalState, literal);
  }
  bits.add(matchState, tables.matches.accuracyLog);
  bits.add(offsetState, tables.offsets.accuracyLog);
  bits.add(literalState, tables.literals.accuracyLog);
  bits.close();
}
