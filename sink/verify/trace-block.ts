/** Traces that one block holds: the grain in which complete traces are forgotten. */
export const BLOCK_TRACES = 1024;

/** Traces of up to so many spans keep their bitmap in one word of the block. */
const SMALL_SPANS = 32;

/** What became of one span. */
export type SpanOutcome = "new" | "completed" | "duplicate" | "contradiction";

/** Bitmaps of a trace with more than 32 spans; dropped as soon as the trace is complete. */
interface LargeTrace {
  received: Uint32Array;
  parents: Uint32Array;
  receivedCount: number;
}

/**
 * Which spans arrived of 1,024 traces with consecutive ordinals.
 *
 * About 21 KB, plus two bits for each span of a trace above 32 spans while that trace is incomplete. A slot is the
 * trace's ordinal modulo 1,024; spans are named by their ordinals, 0 <= ordinal < spanCount.
 */
export class TraceBlock {
  /** Traces with all their spans. */
  complete = 0;
  /** Milliseconds on the verifier's clock. */
  readonly firstAt: number;
  lastAt: number;
  /** Spans that each trace must have, 0 while none of them is here. */
  readonly spanCounts = new Uint32Array(BLOCK_TRACES);
  /** When the last span of each trace came, on the verifier's clock. */
  readonly seenAt = new Uint32Array(BLOCK_TRACES);
  /** Log records that point to each trace. */
  readonly links = new Uint32Array(BLOCK_TRACES);
  /** Small traces: one bit a span. Large ones: all ones when complete. */
  readonly #received = new Uint32Array(BLOCK_TRACES);
  /** Small traces: spans that others name as their parent. */
  readonly #parents = new Uint32Array(BLOCK_TRACES);
  readonly #large = new Map<number, LargeTrace>();

  constructor(now: number) {
    this.firstAt = now;
    this.lastAt = now;
  }

  /** Note one span, and the parent it names (-1: none, or one that is never sent). */
  add(slot: number, span: number, spanCount: number, parent: number, now: number): SpanOutcome {
    const known = this.spanCounts[slot]!;
    if (known === 0) this.spanCounts[slot] = spanCount;
    else if (known !== spanCount) return "contradiction";
    this.lastAt = now;
    this.seenAt[slot] = now;
    return spanCount <= SMALL_SPANS
      ? this.#addSmall(slot, span, spanCount, parent)
      : this.#addLarge(slot, span, spanCount, parent);
  }

  /** True when every span of the trace has arrived. */
  isComplete(slot: number): boolean {
    const spanCount = this.spanCounts[slot]!;
    if (spanCount === 0) return false;
    if (spanCount > SMALL_SPANS) return this.#received[slot] === 0xffff_ffff;
    return this.#received[slot] === allOnes(spanCount);
  }

  /** True when the trace is large enough to have been split over requests and its first span is here: the rest may not be sent yet. */
  mayBeCut(slot: number): boolean {
    return ((this.#large.get(slot)?.received[0] ?? 0) & 1) !== 0;
  }

  /** Spans of the trace that have not arrived; 0 when none has, because then nobody knows. */
  missingSpans(slot: number): number {
    if (this.isComplete(slot)) return 0;
    const large = this.#large.get(slot);
    const received = large?.receivedCount ?? bitCount(this.#received[slot]!);
    return this.spanCounts[slot]! - received;
  }

  /** Spans that are named as a parent and have not arrived. */
  missingParents(slot: number): number {
    const large = this.#large.get(slot);
    if (large === undefined) {
      return this.isComplete(slot) ? 0 : bitCount(this.#parents[slot]! & ~this.#received[slot]!);
    }
    return large.parents.reduce((sum, bits, word) => sum + bitCount(bits & ~large.received[word]!), 0);
  }

  #addSmall(slot: number, span: number, spanCount: number, parent: number): SpanOutcome {
    const before = this.#received[slot]!;
    const bit = 1 << span;
    if ((before & bit) !== 0) return "duplicate";
    this.#received[slot] = before | bit;
    if (parent >= 0) this.#parents[slot] = this.#parents[slot]! | (1 << parent);
    if (this.#received[slot] !== allOnes(spanCount)) return "new";
    this.complete++;
    return "completed";
  }

  #addLarge(slot: number, span: number, spanCount: number, parent: number): SpanOutcome {
    if (this.#received[slot] === 0xffff_ffff) return "duplicate";
    let large = this.#large.get(slot);
    if (large === undefined) {
      const words = Math.ceil(spanCount / 32);
      large = { received: new Uint32Array(words), parents: new Uint32Array(words), receivedCount: 0 };
      this.#large.set(slot, large);
    }
    const word = span >>> 5;
    const bit = 1 << (span & 31);
    if ((large.received[word]! & bit) !== 0) return "duplicate";
    large.received[word] = large.received[word]! | bit;
    if (parent >= 0) large.parents[parent >>> 5] = large.parents[parent >>> 5]! | (1 << (parent & 31));
    if (++large.receivedCount < spanCount) return "new";
    this.#large.delete(slot);
    this.#received[slot] = 0xffff_ffff;
    this.complete++;
    return "completed";
  }
}

/** 1 <= bits <= 32. */
function allOnes(bits: number): number {
  return 0xffff_ffff >>> (32 - bits);
}

function bitCount(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
