/**
 * The cache of frozen files: made once per template and settings, beside the template where that is writable, shared by all
 * replicas through the page cache. Many processes may ask for the same file at the same time; one makes it, the others wait.
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Signal } from "../../otlp/signal.ts";
import { FrameError } from "../../template/frames.ts";
import { isValidFile } from "../compile/compiled-files.ts";
import type { FreezeSettings } from "./freeze.ts";
import type { FreezeJob, FreezeMessage } from "./freeze-process.ts";
import { FROZEN_FORMAT } from "./frozen-file.ts";
import { makeOnce, removeDeadParts } from "./make-once.ts";

/** Told about a freeze that takes its time: bytes of the template done and in all. */
export type CacheProgress = (signal: Signal, bytes: number, totalBytes: number) => void;

/** The directory of caches that stands beside a template. */
export const CACHE_DIRECTORY = ".stampede";
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
  const target = frozenPathOf(templatePath, settings);
  await makeOnce(target, isValidFile, async () => {
    await freezeInProcess({ signal, templatePath, target, settings }, onProgress);
    removeOldest(dirname(target), basename(templatePath), target);
  });
  return target;
}

/** Where the frozen file of a template under these settings is, or would be. */
export function frozenPathOf(templatePath: string, settings: FreezeSettings): string {
  const directory = cacheDirectoryFor(templatePath);
  return join(directory, `${basename(templatePath)}.${cacheKey(directory, templatePath, settings)}.frozen`);
}

/** Where caches of this template go: a directory beside it, or the user's cache directory when that cannot be written. */
export function cacheDirectoryFor(templatePath: string): string {
  const beside = join(dirname(resolve(templatePath)), CACHE_DIRECTORY);
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

async function freezeInProcess(job: FreezeJob, onProgress: CacheProgress): Promise<void> {
  const totalBytes = statSync(job.templatePath).size;
  const child = fork(new URL("./freeze-process.ts", import.meta.url), [], { serialization: "advanced" });
  // It is at its file all the time and would not see that nobody waits for it any more.
  const end = () => child.kill();
  process.once("exit", end);
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
  }).finally(() => process.off("exit", end));
}

function removeOldest(directory: string, template: string, current: string): void {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith(`${template}.`) && name.endsWith(".frozen"))
    .map((name) => join(directory, name))
    .filter((path) => path !== current)
    .map((path) => ({ path, usedMs: statSync(path, { throwIfNoEntry: false })?.atimeMs ?? 0 }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of files.slice(KEPT_PER_TEMPLATE - 1)) rmSync(path, { force: true });
  removeOrphans(directory, template);
  removeDeadParts(directory, template, PART_STALE_MS);
}

/** Compiled files, and whatever else lies beside a frozen file, whose frozen file is gone. */
function removeOrphans(directory: string, template: string): void {
  const names = new Set(readdirSync(directory));
  for (const name of names) {
    const frozen = /^.*\.frozen(?=\.)/.exec(name)?.[0];
    if (!frozen?.startsWith(`${template}.`) || names.has(frozen)) continue;
    // Its lock is there while a file is being made.
    if (!names.has(`${frozen}.lock`)) rmSync(join(directory, name), { force: true });
  }
}
