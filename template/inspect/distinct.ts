/**
 * Counting distinct values in bounded memory: exactly up to a limit, then by HyperLogLog.
 *
 * Source: P. Flajolet et al., HyperLogLog, 2007. With 2^12 registers of a byte the standard error is 1.6 %.
 */
import { createHash } from "node:crypto";

const REGISTER_BITS = 12;
const REGISTERS = 1 << REGISTER_BITS;
/** Bias correction for this many registers. */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

export class DistinctCounter {
  /** Values while they are few; undefined from then on. */
  #exact: Set<string> | undefined = new Set();
  #registers: Uint8Array | undefined;
  readonly #exactLimit: number;

  /** exactLimit  values that are counted exactly; each takes some 50 bytes */
  constructor(exactLimit = 1000) {
    this.#exactLimit = exactLimit;
  }

  add(value: string | Uint8Array): void {
    const hash = createHash("sha1").update(value).digest();
    if (this.#exact !== undefined) {
      this.#exact.add(hash.toString("latin1", 0, 10));
      if (this.#exact.size > this.#exactLimit) this.#estimateFromNow();
    } else {
      this.#mark(hash);
    }
  }

  get count(): number {
    if (this.#exact !== undefined) return this.#exact.size;
    let sum = 0;
    let empty = 0;
    for (const register of this.#registers!) {
      sum += 2 ** -register;
      if (register === 0) empty++;
    }
    const estimate = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few values leave registers empty, and counting those is closer.
    const isSmall = estimate <= 2.5 * REGISTERS && empty > 0;
    return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / empty) : estimate);
  }

  /** Whether `count` is an estimate. */
  get isApproximate(): boolean {
    return this.#exact === undefined;
  }

  #estimateFromNow(): void {
    this.#registers = new Uint8Array(REGISTERS);
    for (const hash of this.#exact!) this.#mark(Buffer.from(hash, "latin1"));
    this.#exact = undefined;
  }

  #mark(hash: Buffer): void {
    const place = hash.readUInt16LE(0) & (REGISTERS - 1);
    const rank = Math.clz32(hash.readUInt32LE(2)) + 1;
    if (rank > this.#registers![place]!) this.#registers![place] = rank;
  }
}
