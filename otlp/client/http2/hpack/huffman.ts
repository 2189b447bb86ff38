/**
 * The Huffman code of header texts (RFC 7541, 5.2 and appendix B).
 *
 * The code is canonical: the codes of one length follow each other in the order of their symbols, and the first of a length
 * follows the last of the length before. So the lengths alone are the whole code.
 */
import { HpackError } from "./hpack-error.ts";

/** How many bits each symbol's code has, a digit of base 32 each: the 256 bytes, then the sign for the end. */
const LENGTHS = Array.from(
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
    "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
    "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
    "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu",
  (digit) => Number.parseInt(digit, 32),
);
const END = 256;

/** The code of each symbol, its last bit rightmost. */
const CODES = codesOf(LENGTHS);

/**
 * Texts are decoded by half bytes: as no code is shorter than 5 bits, half a byte completes one symbol at most. Where in the
 * code's tree we are is a node: 0 the root, 1 to 255 the other inner nodes, DEAD past the sign for the end.
 * STEPS has for each node and half byte the next node in bits 0 to 8; and, when a symbol became complete, the symbol in bits 9
 * to 16 and COMPLETE.
 */
const STEPS = new Int32Array(257 * 16);
const COMPLETE = 1 << 17;
const DEAD = 256;
/** Nodes where a text may end: since its last symbol at most 7 bits came, all of them ones. */
const MAY_END = new Uint8Array(257);
fillTables();

/** Texts are put together here, unless they may be longer. Joined character by character they would be kept as such. */
const scratch = Buffer.allocUnsafeSlow(1024);

/**
 * Decode the bytes `from` to before `to`, which are not kept, to a text with a byte in each character.
 * Throws HpackError for a padding longer than 7 bits or not all ones, and for the sign for the end.
 */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string {
  // The shortest codes have 5 bits.
  const most = Math.floor(((to - from) * 8) / 5);
  const text = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  let length = 0;
  let node = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    const first = STEPS[(node << 4) | (byte >> 4)]!;
    // What is above the symbol has no room in a byte.
    if (first >= COMPLETE) text[length++] = first >> 9;
    const second = STEPS[((first & 0x1ff) << 4) | (byte & 0xf)]!;
    if (second >= COMPLETE) text[length++] = second >> 9;
    node = second & 0x1ff;
  }
  if (MAY_END[node] === 0)
    throw new HpackError("a text of the header block breaks off inside its Huffman code");
  return text.toString("latin1", 0, length);
}

/** Encode a text of characters of one byte each. */
export function encodeHuffman(text: string): Buffer {
  const bytes: number[] = [];
  // Of a code of 30 bits and 7 bits before it there are more than the 32 that << knows.
  let bits = 0;
  let count = 0;
  for (const byte of Buffer.from(text, "latin1")) {
    bits = bits * 2 ** LENGTHS[byte]! + CODES[byte]!;
    count += LENGTHS[byte]!;
    while (count >= 8) {
      count -= 8;
      bytes.push(Math.floor(bits / 2 ** count));
      bits %= 2 ** count;
    }
  }
  if (count > 0) bytes.push(((bits + 1) << (8 - count)) - 1);
  return Buffer.from(bytes);
}

function codesOf(lengths: readonly number[]): number[] {
  const codes: number[] = [];
  let next = 0;
  for (let length = 1; length <= 30; length++) {
    next *= 2;
    for (const [symbol, itsLength] of lengths.entries()) {
      if (itsLength === length) codes[symbol] = next++;
    }
  }
  return codes;
}

function fillTables(): void {
  const children = childrenOfNodes();
  for (let node = 0; node < DEAD; node++) {
    for (let halfByte = 0; halfByte < 16; halfByte++)
      STEPS[node * 16 + halfByte] = stepOf(children, node, halfByte);
  }
  STEPS.fill(DEAD, DEAD * 16);
  for (let bits = 0, node = 0; bits <= 7; bits++, node = children[node]![1]!) MAY_END[node] = 1;
}

/** What each inner node's two bits lead to: a node, or ~symbol. */
function childrenOfNodes(): number[][] {
  const children: number[][] = [[]];
  for (const [symbol, code] of CODES.entries()) {
    let node = 0;
    for (let left = LENGTHS[symbol]! - 1; left > 0; left--) {
      const branches = children[node]!;
      const bit = (code >> left) & 1;
      branches[bit] ??= children.push([]) - 1;
      node = branches[bit];
    }
    children[node]![code & 1] = ~symbol;
  }
  return children;
}

function stepOf(children: number[][], from: number, halfByte: number): number {
  let node = from;
  let complete = 0;
  for (let left = 3; left >= 0; left--) {
    node = children[node]![(halfByte >> left) & 1]!;
    if (~node === END) return DEAD;
    if (node < 0) {
      complete = COMPLETE | (~node << 9);
      node = 0;
    }
  }
  return complete | node;
}
