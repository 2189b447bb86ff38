import { createHash } from "node:crypto";
import type { Signal } from "../otlp/signal.ts";

/** Bodies remembered, at most: about 100 bytes each. The oldest is forgotten first. */
const MAX_BODIES = 50_000;

/**
 * Bodies that were taken in, but whose answer never reached the client. OTLP delivers at least once: the client sends
 * such a body again, byte for byte, and that is no duplicate of the sender's making.
 */
export class Repeats {
  readonly #digests = new Set<string>();

  /** The answer to this body was lost. */
  expect(signal: Signal, body: Buffer): void {
    this.#digests.add(digestOf(signal, body));
    if (this.#digests.size > MAX_BODIES) this.#digests.delete(this.#digests.values().next().value!);
  }

  /** True when this body was taken in before; then it is no longer expected. */
  take(signal: Signal, body: Buffer): boolean {
    return this.#digests.size > 0 && this.#digests.delete(digestOf(signal, body));
  }
}

function digestOf(signal: Signal, body: Buffer): string {
  return signal + createHash("sha1").update(body).digest("base64");
}
