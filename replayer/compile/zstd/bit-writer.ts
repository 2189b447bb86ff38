/**
 * Bits from the lowest of the first byte on, as zstd's tables and sequences are written (RFC 8878, sections 4.1 and 4.1.1).
 */

export class BitWriter {
  bytes: Uint8Array;
  #length = 0;
  /** Bits that are not a byte yet, fewer than 8 between calls. */
  #pending = 0;
  #count = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
  }

  reset(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#count = 0;
  }

  /** The low `count` bits of a value, 0 <= count <= 24. */
  add(value: number, count: number): void {
    let pending = this.#pending | ((value & ((1 << count) - 1)) << this.#count);
    let bits = this.#count + count;
    if (bits >= 8) {
      if (this.#length + 4 > this.bytes.length) this.#grow();
      do {
        this.bytes[this.#length++] = pending;
        pending >>>= 8;
        bits -= 8;
      } while (bits >= 8);
    }
    this.#pending = pending;
    this.#count = bits;
  }

  /** End with a bit of one, which tells a reader that starts from the back where the bits end. */
  close(): void {
    this.add(1, 1);
    this.pad();
  }

  /** Fill the last byte with zeros. */
  pad(): void {
    if (this.#count > 0) this.add(0, 8 - this.#count);
  }

  /** What was written: a view, valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
