/** Median and spread of a few rounds. */
export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

/** Of at least one value; of an even number of them the higher of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, lowest: sorted[0]!, highest: sorted.at(-1)! };
}

/** The whole spread as a share of the median. */
export function relativeSpread({ median, lowest, highest }: Spread): number {
  return (highest - lowest) / median;
}
