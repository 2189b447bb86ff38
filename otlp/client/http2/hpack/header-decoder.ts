/** Decodes the header blocks of one connection (RFC 7541), each with what the ones before left in the table. */
import { DynamicTable } from "./dynamic-table.ts";
import { HpackError } from "./hpack-error.ts";
import { decodeHuffman } from "./huffman.ts";
import { type Field, fieldOf, STATIC_TABLE } from "./static-table.ts";

export { HpackError };

/** Fields of a block, by name; of a name that comes twice the first counts. */
export type Fields = ReadonlyMap<string, string>;

/** Of these many blocks the fields are kept: an answer has two, and those of a refusal come in between. */
const MEMOS = 4;
/** What is longer has most likely texts in it, which change. */
const MAX_MEMO_BYTES = 16;
type Memo = { readonly block: Buffer; readonly fields: Fields };

/** Larger integers are of no use: no text or table of ours is so large (RFC 7541, 5.1 asks for a limit). */
const MAX_INTEGER = 2 ** 28;
const MAX_INTEGER_BYTES = 5;

/** One connection's blocks, in the order they came. */
export class HeaderDecoder {
  readonly #maxTableBytes: number;
  readonly #maxListBytes: number;
  readonly #table: DynamicTable;
  /** The place in the block that is being decoded. */
  #at = 0;
  /** Blocks that left the table as it was mean the same until it changes: most answers of a receiver are the same few bytes. */
  #memos: Memo[] = [];
  #memoVersion = 0;

  /**
   * maxTableBytes: what we announce as SETTINGS_HEADER_TABLE_SIZE. The peer's table is taken to have that size, so where it is
   * not 4096 the settings must have come before the peer's first block; they have when it answers a request that followed them.
   * maxListBytes: a decoded list larger than this, counted as RFC 9113 does (name, value and 32 each), is an error.
   */
  constructor(maxTableBytes = 4096, maxListBytes = 65_536) {
    this.#maxTableBytes = maxTableBytes;
    this.#maxListBytes = maxListBytes;
    this.#table = new DynamicTable(maxTableBytes);
  }

  /**
   * Decodes one whole block (HEADERS and its CONTINUATIONs put together), of which nothing is kept. Texts are latin1: a byte in
   * each character. The fields are not changed any more, and may be those of an earlier block.
   * Throws HpackError: the connection cannot be used further, its table is in an unknown state.
   */
  decode(block: Buffer): Fields {
    const known = this.#recall(block);
    if (known) return known;
    const { version } = this.#table;
    const fields = this.#decodeFields(block);
    if (version === this.#table.version && block.length <= MAX_MEMO_BYTES) this.#keep(block, fields);
    return fields;
  }

  #decodeFields(block: Buffer): Fields {
    const fields = new Map<string, string>();
    let bytesLeft = this.#maxListBytes;
    this.#at = 0;
    this.#readSizeUpdates(block);
    while (this.#at < block.length) {
      const field = this.#readField(block);
      bytesLeft -= field.bytes;
      if (bytesLeft < 0) throw new HpackError(`the header list has more than ${this.#maxListBytes} bytes`);
      if (!fields.has(field.name)) fields.set(field.name, field.value);
    }
    return fields;
  }

  /** At the start of a block there may be the smallest size since the last block, and the size from here on (RFC 7541, 4.2). */
  #readSizeUpdates(block: Buffer): void {
    for (let count = 0; count < 2 && isSizeUpdate(block[this.#at]); count++) {
      const bytes = this.#readInteger(block, 0x1f);
      if (bytes > this.#maxTableBytes) {
        throw new HpackError(`the header table is to have ${bytes} bytes, more than ${this.#maxTableBytes}`);
      }
      this.#table.resize(bytes);
    }
  }

  /** The representations of RFC 7541, 6.1 and 6.2. */
  #readField(block: Buffer): Field {
    const first = block[this.#at]!;
    if (first >= 0x80) return this.#fieldAt(this.#readInteger(block, 0x7f));
    if (isSizeUpdate(first)) {
      throw new HpackError("the header block changes the table's size once too often, or behind a field");
    }
    // The rest are texts: to be added to the table, or not, or never by anyone.
    const isAdded = first >= 0x40;
    const index = this.#readInteger(block, isAdded ? 0x3f : 0xf);
    const name = index === 0 ? this.#readText(block) : this.#fieldAt(index).name;
    const field = fieldOf(name, this.#readText(block));
    if (isAdded) this.#table.add(field);
    return field;
  }

  #fieldAt(index: number): Field {
    const isStatic = index <= STATIC_TABLE.length;
    const field = isStatic ? STATIC_TABLE[index - 1] : this.#table.get(index - STATIC_TABLE.length - 1);
    if (!field) throw new HpackError(`the header block names field ${index}, which its table does not have`);
    return field;
  }

  /** RFC 7541, 5.2. */
  #readText(block: Buffer): string {
    const isHuffman = this.#at < block.length && block[this.#at]! >= 0x80;
    const length = this.#readInteger(block, 0x7f);
    const from = this.#at;
    this.#at += length;
    if (this.#at > block.length) throw new HpackError(BROKEN_OFF);
    return isHuffman ? decodeHuffman(block, from, this.#at) : block.toString("latin1", from, this.#at);
  }

  /** An integer in the bits of `mask` and, where they are all ones, in bytes behind (RFC 7541, 5.1). */
  #readInteger(block: Buffer, mask: number): number {
    if (this.#at >= block.length) throw new HpackError(BROKEN_OFF);
    const small = block[this.#at++]! & mask;
    return small < mask ? small : this.#readLargeInteger(block, mask);
  }

  #readLargeInteger(block: Buffer, mask: number): number {
    let value = mask;
    for (let count = 1; count < MAX_INTEGER_BYTES; count++) {
      if (this.#at >= block.length) throw new HpackError(BROKEN_OFF);
      const byte = block[this.#at++]!;
      value += (byte & 0x7f) * 2 ** (7 * (count - 1));
      if (byte < 0x80 && value <= MAX_INTEGER) return value;
    }
    throw new HpackError(`the header block has an integer above ${MAX_INTEGER}`);
  }

  #recall(block: Buffer): Fields | undefined {
    if (this.#memoVersion !== this.#table.version) return undefined;
    for (const memo of this.#memos) {
      if (isSame(memo.block, block)) return memo.fields;
    }
    return undefined;
  }

  #keep(block: Buffer, fields: Fields): void {
    if (this.#memoVersion !== this.#table.version) {
      this.#memoVersion = this.#table.version;
      this.#memos = [];
    }
    if (this.#memos.length === MEMOS) this.#memos.shift();
    this.#memos.push({ block: Buffer.from(block), fields });
  }
}

const BROKEN_OFF = "the header block breaks off inside a field";

function isSizeUpdate(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xe0) === 0x20;
}

/** Of a few bytes a loop is quicker than a call of native code. */
function isSame(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
