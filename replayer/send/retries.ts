/**
 * Whether and when a request is tried again: OTLP's rules (otlp/retry.ts) within one run's limits and budget.
 */
import type { Answer } from "../../otlp/answer.ts";
import { isTooLate, mayRetry, RetryBudget, type RetryLaw, retryDelayMs } from "../../otlp/retry.ts";

/** Retries that one place of `concurrency` may spend in a row: an outage ends requests by time, not by this. */
const BURST_PER_REQUEST_IN_FLIGHT = 20;

/** One for all requests of a replayer: the budget is shared. */
export class Retries {
  readonly #law: RetryLaw;
  readonly #budget: RetryBudget;
  readonly #random01: () => number;

  constructor(law: RetryLaw, concurrency: number, random01: () => number = Math.random) {
    this.#law = law;
    this.#budget = new RetryBudget({ burst: BURST_PER_REQUEST_IN_FLIGHT * concurrency });
    this.#random01 = random01;
  }

  /** The first try of a request: its share goes into the budget. */
  noteFirstTry(): void {
    this.#budget.deposit();
  }

  /**
   * Milliseconds to wait before the next try, or undefined when there shall be none.
   *
   * tries      made so far, >= 1
   * elapsedMs  since the first of them
   */
  nextDelayMs(answer: Answer, tries: number, elapsedMs: number): number | undefined {
    if (!mayRetry(answer)) return undefined;
    const delayMs = retryDelayMs(tries, this.#random01(), answer, this.#law);
    if (isTooLate(elapsedMs, delayMs, this.#law) || !this.#budget.withdraw()) return undefined;
    return delayMs;
  }
}
