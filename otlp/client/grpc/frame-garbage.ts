/**
 * Collecting what grpc-js leaves behind, before it gathers.
 *
 * grpc-js copies each body into a frame of its own. Calls live for some milliseconds, long enough to be promoted out of a small
 * young generation, and their frames with them; V8 then sees no reason to collect for 30 MB of heap and as much memory outside
 * it. A collection now and then keeps a replayer at 100,000 events a second below 100 MB instead of 125, for a quarter more CPU;
 * at full speed the pause between two of them bounds their cost (docs/performance.md).
 *
 * Needs `node --expose-gc`, which the launcher gives; without it V8 does as it likes.
 */

const COLLECT_AFTER_BYTES = 16 * 1024 * 1024;
const MIN_PAUSE_MS = 250;

let copiedBytes = 0;
let collectedAtMs = 0;

/** Note a body that was copied; collects when enough of them are garbage. */
export function noteCopied(bytes: number): void {
  copiedBytes += bytes;
  if (copiedBytes < COLLECT_AFTER_BYTES || globalThis.gc === undefined) return;
  const now = performance.now();
  if (now - collectedAtMs < MIN_PAUSE_MS) return;
  copiedBytes = 0;
  collectedAtMs = now;
  globalThis.gc();
}
