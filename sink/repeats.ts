import { createHash } from "node:crypto";
import type { Signal } from "../otlp/signal.ts";

/** Bodies remembered, at most: about 100 bytes each. The oldest is forgotten first. */
const MAX_BODIES = 50_000;

/**
 * Log records that belong to no trace have no ids. Two replicas that send the same batch of them within one step of time (16.8 ms) send the
 * same bytes, and they come within so many ms of each other. Who tries again waits longer: replicas 250 ms at least, Collectors 2.5 s.
 */
const ALIKE_MS = 200;

/**
 * Bodies that may come again, byte for byte, and are no duplicates of the sender's making then, for OTLP delivers at least once: those
 * that were taken in, but whose answer never reached the client; or all, where what stands before the sink tries again by itself.
 */
export class Repeats {
  /** When each body came first, ms; of those whose answer was lost, long ago. */
  readonly #cameMs = new Map<string, number>();
  readonly #all: boolean;

  /** all: every body may come again, as often as it likes. */
  constructor(all: boolean) {
    this.#all = all;
  }

  /** The answer to this body was lost. */
  expect(signal: Signal, body: Buffer): void {
    this.#remember(digestOf(signal, body), Number.NEGATIVE_INFINITY);
  }

  /**
   * True when this body was taken in before. One whose answer was lost is then no longer expected.
   *
   * nowMs  by a clock that only goes forward
   */
  take(signal: Signal, body: Buffer, nowMs: number): boolean {
    if (!this.#all) return this.#cameMs.size > 0 && this.#cameMs.delete(digestOf(signal, body));
    const digest = digestOf(signal, body);
    const cameMs = this.#cameMs.get(digest);
    if (cameMs === undefined) this.#remember(digest, nowMs);
    else if (signal !== "logs" || nowMs - cameMs > ALIKE_MS) return true;
    return false;
  }

  #remember(digest: string, cameMs: number): void {
    this.#cameMs.set(digest, cameMs);
    if (this.#cameMs.size > MAX_BODIES) this.#cameMs.delete(this.#cameMs.keys().next().value!);
  }
}

function digestOf(signal: Signal, body: Buffer): string {
  return signal + createHash("sha1").update(body).digest("base64");
}
