/**
 * Opening an input of the replayer: template frames as they are, anything else converted once into a cache.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Signal } from "../../otlp/signal.ts";
import { isCanonical, wrongSignal } from "./canonical.ts";
import { FrameFile } from "./frame-packer.ts";
import { ImportError } from "./import-error.ts";
import { importLogs } from "./import-logs.ts";
import { importMetrics } from "./import-metrics.ts";
import { importTraces } from "./import-traces.ts";
import type { ReadRequest } from "./json-requests.ts";
import { ImportNotes } from "./notes.ts";
import { isJson, readRequests } from "./read-requests.ts";
import { SpanIndex } from "./span-index.ts";

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
    signal === "logs" && options.traces !== undefined ? openSpans(options.traces, cacheDir) : undefined;
  const cached = cacheName(path, signal, cacheDir, spans?.key ?? "");
  if (!existsSync(`${cached}.pb`)) convert(path, signal, cached, spans?.file);
  for (const line of JSON.parse(readFileSync(`${cached}.json`, "utf8")).notes as string[]) {
    options.onNote?.(`${path}: ${line}`);
  }
  return `${cached}.pb`;
}

/** The file that tells where the spans of a foreign traces input went; undefined when that is a template. */
function openSpans(path: string, cacheDir: string): { file: string; key: string } | undefined {
  if (!isJson(path) && isCanonical(path, "traces")) return undefined;
  const cached = cacheName(path, "traces", cacheDir, "");
  if (!existsSync(`${cached}.pb`)) convert(path, "traces", cached, undefined);
  return { file: `${cached}.spans`, key: cached };
}

/** Path of a converted input without its ending: `.pb` frames, `.json` notes, `.spans` index of spans. */
function cacheName(path: string, signal: Signal, cacheDir: string, key: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const identity = JSON.stringify([IMPORT_VERSION, resolve(path), `${size}`, `${mtimeNs}`, signal, key]);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  return join(cacheDir, `${basename(path).replace(/\.\w+$/, "")}-${hash}`);
}

/** Frames are renamed into place last, so that they are there only with all that belongs to them. */
function convert(path: string, signal: Signal, cached: string, spansFile: string | undefined): void {
  const temporary = (ending: string) => `${cached}.${process.pid}.tmp${ending}`;
  const notes = new ImportNotes();
  try {
    const file = new FrameFile(temporary(".pb"));
    try {
      const requests = only(signal, path, notes);
      if (signal === "traces") importTraces(requests, file, notes).save(temporary(".spans"));
      else if (signal === "logs")
        importLogs(requests, file, notes, spansFile === undefined ? undefined : SpanIndex.load(spansFile));
      else importMetrics(requests, file, notes);
    } finally {
      file.close();
    }
    if (file.frames === 0) {
      throw new ImportError(
        "bad_template_file",
        `${path}: holds no ${signal}; generate it again or leave out input.${signal}`,
      );
    }
    writeFileSync(
      temporary(".json"),
      `${JSON.stringify({ source: resolve(path), signal, notes: notes.lines() }, null, 2)}\n`,
    );
    if (signal === "traces") renameSync(temporary(".spans"), `${cached}.spans`);
    renameSync(temporary(".json"), `${cached}.json`);
    renameSync(temporary(".pb"), `${cached}.pb`);
  } finally {
    for (const ending of [".pb", ".json", ".spans"]) rmSync(temporary(ending), { force: true });
  }
}

/** The requests of one signal. The file's first request must be of it; later ones of other signals are left out and counted. */
function* only(signal: Signal, path: string, notes: ImportNotes): Generator<ReadRequest> {
  let isFirst = true;
  for (const read of readRequests(path)) {
    if (read.signal === signal) yield read;
    else if (isFirst) throw wrongSignal(read.place, read.signal, signal);
    else notes.count(`requests hold ${read.signal}; they were left out`);
    isFirst = false;
  }
}
