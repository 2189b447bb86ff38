/**
 * Decides where errors begin, such that the share of failed spans comes out as asked.
 *
 * An error that begins somewhere may take a chain of spans below it along, so the share of beginnings is not the share
 * of errors. This is a small control loop: beginnings become likelier while too few spans failed, and rarer after too many.
 */
import type { Random } from "../random.ts";

/** How strongly a missing error raises the rate of beginnings. */
const GAIN = 0.05;

/**
 * Beginnings per wanted error and span while on target, measured over many seeds: below it, short runs have too few
 * errors, and long ones stay behind by as many as make up for it.
 */
const BEGINNINGS = 0.95;

/**
 * How likely an error is seen at the top of a process' work, and how likely somewhere within while the rest goes on
 * well: most failures travel up as far as they can, few are handled on their way.
 */
export const AT_TOP = 3;
export const WITHIN = 0.4;

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

  /** Whether an error begins at a span that did not inherit one. where: AT_TOP or WITHIN. */
  begins(where: number): boolean {
    if (this.rate === 0) return false;
    return this.rate === 1 || this.#random.chance(this.rate * where * (BEGINNINGS + GAIN * this.#missing));
  }

  /** Count a span; call once for each. */
  count(failed: boolean): void {
    this.#missing += this.rate - (failed ? 1 : 0);
  }
}
