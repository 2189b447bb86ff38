import { BLOCK_TRACES, type SpanOutcome, TraceBlock } from "./trace-block.ts";

/** A block that is no longer looked into: all its traces are complete, or it had to make room. */
export interface ClosedBlock {
  firstAt: number;
  /** Closed with traces missing, because too many blocks were open; what comes late cannot be told from duplicates. */
  settled: boolean;
}

/** One trip through the templates by one incarnation, as far as it is not finished. */
export class Pass {
  readonly number: number;
  /** Highest trace ordinal that a span came for; -1 while there is none. */
  highest = -1;
  /** Traces that are complete, and those in settled blocks. */
  closedTraces: number;
  /** Traces below this ordinal were complete when the pass was taken up again. */
  readonly completeBelow: number;
  /** Finished: the incarnation remembers it in a run and this object no longer counts. */
  done = false;
  /** Blocks that were closed with traces missing. */
  settledBlocks = 0;
  readonly firstAt: number;
  readonly open = new Map<number, TraceBlock>();
  readonly closed = new Map<number, ClosedBlock>();

  constructor(number: number, now: number, completeBelow = 0) {
    this.number = number;
    this.firstAt = now;
    this.completeBelow = completeBelow;
    this.closedTraces = completeBelow;
    this.highest = completeBelow - 1;
  }

  /** The block of a trace, opened if need be; undefined when the trace lies in a closed one. */
  blockOf(ordinal: number, now: number): TraceBlock | undefined {
    if (ordinal < this.completeBelow) return undefined;
    const index = Math.floor(ordinal / BLOCK_TRACES);
    const block = this.open.get(index);
    if (block !== undefined) return block;
    if (this.closed.has(index)) return undefined;
    const opened = new TraceBlock(now);
    this.open.set(index, opened);
    return opened;
  }

  /** True when the trace lies in a block that was closed with traces missing. */
  isSettled(ordinal: number): boolean {
    return this.settledBlocks > 0 && this.closed.get(Math.floor(ordinal / BLOCK_TRACES))?.settled === true;
  }

  /** Note one span of a trace. A trace in a closed block is complete: its spans are duplicates. */
  add(ordinal: number, span: number, spanCount: number, parent: number, now: number): SpanOutcome {
    if (ordinal > this.highest) this.highest = ordinal;
    const block = this.blockOf(ordinal, now);
    if (block === undefined) return "duplicate";
    const outcome = block.add(ordinal % BLOCK_TRACES, span, spanCount, parent, now);
    if (outcome === "completed") {
      this.closedTraces++;
      if (block.complete === BLOCK_TRACES) this.#close(Math.floor(ordinal / BLOCK_TRACES), block, false);
    }
    return outcome;
  }

  /** Forget the details of a block that is not complete; a pass has `tracesPerPass` traces, as far as known. */
  settle(index: number, tracesPerPass: number): void {
    const block = this.open.get(index)!;
    const traces = Math.max(0, Math.min(BLOCK_TRACES, tracesPerPass - index * BLOCK_TRACES));
    this.closedTraces += traces - block.complete;
    this.settledBlocks++;
    this.#close(index, block, true);
  }

  #close(index: number, block: TraceBlock, settled: boolean): void {
    this.open.delete(index);
    this.closed.set(index, { firstAt: block.firstAt, settled });
  }
}
