/** Everything that verification can find wrong with what arrives, and what it means. Each one fails the run. */
export const FINDINGS = {
  invalidIds: "items whose trace or span id is absent or has a wrong length",
  foreignSpans: "spans whose ids were not made with this key",
  duplicateSpans: "spans that came more than once",
  contradictingSpans: "spans that disagree with others on the number of spans of their trace",
  brokenParents: "spans whose parent id names no span of their trace",
  foreignLogs: "log records whose trace or span id was not made with this key",
  absentTimes: "items without a time",
  invertedTimes: "items that end before they start",
  futureTimes: "items from the future",
  oldTimes: "items older than the oldest that is expected",
  duplicatePoints: "data points that came more than once",
  collidingPoints: "data points of one series with different values at one time",
  fallingSums: "monotonic sums or histogram counts that fell without a new start time",
  startsMovedBack: "series whose start time moved back",
  deltaGaps: "delta points that begin after the previous point's time",
  deltaOverlaps: "delta points that begin before the previous point's time",
  bucketMismatches: "histogram points whose count is not the sum of their buckets",
} as const;

/** Name of a kind of finding, as it stands in the report. */
export type FindingName = keyof typeof FINDINGS;

/** How often something was found, and the first few cases. */
export interface Finding {
  count: number;
  examples: string[];
}

/** Cases kept of each kind. */
const MAX_EXAMPLES = 3;

/** Counts findings; keeps the first cases of each kind in words. */
export class Findings {
  readonly #found = new Map<FindingName, Finding>();

  /** One more of this kind; `describe` is called only for the first few. */
  add(name: FindingName, describe: () => string): void {
    let finding = this.#found.get(name);
    if (finding === undefined) {
      finding = { count: 0, examples: [] };
      this.#found.set(name, finding);
    }
    finding.count++;
    if (finding.examples.length < MAX_EXAMPLES) finding.examples.push(describe());
  }

  /** One less: what was found turned out to be late, not wrong. */
  takeBack(name: FindingName): void {
    const finding = this.#found.get(name);
    if (finding !== undefined && --finding.count === 0) this.#found.delete(name);
  }

  /** Every kind that was found at least once, in the order of FINDINGS. */
  toJSON(): Partial<Record<FindingName, Finding>> {
    const names = (Object.keys(FINDINGS) as FindingName[]).filter((name) => this.#found.has(name));
    return Object.fromEntries(names.map((name) => [name, structuredClone(this.#found.get(name)!)]));
  }
}
