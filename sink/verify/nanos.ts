/**
 * Nanoseconds since the Unix epoch as two 32-bit halves: exact where a double is not, and no BigInt per item.
 */

/** Low half of a fixed64 in `bytes`; unsigned. */
export function lowWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** High half of a fixed64 in `bytes`; unsigned. */
export function highWord(bytes: Uint8Array, at: number): number {
  return lowWord(bytes, at + 4);
}

/** Below zero when a < b, zero when equal, above when a > b; both fixed64 times, -1 for an absent one, which is 0. */
export function compareTimes(bytes: Uint8Array, a: number, b: number): number {
  const high = (a < 0 ? 0 : highWord(bytes, a)) - (b < 0 ? 0 : highWord(bytes, b));
  return high !== 0 ? high : (a < 0 ? 0 : lowWord(bytes, a)) - (b < 0 ? 0 : lowWord(bytes, b));
}

/** A fixed64 time as milliseconds since the epoch, to about a quarter of a microsecond; 0 when absent (-1). */
export function timeMs(bytes: Uint8Array, at: number): number {
  return at < 0 ? 0 : (highWord(bytes, at) * 0x1_0000_0000 + lowWord(bytes, at)) / 1e6;
}
