/**
 * Incarnations: 48 bits that name one life of one replica, so that ids are unique over a fleet that does not coordinate.
 */

const LIMIT = 2 ** 48;

/**
 * A fresh incarnation, random. 1 <= incarnation < 2^48.
 *
 * Nothing secret hangs on it, and Node seeds each process's Math.random from the system's randomness: node:crypto would take 2 MB of
 * every sender for this one number.
 */
export function randomIncarnation(): number {
  return 1 + Math.floor(Math.random() * (LIMIT - 1));
}

/** The incarnation of a run that is to repeat itself: a function of seed, replica and how many lives it had before. */
export function repeatableIncarnation(
  seed: number,
  replica: { index: number; count: number },
  life: number,
): number {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const name = `incarnation ${seed} ${replica.index}/${replica.count} ${life}`;
  return createHash("sha256").update(name).digest().readUIntBE(0, 6) || 1;
}

/** As reports show it: 12 hex digits. */
export function formatIncarnation(incarnation: number): string {
  return incarnation.toString(16).padStart(12, "0");
}
