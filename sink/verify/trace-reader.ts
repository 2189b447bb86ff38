import { type IdKey, originOf, SpanDecoder, TRACE_ID_BYTES } from "../../template/ids.ts";

/**
 * Origins above these are nobody's: every 16 bytes decode to some origin, and 28 + 30 of 80 bits leave one id in four
 * million that was not made with the key and looks as if it were. A pass a second lasts for eight years.
 */
const MAX_PASS = 2 ** 28;
const MAX_ORDINAL = 2 ** 30;

/** More spans than any trace of a template has; keeps bitmaps for ids that only look like ours small. */
export const MAX_SPAN_COUNT = 2 ** 24;

/** Decodes trace ids, one after the other; spans of one trace mostly stand together, so the last one is remembered. */
export class TraceReader {
  /** Origin of the trace last read. */
  incarnation = 0;
  pass = 0;
  ordinal = 0;
  /** Reads the span ids of the trace last read. */
  readonly spans = new SpanDecoder();

  readonly #key: IdKey;
  readonly #last = new Uint8Array(TRACE_ID_BYTES);
  #lastIsOurs = false;

  constructor(key: IdKey) {
    this.#key = key;
  }

  /** Decode the 16 bytes at `offset`; false when they were not made with the key. */
  read(body: Uint8Array, offset: number): boolean {
    if (this.#isLast(body, offset)) return this.#lastIsOurs;
    for (let byte = 0; byte < TRACE_ID_BYTES; byte++) this.#last[byte] = body[offset + byte]!;
    const { incarnation, pass, ordinal } = originOf(this.#key, body, offset);
    this.#lastIsOurs = incarnation > 0 && pass < MAX_PASS && ordinal < MAX_ORDINAL;
    this.incarnation = incarnation;
    this.pass = pass;
    this.ordinal = ordinal;
    this.spans.enter(body, offset);
    return this.#lastIsOurs;
  }

  #isLast(body: Uint8Array, offset: number): boolean {
    for (let byte = 0; byte < TRACE_ID_BYTES; byte++) {
      if (this.#last[byte] !== body[offset + byte]) return false;
    }
    return true;
  }
}
