import { Incarnation } from "./incarnation.ts";
import { type Loss, LossCollector, walkBlock } from "./losses.ts";
import type { Pass } from "./pass.ts";
import { BLOCK_TRACES, type TraceBlock } from "./trace-block.ts";

/** An open block and where it hangs. */
interface OpenBlock {
  incarnation: Incarnation;
  pass: Pass;
  index: number;
  block: TraceBlock;
}

/** How many spans may come before open blocks are counted again. */
const SPANS_BETWEEN_COUNTS = 100_000;

/**
 * Everything that is known of traces, by incarnation.
 *
 * Memory: whole passes cost nothing, whole blocks of 1,024 traces a map entry until their pass is whole, all others
 * some 21 KB each. When more than `maxOpenBlocks` are open (default 4,096: 86 MB), those that were not touched for
 * longest are settled: what they lack is written down as missing, and what still comes for them cannot be judged.
 */
export class TraceLedger {
  readonly incarnations = new Map<number, Incarnation>();
  /** Traces given up to save memory, per incarnation. */
  readonly #settled = new Map<Incarnation, LossCollector>();
  readonly #maxOpenBlocks: number;
  #spansUntilCount = SPANS_BETWEEN_COUNTS;

  constructor(maxOpenBlocks = 4096) {
    this.#maxOpenBlocks = maxOpenBlocks;
  }

  /** The incarnation of this id, which need not have been seen before. */
  incarnation(id: number, now: number): Incarnation {
    let incarnation = this.incarnations.get(id);
    if (incarnation === undefined) {
      incarnation = new Incarnation(id, now);
      this.incarnations.set(id, incarnation);
    }
    return incarnation;
  }

  /** Called after each request with the spans it held; settles blocks when there are too many. */
  keepBounded(spans: number): void {
    this.#spansUntilCount -= spans;
    if (this.#spansUntilCount > 0) return;
    this.#spansUntilCount = SPANS_BETWEEN_COUNTS;
    const open = this.#openBlocks();
    if (open.length <= this.#maxOpenBlocks) return;
    open.sort((a, b) => a.block.lastAt - b.block.lastAt);
    for (const block of open.slice(0, open.length - Math.floor(this.#maxOpenBlocks * 0.75)))
      this.#settle(block);
  }

  /** What was settled of an incarnation. */
  settledLoss(incarnation: Incarnation): Loss {
    return (this.#settled.get(incarnation) ?? new LossCollector()).result();
  }

  #settle({ incarnation, pass, index, block }: OpenBlock): void {
    let collector = this.#settled.get(incarnation);
    if (collector === undefined) {
      collector = new LossCollector();
      this.#settled.set(incarnation, collector);
    }
    const expected = pass.number < incarnation.highestPass ? incarnation.tracesPerPass : pass.highest + 1;
    const from = Math.max(index * BLOCK_TRACES, pass.completeBelow);
    const to = Math.min((index + 1) * BLOCK_TRACES, expected) - 1;
    const losses = collector;
    walkBlock(block, from, to, 0, () => losses);
    losses.endPass(pass.number);
    pass.settle(index, incarnation.tracesPerPass);
  }

  #openBlocks(): OpenBlock[] {
    const found: OpenBlock[] = [];
    for (const incarnation of this.incarnations.values()) {
      for (const pass of incarnation.open.values()) {
        for (const [index, block] of pass.open) found.push({ incarnation, pass, index, block });
      }
    }
    return found;
  }
}
