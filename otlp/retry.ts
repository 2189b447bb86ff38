/**
 * When to try again: pure rules, without clock or timers.
 *
 * OTLP asks for exponential backoff with jitter, and for waiting at least as long as the target says
 * (opentelemetry-proto, docs/specification.md). The numbers are those of the Collector's and the SDKs' exporters, with a
 * shorter start: a load generator's requests are worth less than a wait.
 */
import type { Answer } from "./answer.ts";

/** The law of waiting between the tries of one request. Times in ms. */
export interface RetryLaw {
  /** Middle of the first wait. */
  initialMs: number;
  /** No wait is longer, unless the target asks for it. */
  maxMs: number;
  /** Each wait's middle is this many times the one before. */
  multiplier: number;
  /** A wait is drawn evenly from its middle +- this share: 0..1. */
  jitter: number;
  /** A request is given up this long after its first try; 0: never. */
  maxElapsedMs: number;
}

export const DEFAULT_RETRY_LAW: RetryLaw = {
  initialMs: 500,
  maxMs: 30_000,
  multiplier: 1.5,
  jitter: 0.5,
  maxElapsedMs: 60_000,
};

/** A timer that is set for longer, some 24 days, goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Answers after which a request may be sent again: refused for now, or no answer at all. */
export function mayRetry(answer: Answer): boolean {
  return answer.kind === "retryable" || answer.kind === "lost";
}

/**
 * How long to wait before the next try, in whole ms.
 *
 * attempt    tries that were made so far, >= 1
 * random01   evenly distributed, 0 <= random01 < 1
 * answer     what the last try came to; the wait is never shorter than what the target asks for in it
 */
export function retryDelayMs(
  attempt: number,
  random01: number,
  answer: Answer,
  law = DEFAULT_RETRY_LAW,
): number {
  const middle = Math.min(law.maxMs, law.initialMs * law.multiplier ** (attempt - 1));
  const spread = 1 + law.jitter * (2 * random01 - 1);
  const backoff = Math.round(Math.min(law.maxMs, middle * spread));
  const asked = answer.kind === "retryable" ? (answer.retryAfterMs ?? 0) : 0;
  // All who were turned away at once would come back at once: the jitter goes on top of what was asked for.
  const delayMs =
    asked > 0 ? asked + Math.round(Math.min(asked, law.initialMs) * law.jitter * random01) : backoff;
  return Math.min(LONGEST_TIMER_MS, delayMs);
}

/** True when a try that begins `delayMs` from now would begin too late for this request. Times in ms. */
export function isTooLate(elapsedMs: number, delayMs: number, law = DEFAULT_RETRY_LAW): boolean {
  return law.maxElapsedMs > 0 && elapsedMs + delayMs > law.maxElapsedMs;
}

/**
 * A budget that keeps retries a bounded share of the traffic, so that a struggling target is not buried under them.
 * Every first try pays `share` of a token in, every retry takes one out; the account holds `burst` tokens at most and
 * starts full.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #burst: number;
  #tokens: number;

  /** share: retries per first try in the long run, >= 0. burst: retries that may come on top at once, >= 1. */
  constructor({ share = 0.2, burst = 100 }: { share?: number; burst?: number } = {}) {
    this.#share = share;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Retries that the budget would allow now. */
  get available(): number {
    return Math.floor(this.#tokens);
  }

  /** Note the first try of a request. */
  deposit(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#share);
  }

  /** Take the token for a retry; false when there is none: the request fails with its last answer. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
