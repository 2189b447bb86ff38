/**
 * Opening an input of the replayer: template frames as they are, anything else converted once into a cache.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Signal } from "../../otlp/signal.ts";
import { isCanonical } from "./canonical.ts";
import { isJson } from "./file-kind.ts";

/** Changes whenever the same input would give another output. */
const IMPORT_VERSION = 1;

export interface OpenOptions {
  /** Logs only: the traces input that the records refer to. Without it, records of foreign spans are unlinked. */
  traces?: string | undefined;
  /** Told one line per kind of change that an import made, on every start, cached or not. */
  onNote?: ((line: string) => void) | undefined;
}

/**
 * The path of a template file for an input: the input itself when it is one, else a file in the cache directory.
 *
 * A converted file is complete or absent. It belongs to the input's path, size and modification time, so a changed input is
 * converted again. Throws ImportError and FrameError, both with the place in the input, and system errors.
 */
export async function openTemplates(
  path: string,
  signal: Signal,
  cacheDir: string,
  options: OpenOptions = {},
): Promise<string> {
  if (!isJson(path) && isCanonical(path, signal)) return path;
  mkdirSync(cacheDir, { recursive: true });
  const spans =
    signal === "logs" && options.traces !== undefined ? await openSpans(options.traces, cacheDir) : undefined;
  const cached = cacheName(path, signal, cacheDir, spans?.key ?? "");
  if (!existsSync(`${cached}.pb`)) await convertOnDemand(path, signal, cached, spans?.file);
  for (const line of JSON.parse(readFileSync(`${cached}.json`, "utf8")).notes as string[]) {
    options.onNote?.(`${path}: ${line}`);
  }
  return `${cached}.pb`;
}

/** The file that tells where the spans of a foreign traces input went; undefined when that is a template. */
async function openSpans(path: string, cacheDir: string): Promise<{ file: string; key: string } | undefined> {
  if (!isJson(path) && isCanonical(path, "traces")) return undefined;
  const cached = cacheName(path, "traces", cacheDir, "");
  if (!existsSync(`${cached}.pb`)) await convertOnDemand(path, "traces", cached, undefined);
  return { file: `${cached}.spans`, key: cached };
}

/** Path of a converted input without its ending: `.pb` frames, `.json` notes, `.spans` index of spans. */
function cacheName(path: string, signal: Signal, cacheDir: string, key: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const identity = JSON.stringify([IMPORT_VERSION, resolve(path), `${size}`, `${mtimeNs}`, signal, key]);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  return join(cacheDir, `${basename(path).replace(/\.\w+$/, "")}-${hash}`);
}

/** Loads what converts only now: protobufjs and stream-json are heavy for a replayer whose inputs are templates. */
async function convertOnDemand(
  path: string,
  signal: Signal,
  target: string,
  spansFile: string | undefined,
): Promise<void> {
  const { convert } = await import("./convert.ts");
  convert(path, signal, target, spansFile);
}
