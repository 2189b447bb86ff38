/** When items may have happened: not after they were received, and not much before. */
import type { Violations } from "./violations.ts";

/** Nanoseconds since the epoch, as far as they are known. */
export interface TimeLimits {
  /** When sending began, less the jitter: no item happened before. */
  notBefore?: bigint;
  /** When sending had ended: no item happened after. The files' own times bound it too. */
  notAfter?: bigint;
  /** Longest time between the oldest and the newest moment of one request, in ns. */
  maxAge: bigint;
}

/** Times of one request. */
export class TimeWindow {
  readonly #limits: TimeLimits;
  readonly #violations: Violations;
  #notAfter = 0n;
  #oldest = 0n;
  #newest = 0n;
  #count = 0;

  constructor(limits: TimeLimits, violations: Violations) {
    this.#limits = limits;
    this.#violations = violations;
  }

  /** A request begins that had been written by then. */
  begin(writtenBy: bigint): void {
    const { notAfter } = this.#limits;
    this.#notAfter = notAfter !== undefined && notAfter < writtenBy ? notAfter : writtenBy;
    this.#count = 0;
  }

  /** Any time of an item. */
  add(time: bigint, where: () => string): void {
    if (time <= 0n) this.#violations.add("a time is missing", where);
    else if (time > this.#notAfter) this.#violations.add("a time lies in the future", where);
    if (this.#count === 0 || time < this.#oldest) this.#oldest = time;
    if (this.#count === 0 || time > this.#newest) this.#newest = time;
    this.#count++;
  }

  /** The moment of an item as a whole: a trace's end, a record's time, a point's time. At most `slack` ns before the limit. */
  checkMoment(time: bigint, where: () => string, slack = 0n): void {
    const { notBefore } = this.#limits;
    if (notBefore !== undefined && time < notBefore - slack) this.#violations.add("a time is too old", where);
  }

  /** Longest time that the moments of one request may lie apart, in ns. */
  get maxAge(): bigint {
    return this.#limits.maxAge;
  }

  /** The request ends. */
  end(where: () => string): void {
    if (this.#count > 0 && this.#newest - this.#oldest > this.#limits.maxAge) {
      const example = () => `${where()}: ${Number(this.#newest - this.#oldest) / 1e9} s`;
      this.#violations.add("the times of a request lie too far apart", example);
    }
  }
}

/** A time field of proto3 JSON: absent when zero. */
export function nanos(text: string | undefined): bigint {
  return BigInt(text ?? 0);
}
