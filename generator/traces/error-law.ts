/**
 * Decides where errors begin, such that the share of failed spans comes out as asked.
 *
 * An error that begins somewhere may take a chain of spans below it along, so the share of beginnings is not the share
 * of errors. This is a small control loop: beginnings become likelier while too few spans failed, and rarer after too many.
 */
import type { Random } from "../random.ts";

/** How strongly a missing error raises the rate of beginnings. */
const GAIN = 0.05;

/** Beginnings per wanted error while on target: chains are about two spans long. */
const BEGINNINGS = 0.55;

export class ErrorLaw {
  readonly #random: Random;
  /** Share of failed spans that is wanted, 0 to 1. */
  readonly rate: number;
  #missing = 0;

  /** rate: share of failed spans, 0 to 1. */
  constructor(random: Random, rate: number) {
    this.#random = random;
    this.rate = rate;
  }

  /** Whether an error begins at a span that did not inherit one. */
  begins(): boolean {
    if (this.rate === 0) return false;
    return this.rate === 1 || this.#random.chance(this.rate * (BEGINNINGS + GAIN * this.#missing));
  }

  /** Count a span; call once for each. */
  count(failed: boolean): void {
    this.#missing += this.rate - (failed ? 1 : 0);
  }
}
