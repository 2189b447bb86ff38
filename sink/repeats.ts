import { createHash } from "node:crypto";
import type { Signal } from "../otlp/signal.ts";

/** Bodies remembered, at most: about 100 bytes each. The oldest is forgotten first. */
const MAX_BODIES = 50_000;

/**
 * Bodies that may come again, byte for byte, and are no duplicates of the sender's making then, for OTLP delivers at least once: those
 * that were taken in, but whose answer never reached the client; or all, where what stands before the sink tries again by itself.
 */
export class Repeats {
  readonly #digests = new Set<string>();
  readonly #all: boolean;

  /** all: every body may come again, as often as it likes. */
  constructor(all: boolean) {
    this.#all = all;
  }

  /** The answer to this body was lost. */
  expect(signal: Signal, body: Buffer): void {
    this.#remember(digestOf(signal, body));
  }

  /** True when this body was taken in before. One whose answer was lost is then no longer expected. */
  take(signal: Signal, body: Buffer): boolean {
    if (this.#all) {
      const digest = digestOf(signal, body);
      const isKnown = this.#digests.has(digest);
      if (!isKnown) this.#remember(digest);
      return isKnown;
    }
    return this.#digests.size > 0 && this.#digests.delete(digestOf(signal, body));
  }

  #remember(digest: string): void {
    this.#digests.add(digest);
    if (this.#digests.size > MAX_BODIES) this.#digests.delete(this.#digests.values().next().value!);
  }
}

function digestOf(signal: Signal, body: Buffer): string {
  return signal + createHash("sha1").update(body).digest("base64");
}
