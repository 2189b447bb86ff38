/** How well requests of a file compress: measured on bodies of the size that is sent, not on single frames. */
import { gzipSync, zstdCompressSync } from "node:zlib";

/** Size of a measured body: some 1,000 spans. Requests may be joined by putting them behind one another. */
const BODY_BYTES = 512 * 1024;
/** Bytes that are compressed per file; the rest is taken to be alike. */
const SAMPLE_BYTES = 16 * 1024 * 1024;

/** Times smaller than the plain bodies, at the default levels. */
export interface CompressionRatios {
  gzip: number;
  zstd: number;
  /** Bytes that were compressed to find out. */
  sampledBytes: number;
}

export class CompressionMeter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #plain = 0;
  #gzip = 0;
  #zstd = 0;

  /** message  an encoded request; copied */
  add(message: Uint8Array): void {
    if (this.#plain >= SAMPLE_BYTES) return;
    this.#pending.push(Buffer.from(message));
    this.#pendingBytes += message.length;
    if (this.#pendingBytes >= BODY_BYTES) this.#measure();
  }

  result(): CompressionRatios {
    // A short last body would compress worse than what is sent, unless it is all there is.
    if (this.#plain === 0 && this.#pendingBytes > 0) this.#measure();
    const ratio = (bytes: number) => (bytes > 0 ? this.#plain / bytes : 1);
    return { gzip: ratio(this.#gzip), zstd: ratio(this.#zstd), sampledBytes: this.#plain };
  }

  #measure(): void {
    const body = Buffer.concat(this.#pending);
    this.#plain += body.length;
    this.#gzip += gzipSync(body).length;
    this.#zstd += zstdCompressSync(body).length;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
