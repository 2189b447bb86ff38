/** The directory that output goes to: made if it is not there, and looked at before anything is written. */
import { mkdir, rmdir, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { OutputError, writingTo } from "./output-error.ts";

/**
 * Make a directory and what is missing above it; returns what was made, outermost first.
 *
 * Step by step: Node's recursive mkdir never returns where a directory takes no entries, as /proc does. Throws OutputError.
 */
export async function makeDirectory(directory: string): Promise<string[]> {
  if (directory.trim() === "")
    throw new OutputError("the output directory has no name; give one with --output-dir");
  const missing: string[] = [];
  for (let at = resolve(directory); !(await isDirectory(at, directory)); at = dirname(at))
    missing.unshift(at);
  const made: string[] = [];
  try {
    for (const each of missing) {
      // Somebody else may be at it as well.
      await writingTo(directory, () => mkdir(each)).catch(async (error) => {
        if (!(await isDirectory(each, directory))) throw error;
      });
      made.push(each);
    }
  } catch (error) {
    await removeDirectories(made);
    throw error;
  }
  return made;
}

/** Remove directories that were made for nothing, as far as they are empty. */
export async function removeDirectories(made: readonly string[]): Promise<void> {
  for (const each of made.toReversed()) await rmdir(each).catch(() => {});
}

/** False where there is nothing. Throws OutputError when something else is there. */
async function isDirectory(path: string, directory: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    return writingTo(directory, () => Promise.reject(error));
  }
  const what = resolve(directory) === path ? `${directory}: is` : `${directory}: ${path} is`;
  throw new OutputError(
    `${what} a file, a directory is needed; name another with --output-dir or output.directory`,
  );
}

/** Refuse files that cannot be put in their place in the end. Throws OutputError. */
export async function checkPlaces(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) {
      throw new OutputError(
        `${path}: is a directory, a file goes there; remove it, or choose another output.prefix`,
      );
    }
  }
}

/**
 * Refuse what would certainly fill the disk, hours before it does.
 *
 * bytes  what the output will have, about; refused are those who need twice what is free
 * Throws OutputError.
 */
export async function checkSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await writingTo(directory, () => statfs(directory));
  const free = bavail * bsize;
  // Some file systems do not tell.
  if (blocks === 0 || bytes <= 2 * free) return;
  throw new OutputError(
    `${directory}: needs about ${rounded(bytes)}, ${rounded(free)} are free; generate less, or name another directory with --output-dir or output.directory`,
  );
}

function rounded(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${String(Math.ceil(bytes / 1e6)).replace(/\B(?=(\d{3})+$)/g, ",")} MB`;
}
