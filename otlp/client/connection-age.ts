/** Ages lie up to this share below or above what was asked for, so that connections made together do not end together. */
const JITTER = 0.1;
/** Timers count no further: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Call `onOld` when a connection that has just been made is old. Keeps no process alive.
 *
 * maxAgeMs  what was asked for; 0: never
 * Returns how to call it off.
 */
export function whenOld(maxAgeMs: number, onOld: () => void): () => void {
  if (maxAgeMs === 0) return nothing;
  const ageMs = Math.min(LONGEST_MS, maxAgeMs * (1 + JITTER * (2 * Math.random() - 1)));
  const timer = setTimeout(onOld, ageMs).unref();
  return () => clearTimeout(timer);
}

function nothing(): void {}
