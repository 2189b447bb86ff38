/** Encodes the header blocks of one connection (RFC 7541), each with what the ones before left in the peer's table. */
import { encodeHuffman } from "./huffman.ts";
import { type Field, fieldOf, STATIC_TABLE } from "./static-table.ts";

/**
 * Header lists that are sent again and again: names (lower case) and values (latin1 / bytes as characters) in turn. An array
 * is not changed once it was encoded: its block is remembered.
 */
export type HeaderList = readonly string[];

/** The size of a table that nothing was said of (RFC 9113, 6.5.2). Ours is never larger: our lists are few and short. */
const MAX_TABLE_BYTES = 4096;

/**
 * One connection's blocks, in the order they are sent.
 *
 * Every field that fits goes into the table once, and stays; one that no longer fits is written out each time. So nothing is
 * ever displaced, and a list whose fields are in the table is a few bytes, which change only with the table.
 *
 * Secret values go into the table like others. They must not where somebody else can put fields of his own into the same
 * table, and learn from the lengths whether he guessed (RFC 7541, 7.1). Here all fields are of one user and for one target.
 */
export class HeaderEncoder {
  /** In the order they were added: the newest has the lowest index. */
  #table: Field[] = [];
  #tableBytes = 0;
  #maxTableBytes = MAX_TABLE_BYTES;
  #isResized = false;
  /** The blocks of lists that leave the table as it is. */
  #blocks = new WeakMap<HeaderList, Buffer>();

  /**
   * What the peer lets us keep: its SETTINGS_HEADER_TABLE_SIZE, of which we use no more than 4096; that is also what counts
   * until this is called. The next block says so to the peer.
   */
  setTableSize(bytes: number): void {
    const maxBytes = Math.min(bytes, MAX_TABLE_BYTES);
    if (maxBytes === this.#maxTableBytes) return;
    this.#maxTableBytes = maxBytes;
    this.#isResized = true;
    this.#startTable();
  }

  /**
   * The block of a list. The returned Buffer belongs to the encoder: copied by the caller before the next call, never changed
   * by it. Blocks must be sent in the order they were encoded, all of them.
   */
  encode(list: HeaderList): Buffer {
    return this.#blocks.get(list) ?? this.#encodeList(list);
  }

  #encodeList(list: HeaderList): Buffer {
    const bytes: number[] = [];
    const isAsBefore = !this.#isResized;
    if (this.#isResized) this.#writeSizes(bytes);
    const { length } = this.#table;
    for (let i = 0; i < list.length; i += 2) this.#writeField(bytes, fieldOf(list[i]!, list[i + 1]!));
    const block = Buffer.from(bytes);
    if (this.#table.length > length) this.#blocks = new WeakMap();
    else if (isAsBefore) this.#blocks.set(list, block);
    return block;
  }

  /** Size 0 in between empties the peer's table: that is the same for every peer, whichever sizes it asked for since. */
  #writeSizes(bytes: number[]): void {
    this.#isResized = false;
    writeInteger(bytes, 0x20, 0x1f, 0);
    if (this.#maxTableBytes > 0) writeInteger(bytes, 0x20, 0x1f, this.#maxTableBytes);
  }

  #startTable(): void {
    this.#table = [];
    this.#tableBytes = 0;
    this.#blocks = new WeakMap();
  }

  #writeField(bytes: number[], field: Field): void {
    const index = this.#indexOf(field);
    if (index > 0) {
      writeInteger(bytes, 0x80, 0x7f, index);
      return;
    }
    const isAdded = this.#tableBytes + field.bytes <= this.#maxTableBytes;
    const nameIndex = 1 + STATIC_TABLE.findIndex(({ name }) => name === field.name);
    if (isAdded) writeInteger(bytes, 0x40, 0x3f, nameIndex);
    else writeInteger(bytes, 0, 0xf, nameIndex);
    if (nameIndex === 0) writeText(bytes, field.name);
    writeText(bytes, field.value);
    if (isAdded) {
      this.#table.push(field);
      this.#tableBytes += field.bytes;
    }
  }

  /** 0 when neither table has the field. */
  #indexOf(field: Field): number {
    const isField = ({ name, value }: Field) => name === field.name && value === field.value;
    const inTable = this.#table.findIndex(isField);
    return inTable < 0
      ? 1 + STATIC_TABLE.findIndex(isField)
      : STATIC_TABLE.length + this.#table.length - inTable;
  }
}

/** RFC 7541, 5.1: in the bits of `mask` beside `pattern`, and behind them what has no room there. */
function writeInteger(bytes: number[], pattern: number, mask: number, value: number): void {
  if (value < mask) {
    bytes.push(pattern | value);
    return;
  }
  bytes.push(pattern | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
}

/** RFC 7541, 5.2. */
function writeText(bytes: number[], text: string): void {
  const huffman = encodeHuffman(text);
  const isShorter = huffman.length < text.length;
  writeInteger(bytes, isShorter ? 0x80 : 0, 0x7f, isShorter ? huffman.length : text.length);
  for (const byte of isShorter ? huffman : Buffer.from(text, "latin1")) bytes.push(byte);
}
