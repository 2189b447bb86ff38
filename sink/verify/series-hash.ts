import { mix } from "../../template/mix.ts";

/**
 * 64 bits that stand for a series, in two 32-bit lanes. Among two million series, two share a hash once in ten million
 * runs. Parts of a set (attributes) are added, so their order does not count.
 */
export class SeriesHash {
  a = 0;
  b = 0;

  reset(): void {
    this.a = 0;
    this.b = 0;
  }

  set(other: SeriesHash): void {
    this.a = other.a;
    this.b = other.b;
  }

  /** Add a part at a place of its own: `salt` tells one place from another. */
  add(bytes: Uint8Array, from: number, to: number, salt: number): void {
    let a = salt;
    let b = ~salt;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      a = Math.imul(a ^ word, 0x9e37_79b1);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85eb_ca6b);
      b ^= b >>> 13;
    }
    for (; at < to; at++) {
      a = Math.imul(a ^ bytes[at]!, 0x9e37_79b1);
      b = Math.imul(b + bytes[at]!, 0x85eb_ca6b);
    }
    this.a = (this.a + mix(a ^ (to - from))) | 0;
    this.b = (this.b + mix(b)) | 0;
  }
}
