import type { Findings } from "./findings.ts";
import type { AgeRange } from "./report.ts";

/** How old and how new items may be. Milliseconds; `maxAgeMs` 0 = any age. */
export interface TimeLimits {
  futureMs: number;
  maxAgeMs: number;
}

/** Judges the times of items against the moment they arrive; keeps the extremes. */
export class TimeCheck {
  #youngestMs = Number.POSITIVE_INFINITY;
  #oldestMs = Number.NEGATIVE_INFINITY;
  readonly #limits: TimeLimits;
  readonly #findings: Findings;

  constructor(limits: TimeLimits, findings: Findings) {
    this.#limits = limits;
    this.#findings = findings;
  }

  /** Smallest and largest age of an item on arrival; negative = in the future. */
  range(): AgeRange {
    const [youngest, oldest] = [this.#youngestMs, this.#oldestMs];
    return youngest > oldest ? { youngest: null, oldest: null } : { youngest, oldest };
  }

  /** One item's time, milliseconds since the epoch, 0 = absent; `now` likewise; `what` names the item in a finding. */
  check(timeMs: number, now: number, what: string): void {
    if (timeMs === 0) {
      this.#findings.add("absentTimes", () => what);
      return;
    }
    const age = now - timeMs;
    if (age < this.#youngestMs) this.#youngestMs = age;
    if (age > this.#oldestMs) this.#oldestMs = age;
    const { futureMs, maxAgeMs } = this.#limits;
    if (-age > futureMs) this.#findings.add("futureTimes", () => `${what}: ${seconds(-age)} s ahead`);
    else if (maxAgeMs > 0 && age > maxAgeMs) {
      this.#findings.add("oldTimes", () => `${what}: ${seconds(age)} s old`);
    }
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
