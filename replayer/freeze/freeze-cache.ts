/**
 * The cache of frozen files: made once per template and settings, beside the template where that is writable, shared by all
 * replicas through the page cache.
 *
 * Many processes may ask for the same file at the same time; one makes it, the others wait. Whoever makes it touches a lock
 * file as it goes on; a lock that nobody has touched for a while belonged to a process that died.
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "../../otlp/signal.ts";
import { FrameError } from "../../template/frames.ts";
import { type CompiledTotals, compileFrozen } from "./compile-frozen.ts";
import type { FreezeSettings } from "./freeze.ts";
import type { FreezeJob, FreezeMessage } from "./freeze-process.ts";
import { FROZEN_FORMAT, FrozenFile } from "./frozen-file.ts";

/** Told about a freeze that takes its time: bytes of the template done and in all. */
export type CacheProgress = (signal: Signal, bytes: number, totalBytes: number) => void;

const LOCK_STALE_MS = 15_000;
const POLL_MS = 100;
/** Far longer than a freeze goes without writing. */
const PART_STALE_MS = 3_600_000;
/** Frozen files kept per template: those of the settings that were used last. */
const KEPT_PER_TEMPLATE = 4;

/**
 * The path of the frozen file of a template under these settings; made first if it is not there.
 * Throws FrameError when the template breaks its contract.
 */
export async function freezeOnce(
  signal: Signal,
  templatePath: string,
  settings: FreezeSettings,
  onProgress: CacheProgress = () => {},
): Promise<string> {
  const directory = cacheDirectoryFor(templatePath);
  const target = join(
    directory,
    `${basename(templatePath)}.${cacheKey(directory, templatePath, settings)}.frozen`,
  );
  await makeOnce(target, async () => {
    await freezeInProcess({ signal, templatePath, target, settings }, onProgress);
    removeOldest(directory, basename(templatePath), target);
  });
  return target;
}

/**
 * The compiled file of a frozen one, beside it; made first if it is not there.
 * Returns what making it came to, or undefined when it was there.
 */
export async function compileOnce(
  frozenPath: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<CompiledTotals | undefined> {
  let totals: CompiledTotals | undefined;
  await makeOnce(compiledName(frozenPath), async (target) => {
    totals = await compileFrozen(frozenPath, target, onProgress);
  });
  return totals;
}

/** The compiled file of a frozen one, if somebody has made it. */
export function compiledFileOf(frozenPath: string): string | undefined {
  const path = compiledName(frozenPath);
  return isValid(path) ? path : undefined;
}

/** A compiled file is of one frozen file, whose name says what it was made of. */
function compiledName(frozenPath: string): string {
  return `${frozenPath}.zstd`;
}

/** Have a frozen file made by one of all the processes that want it; the others wait until it is there. */
async function makeOnce(target: string, make: (target: string) => Promise<void>): Promise<void> {
  const lock = `${target}.lock`;
  while (!isValid(target)) {
    if (!tryLock(lock)) {
      await sleep(POLL_MS);
      continue;
    }
    const touch = setInterval(() => touchLock(lock), LOCK_STALE_MS / 5);
    try {
      if (!isValid(target)) await make(target);
    } finally {
      clearInterval(touch);
      rmSync(lock, { force: true });
    }
  }
}

/** Where caches of this template go: `.stampede` beside it, or the user's cache directory when that cannot be written. */
export function cacheDirectoryFor(templatePath: string): string {
  const beside = join(dirname(resolve(templatePath)), ".stampede");
  try {
    mkdirSync(beside, { recursive: true });
    accessSync(beside, constants.W_OK);
    return beside;
  } catch {
    const own = userCacheDirectory();
    mkdirSync(own, { recursive: true });
    return own;
  }
}

/** $XDG_CACHE_HOME/stampede, or ~/.cache/stampede. */
export function userCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "stampede");
}

/** Everything that decides the contents. The template counts by size and time of change: hashing gigabytes takes too long. */
function cacheKey(directory: string, templatePath: string, settings: FreezeSettings): string {
  const { size, mtimeMs } = statSync(templatePath);
  // The user's cache serves many directories, whose files may have one name, size and time: images set all times to one.
  const path = directory === userCacheDirectory() ? resolve(templatePath) : undefined;
  const content = JSON.stringify({ FROZEN_FORMAT, size, mtimeMs, path, settings });
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function isValid(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    new FrozenFile(path).close();
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}

function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (touched !== undefined && Date.now() - touched > LOCK_STALE_MS) rmSync(lock, { force: true });
  return false;
}

async function freezeInProcess(job: FreezeJob, onProgress: CacheProgress): Promise<void> {
  const totalBytes = statSync(job.templatePath).size;
  const child = fork(new URL("./freeze-process.ts", import.meta.url), [], { serialization: "advanced" });
  await new Promise<void>((resolvePromise, reject) => {
    child.on("message", (message: FreezeMessage) => {
      if ("progressBytes" in message) onProgress(job.signal, message.progressBytes, totalBytes);
      else if ("done" in message) {
        onProgress(job.signal, totalBytes, totalBytes);
        resolvePromise();
      } else if (message.isTemplateFault) reject(new FrameError(message.error));
      else reject(new Error(message.error));
    });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      reject(new Error(`freezing ${job.templatePath} ended with ${signal ?? code}`)),
    );
    child.send(job);
  });
}

/** A machine that slept for a while finds its lock taken over: then two make the same file, and the last one stays. */
function touchLock(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function removeOldest(directory: string, template: string, current: string): void {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith(`${template}.`) && name.endsWith(".frozen"))
    .map((name) => join(directory, name))
    .filter((path) => path !== current)
    .map((path) => ({ path, usedMs: statSync(path, { throwIfNoEntry: false })?.atimeMs ?? 0 }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of files.slice(KEPT_PER_TEMPLATE - 1)) {
    rmSync(path, { force: true });
    rmSync(compiledName(path), { force: true });
  }
  removeUnfinished(directory, template);
}

/** What processes that were killed while they froze this template have left behind. */
function removeUnfinished(directory: string, template: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${template}.`) || !name.endsWith(".part")) continue;
    const path = join(directory, name);
    const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - writtenMs > PART_STALE_MS) rmSync(path, { force: true });
  }
}
