/** Finished passes with consecutive numbers: from..to, all of `traces` traces. */
export interface PassRun {
  from: number;
  to: number;
  /** Traces that each pass of the run had when it was finished. */
  traces: number;
  /** Some were closed with traces missing: what still comes for them cannot be judged. */
  settled: boolean;
  /** When the first span of the run's first pass came. */
  firstAt: number;
}

/**
 * The finished passes of an incarnation as a few runs, ascending: however long a load runs, passes that arrive whole
 * cost nothing but a higher number.
 */
export class PassRuns {
  readonly list: PassRun[] = [];

  /** The run that holds a pass. */
  find(pass: number): PassRun | undefined {
    const index = this.#indexOf(pass);
    const run = this.list[index];
    return run !== undefined && run.from <= pass ? run : undefined;
  }

  /** Add a finished pass; its number is in no run. */
  add(pass: number, traces: number, settled: boolean, firstAt: number): void {
    const index = this.#indexOf(pass);
    const before = this.list[index - 1];
    const after = this.list[index];
    const joinsBefore = before?.to === pass - 1 && before.traces === traces && before.settled === settled;
    const joinsAfter = after?.from === pass + 1 && after.traces === traces && after.settled === settled;
    if (joinsBefore && joinsAfter) {
      before.to = after.to;
      this.list.splice(index, 1);
    } else if (joinsBefore) {
      before.to = pass;
    } else if (joinsAfter) {
      after.from = pass;
      after.firstAt = firstAt;
    } else {
      this.list.splice(index, 0, { from: pass, to: pass, traces, settled, firstAt });
    }
  }

  /** Take one pass out of its run, because it was not finished after all. */
  remove(pass: number): void {
    const index = this.#indexOf(pass);
    const run = this.list[index]!;
    const parts: PassRun[] = [];
    if (run.from < pass) parts.push({ ...run, to: pass - 1 });
    if (run.to > pass) parts.push({ ...run, from: pass + 1 });
    this.list.splice(index, 1, ...parts);
  }

  /** Index of the first run that ends at `pass` or later. */
  #indexOf(pass: number): number {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle]!.to < pass) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
