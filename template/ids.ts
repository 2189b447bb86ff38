/**
 * Ids: how a template names a trace or a span, and what these names become each time they are sent.
 *
 * In a template file, ids say plainly what they stand for ("template ids"):
 *
 *   trace id   "stampede" (8 bytes ASCII)      | trace ordinal (8 bytes, big-endian)
 *   span id    spans of the trace (4 bytes BE) | span ordinal + 1 (4 bytes BE)
 *
 * On the wire they look random, and decode (with the run's key) to who sent them, when and in which place:
 *
 *   trace id = P(incarnation 48 bits | pass 40 bits | trace ordinal 40 bits), P a keyed permutation of 128 bits
 *   span id  = T xor K, where T encodes (span ordinal, spans of the trace) and K is drawn from the trace id
 *
 * So one span that arrives tells how many spans its trace must have, and a receiver can name what it misses.
 * T has odd parity and K even parity: their xor is never zero. K needs no key, so parents stay linked whoever reads them.
 */
import { mix, unmix } from "./mix.ts";

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Span ordinals from here on name spans that are never sent: the parents of a rootless trace's top spans. */
export const NEVER_SENT_ORDINAL = 0x8000_0000;

/** First 8 bytes of every template trace id: "stampede". */
const TEMPLATE_TRACE_WORDS = [0x7374616d, 0x70656465] as const;

const TWO_32 = 2 ** 32;

/** Where a trace id comes from. */
export interface TraceOrigin {
  /** One life of one replica, 1 <= incarnation < 2^48. */
  incarnation: number;
  /** Trip through the templates, 0 <= pass < 2^40. */
  pass: number;
  /** The trace's place in the template file, 0 <= ordinal < 2^40. */
  ordinal: number;
}

// ---- template ids --------------------------------------------------------------------------------------------

/** Write the template trace id of a trace, 16 bytes at `offset`. */
export function writeTemplateTraceId(target: Uint8Array, offset: number, ordinal: number): void {
  const view = viewOf(target);
  view.setUint32(offset, TEMPLATE_TRACE_WORDS[0]);
  view.setUint32(offset + 4, TEMPLATE_TRACE_WORDS[1]);
  view.setUint32(offset + 8, Math.floor(ordinal / TWO_32));
  view.setUint32(offset + 12, ordinal % TWO_32);
}

/** The ordinal in a template trace id, or -1 when these 16 bytes are not one. */
export function readTemplateTraceId(source: Uint8Array, offset: number): number {
  if (readWord(source, offset) !== TEMPLATE_TRACE_WORDS[0]) return -1;
  if (readWord(source, offset + 4) !== TEMPLATE_TRACE_WORDS[1]) return -1;
  return readWord(source, offset + 8) * TWO_32 + readWord(source, offset + 12);
}

/** Write the template span id of span `ordinal` (0-based) in a trace of `spanCount` spans, 8 bytes at `offset`. */
export function writeTemplateSpanId(
  target: Uint8Array,
  offset: number,
  ordinal: number,
  spanCount: number,
): void {
  const view = viewOf(target);
  view.setUint32(offset, spanCount);
  view.setUint32(offset + 4, ordinal + 1);
}

/** Spans of the trace, as a template span id tells it. */
export function readTemplateSpanCount(source: Uint8Array, offset: number): number {
  return readWord(source, offset);
}

/** Ordinal of the span in its trace, as a template span id tells it; -1 for eight zero bytes. */
export function readTemplateSpanOrdinal(source: Uint8Array, offset: number): number {
  return readWord(source, offset + 4) - 1;
}

// ---- sent ids: traces ----------------------------------------------------------------------------------------

/** Eight 32-bit words of key: four to xor in front of the permutation, four behind it. */
export type IdKey = Int32Array;

/** The key that ids are made and read with: SHA-256("stampede" + seed). */
export function idKeyOf(seed: number): IdKey {
  // Loaded when it is called: it takes 2 MB, and a sender is told its key.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(`stampede${seed}`).digest();
  return Int32Array.from({ length: 8 }, (_, word) => digest.readInt32LE(word * 4));
}

/**
 * The trace id of (incarnation, pass, ordinal) as four 32-bit words in `words`; on the wire each is little-endian.
 *
 * A keyed permutation, so distinct origins give distinct ids and the id leads back to its origin. The permutation
 * is Chaskey's (8 rounds of additions, rotations and xors on four words, after N. Mouha et al., 2014) between two
 * key whitenings: it mixes every bit into every other in some 20 ns, and nothing secret hangs on it. The one origin
 * that would become the all-zero id, which OTLP forbids, goes through the permutation once more.
 */
export function traceIdWords(
  key: IdKey,
  incarnation: number,
  pass: number,
  ordinal: number,
  words: Int32Array,
): void {
  words[0] = Math.floor(incarnation / 0x1_0000) | 0;
  words[1] = ((incarnation & 0xffff) << 16) | ((pass / 0x100_0000) & 0xffff);
  words[2] = ((pass & 0xff_ffff) << 8) | ((ordinal / TWO_32) & 0xff);
  words[3] = ordinal | 0;
  permute(key, words);
  if ((words[0] | words[1] | words[2] | words[3]) === 0) permute(key, words);
}

/** The origin of a trace id that was made with this key. Any 16 bytes decode to something: check its plausibility. */
export function originOf(key: IdKey, traceId: Uint8Array, offset = 0): TraceOrigin {
  const words = readWords(traceId, offset);
  invert(key, words);
  // An id of the one origin that was permuted twice: one more step back. The all-zero block is nobody's origin.
  if ((words[0]! | words[1]! | words[2]! | words[3]!) === 0) invert(key, words);
  const [w0, w1, w2, w3] = [words[0]! >>> 0, words[1]! >>> 0, words[2]! >>> 0, words[3]! >>> 0];
  return {
    incarnation: w0 * 0x1_0000 + (w1 >>> 16),
    pass: (w1 & 0xffff) * 0x100_0000 + (w2 >>> 8),
    ordinal: (w2 & 0xff) * TWO_32 + w3,
  };
}

/** A sent trace id as 16 bytes; for tests, tools and everything that is not the hot path. */
export function traceIdOf(key: IdKey, origin: TraceOrigin): Uint8Array {
  const words = new Int32Array(4);
  traceIdWords(key, origin.incarnation, origin.pass, origin.ordinal, words);
  return new Uint8Array(words.buffer);
}

function permute(key: IdKey, words: Int32Array): void {
  let a = words[0]! ^ key[0]!;
  let b = words[1]! ^ key[1]!;
  let c = words[2]! ^ key[2]!;
  let d = words[3]! ^ key[3]!;
  for (let round = 0; round < 8; round++) {
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 13) | (d >>> 19)) ^ a;
    c = (c + b) | 0;
    b = ((b << 7) | (b >>> 25)) ^ c;
    c = (c << 16) | (c >>> 16);
  }
  words[0] = a ^ key[4]!;
  words[1] = b ^ key[5]!;
  words[2] = c ^ key[6]!;
  words[3] = d ^ key[7]!;
}

function invert(key: IdKey, words: Int32Array): void {
  let a = words[0]! ^ key[4]!;
  let b = words[1]! ^ key[5]!;
  let c = words[2]! ^ key[6]!;
  let d = words[3]! ^ key[7]!;
  for (let round = 0; round < 8; round++) {
    c = (c << 16) | (c >>> 16);
    b ^= c;
    b = (b >>> 7) | (b << 25);
    c = (c - b) | 0;
    d ^= a;
    d = (d >>> 13) | (d << 19);
    a = (a - d) | 0;
    d ^= c;
    d = (d >>> 8) | (d << 24);
    c = (c - d) | 0;
    a = (a << 16) | (a >>> 16);
    b ^= a;
    b = (b >>> 5) | (b << 27);
    a = (a - b) | 0;
  }
  words[0] = a ^ key[0]!;
  words[1] = b ^ key[1]!;
  words[2] = c ^ key[2]!;
  words[3] = d ^ key[3]!;
}

// ---- sent ids: spans -----------------------------------------------------------------------------------------

/** Low half of K, the word that is xored into bytes 0..3 (little-endian) of every span id of this trace and send. */
export function spanKeyLow(words: Int32Array): number {
  return mix(words[0]! ^ rotate(words[2]!, 11));
}

/** High half of K, for bytes 4..7; its lowest bit makes the parity of K even. */
export function spanKeyHigh(words: Int32Array, low: number): number {
  const high = mix(words[1]! ^ rotate(words[3]!, 19) ^ 0x5bd1e995);
  return high ^ parity(high ^ low);
}

/**
 * Write T, the frozen form of a span id: the constant that a send's K is xored into. 8 bytes at `offset`.
 *
 *   bytes 0..3 LE   a bijection of the span's ordinal
 *   bytes 4..7 LE   bits 1..31: spans of the trace, masked by a hash of the ordinal; bit 0: makes the parity odd
 */
export function writeFrozenSpanId(
  target: DataView,
  offset: number,
  ordinal: number,
  spanCount: number,
): void {
  const low = mix(ordinal);
  const high = ((spanCount ^ spanCountMask(ordinal)) << 1) | 0;
  target.setInt32(offset, low, true);
  target.setInt32(offset + 4, high | (1 ^ parity(low ^ high)), true);
}

/** A sent span id, given the trace id it belongs to; for tests, tools and everything that is not the hot path. */
export function spanIdOf(traceId: Uint8Array, ordinal: number, spanCount: number): Uint8Array {
  const words = readWords(traceId, 0);
  const low = spanKeyLow(words);
  const spanId = new Uint8Array(SPAN_ID_BYTES);
  const view = viewOf(spanId);
  writeFrozenSpanId(view, 0, ordinal, spanCount);
  view.setInt32(0, view.getInt32(0, true) ^ low, true);
  view.setInt32(4, view.getInt32(4, true) ^ spanKeyHigh(words, low), true);
  return spanId;
}

/** What the span ids of one trace decode to. Reused per trace: `SpanDecoder.read` fills ordinal and spanCount. */
export class SpanDecoder {
  ordinal = 0;
  spanCount = 0;
  #low = 0;
  #high = 0;
  readonly #words = new Int32Array(4);

  /** Choose the trace whose span ids are read next: its 16-byte id stands at `offset`. */
  enter(traceId: Uint8Array, offset: number): void {
    for (let word = 0; word < 4; word++) this.#words[word] = readWordLittle(traceId, offset + word * 4);
    this.#low = spanKeyLow(this.#words);
    this.#high = spanKeyHigh(this.#words, this.#low);
  }

  /** Decode the 8 bytes at `offset`. False when no span of Stampede's has this id in this trace. */
  read(spanId: Uint8Array, offset: number): boolean {
    const low = readWordLittle(spanId, offset) ^ this.#low;
    const high = readWordLittle(spanId, offset + 4) ^ this.#high;
    this.ordinal = unmix(low) >>> 0;
    this.spanCount = (high >>> 1) ^ spanCountMask(this.ordinal);
    if (parity(low ^ high) !== 1) return false;
    return this.ordinal < this.spanCount || this.ordinal >= NEVER_SENT_ORDINAL;
  }
}

function spanCountMask(ordinal: number): number {
  return mix(ordinal ^ 0x2545f491) >>> 1;
}

function parity(value: number): number {
  let x = value ^ (value >>> 16);
  x ^= x >>> 8;
  x ^= x >>> 4;
  return (0x6996 >>> (x & 15)) & 1;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function readWords(source: Uint8Array, offset: number): Int32Array {
  const words = new Int32Array(4);
  for (let word = 0; word < 4; word++) words[word] = readWordLittle(source, offset + word * 4);
  return words;
}

/** Unsigned big-endian 32-bit word. */
function readWord(source: Uint8Array, offset: number): number {
  return (
    ((source[offset]! << 24) |
      (source[offset + 1]! << 16) |
      (source[offset + 2]! << 8) |
      source[offset + 3]!) >>>
    0
  );
}

/** Signed little-endian 32-bit word. */
function readWordLittle(source: Uint8Array, offset: number): number {
  return (
    source[offset]! | (source[offset + 1]! << 8) | (source[offset + 2]! << 16) | (source[offset + 3]! << 24)
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
