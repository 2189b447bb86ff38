/**
 * Files that many processes want at the same time, and one makes.
 *
 * Whoever makes a file touches a lock beside it as it goes on; a lock that nobody has touched for a while belonged to a process that
 * died. What is made appears when it is whole, so nobody needs the lock to read it.
 */
import { closeSync, openSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STALE_MS = 15_000;
const POLL_MS = 100;
/** Others make room for theirs now and then, and not for ever. */
const MAX_MADE = 5;

/** Have a file made by one of all the processes that want it; the others wait until it is there. */
export async function makeOnce(
  target: string,
  isThere: (target: string) => boolean,
  make: (target: string) => Promise<void>,
): Promise<void> {
  let made = 0;
  while (!isThere(target)) {
    if (made > MAX_MADE) throw new Error(`${target}: is gone each time it is made; something removes it`);
    if (await makeIfFree(target, isThere, make)) made++;
    else await sleep(POLL_MS);
  }
}

/** Make a file if it is not there and nobody else is at it. False when somebody is. */
export async function makeIfFree(
  target: string,
  isThere: (target: string) => boolean,
  make: (target: string) => Promise<void>,
): Promise<boolean> {
  if (isThere(target)) return true;
  const lock = lockOf(target);
  if (!tryLock(lock)) return false;
  const touch = setInterval(() => touchLock(lock), STALE_MS / 5);
  try {
    if (!isThere(target)) await make(target);
  } finally {
    clearInterval(touch);
    rmSync(lock, { force: true });
  }
  return true;
}

/** Whether a process that lives is making the file. */
export function isBeingMade(target: string): boolean {
  const touched = touchedMs(lockOf(target));
  return touched !== undefined && Date.now() - touched <= STALE_MS;
}

/**
 * Remove parts of files that processes were killed at. Such a part's name begins with a prefix and ends with .part.
 *
 * staleMs  time without a write after which nobody is at a part any more
 */
export function removeDeadParts(directory: string, prefix: string, staleMs: number): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${prefix}.`) || !name.endsWith(".part")) continue;
    const path = join(directory, name);
    const writtenMs = touchedMs(path) ?? Number.POSITIVE_INFINITY;
    if (Date.now() - writtenMs > staleMs) rmSync(path, { force: true });
  }
}

function lockOf(target: string): string {
  return `${target}.lock`;
}

function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const touched = touchedMs(lock);
  if (touched === undefined || Date.now() - touched <= STALE_MS) return false;
  rmSync(lock, { force: true });
  return tryLock(lock);
}

function touchedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** A machine that slept for a while finds its lock taken over: then two make the same file, and the last one stays. */
function touchLock(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
