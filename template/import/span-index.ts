/**
 * Where each imported span went: foreign trace and span id to template ids. Links between traces and log records are
 * resolved with it. Bounded: at MAX_SPANS it takes no more, and what refers to a later span goes unlinked.
 *
 * An open-addressing table of 9 words an entry, 36 bytes, in one typed array; on disk the entries one after the other.
 *
 *   words 0..3  trace id     words 4..5  span id (zero: the entry of the trace itself)
 *   word 6      trace ordinal   word 7  span ordinal   word 8  spans of the trace
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

const ENTRY_WORDS = 9;
const KEY_WORDS = 6;

/** Entries that are remembered: spans and traces together. 2 M of them take up to 151 MB. */
export const MAX_SPANS = 2_000_000;

/** What a span of a foreign file is called in the template. */
export interface TemplateSpan {
  traceOrdinal: number;
  spanOrdinal: number;
  spanCount: number;
}

export class SpanIndex {
  /** Entries that found no room. */
  forgotten = 0;
  #entries = 0;
  #words: Uint32Array;
  readonly #limit: number;
  readonly #key = new Uint32Array(KEY_WORDS);

  constructor(limit = MAX_SPANS) {
    this.#limit = limit;
    this.#words = new Uint32Array(1024 * ENTRY_WORDS);
  }

  /** Remember a span, or with spanId undefined its trace. Ids in latin1: 16 and 8 characters. */
  add(
    traceId: string,
    spanId: string | undefined,
    { traceOrdinal, spanOrdinal, spanCount }: TemplateSpan,
  ): void {
    if (this.#entries >= this.#limit) {
      this.forgotten++;
      return;
    }
    if ((this.#entries + 1) * ENTRY_WORDS > this.#words.length * MAX_LOAD) this.#grow();
    this.#setKey(traceId, spanId);
    const at = this.#find(this.#words, this.#key);
    if (isFree(this.#words, at)) this.#entries++;
    this.#words.set(this.#key, at);
    this.#words[at + 6] = traceOrdinal;
    this.#words[at + 7] = spanOrdinal;
    this.#words[at + 8] = spanCount;
  }

  /** The template's name of a span, or with spanId undefined of its trace (span ordinal 0); undefined when not known. */
  find(traceId: string, spanId: string | undefined): TemplateSpan | undefined {
    this.#setKey(traceId, spanId);
    const words = this.#words;
    const at = this.#find(words, this.#key);
    if (isFree(words, at)) return undefined;
    return { traceOrdinal: words[at + 6]!, spanOrdinal: words[at + 7]!, spanCount: words[at + 8]! };
  }

  /** Write all entries to a file that is made anew. */
  save(path: string): void {
    const fd = openSync(path, "w");
    try {
      const packed = new Uint32Array(this.#entries * ENTRY_WORDS);
      let to = 0;
      for (let at = 0; at < this.#words.length; at += ENTRY_WORDS) {
        if (isFree(this.#words, at)) continue;
        packed.set(this.#words.subarray(at, at + ENTRY_WORDS), to);
        to += ENTRY_WORDS;
      }
      const bytes = Buffer.from(packed.buffer);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
  }

  /** Read what `save` wrote. */
  static load(path: string): SpanIndex {
    const bytes = readFileSync(path);
    const packed = new Uint32Array(bytes.length >>> 2);
    Buffer.from(packed.buffer).set(bytes.subarray(0, packed.length * 4));
    const index = new SpanIndex();
    while (index.#words.length * MAX_LOAD < packed.length)
      index.#words = new Uint32Array(index.#words.length * 2);
    for (let from = 0; from < packed.length; from += ENTRY_WORDS) {
      const entry = packed.subarray(from, from + ENTRY_WORDS);
      index.#words.set(entry, index.#find(index.#words, entry));
      index.#entries++;
    }
    return index;
  }

  #setKey(traceId: string, spanId: string | undefined): void {
    const bytes = Buffer.from(this.#key.buffer);
    bytes.fill(0);
    bytes.write(traceId, 0, 16, "latin1");
    if (spanId !== undefined) bytes.write(spanId, 16, 8, "latin1");
  }

  /** Index of the key's entry, or of the free place where it belongs. */
  #find(words: Uint32Array, key: Uint32Array): number {
    const places = words.length / ENTRY_WORDS;
    let place = hash(key) & (places - 1);
    for (;;) {
      const at = place * ENTRY_WORDS;
      if (isFree(words, at) || isSameKey(words, at, key)) return at;
      place = (place + 1) & (places - 1);
    }
  }

  #grow(): void {
    const old = this.#words;
    const words = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += ENTRY_WORDS) {
      if (isFree(old, at)) continue;
      const entry = old.subarray(at, at + ENTRY_WORDS);
      words.set(entry, this.#find(words, entry));
    }
    this.#words = words;
  }
}

/** Share of places in use at which the table doubles. */
const MAX_LOAD = 0.6;

/** A trace has at least one span, so its count tells used places from free ones. */
function isFree(words: Uint32Array, at: number): boolean {
  return words[at + 8] === 0;
}

function isSameKey(words: Uint32Array, at: number, key: Uint32Array): boolean {
  for (let word = 0; word < KEY_WORDS; word++) if (words[at + word] !== key[word]) return false;
  return true;
}

function hash(key: Uint32Array): number {
  let h = 0;
  for (let word = 0; word < KEY_WORDS; word++) {
    h = Math.imul(h ^ key[word]!, 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h;
}
