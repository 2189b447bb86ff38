/**
 * A frame sink that keeps everything, decoded: for tests of what the sections of the generator write.
 */
import { createHash } from "node:crypto";
import { decodeRequest } from "../otlp/message/decode.ts";
import type { RequestOf } from "../otlp/message/schema.ts";
import type { Signal } from "../otlp/signal.ts";
import type { FrameSink } from "./frame-sink.ts";

export class CollectedFrames<S extends Signal> implements FrameSink {
  readonly #signal: S;
  readonly #hash = createHash("sha256");
  readonly requests: RequestOf<S>[] = [];
  readonly items: number[] = [];
  readonly sizes: number[] = [];

  constructor(signal: S) {
    this.#signal = signal;
  }

  write(message: Uint8Array, items: number): undefined {
    this.#hash.update(message);
    this.sizes.push(message.length);
    this.items.push(items);
    this.requests.push(decodeRequest(this.#signal, message));
  }

  /** Hash of all messages so far. Call once, at the end. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
