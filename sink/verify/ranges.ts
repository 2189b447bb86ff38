/** Ranges kept; what comes later is counted only. */
const MAX_RANGES = 10_000;

/** Numbers as ranges, added from high to low; bounded in memory, exact in `count`. */
export class DescendingRanges {
  /** Numbers added. */
  count = 0;
  readonly #ranges: { from: number; to: number }[] = [];

  /** Add from..to, inclusive; below everything added so far. */
  add(from: number, to: number): void {
    this.count += to - from + 1;
    const lowest = this.#ranges.at(-1);
    if (lowest !== undefined && lowest.from === to + 1) lowest.from = from;
    else if (this.#ranges.length < MAX_RANGES) this.#ranges.push({ from, to });
  }

  /** `12-15,20`, ascending; of the lowest `limit` ranges, then how many numbers more. */
  text(limit: number): string {
    const shown = this.#ranges.slice(-limit).reverse();
    const parts = shown.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
    const rest = this.count - shown.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return rest === 0 ? parts.join(",") : `${parts.join(",")} and ${rest} more`;
  }
}
