/**
 * Inputs: from what the user names to frozen files that are open and ready to be sent.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import { openTemplates } from "../template/import/open-templates.ts";
import { readMetadata, type ValueModel } from "../template/metadata.ts";
import { type CacheProgress, cacheDirectoryFor, openFrozen } from "./freeze/freeze-cache.ts";
import type { FrozenFile } from "./freeze/frozen-file.ts";
import { whyUnlinked } from "./plan.ts";
import type { ReplayerSettings } from "./settings.ts";

/** Template files by signal; a signal without one is not sent. */
export type InputPaths = Partial<PerSignal<string>>;

/** No templates where the user said, or none that can be told apart. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "bad_input";
}

/**
 * The template files in a directory: those that its metadata names, else those called `*-traces.pb`, `*-metrics.pb`,
 * `*-logs.pb` or the same with `.json`.
 */
export function findInputs(directory: string): InputPaths {
  if (!statSync(directory).isDirectory()) {
    throw new InputError(`${directory}: is a file; --input takes the directory that it is in`);
  }
  const metadata = readMetadata(directory);
  const inputs: InputPaths = {};
  for (const signal of SIGNALS) {
    const named = metadata?.signals[signal]?.file;
    const path = named === undefined ? findByName(directory, signal) : join(directory, named);
    if (path !== undefined) inputs[signal] = path;
  }
  if (Object.keys(inputs).length === 0) {
    throw new InputError(
      `${directory}: has no templates (metadata.yaml, or files such as *-traces.pb); make some with: stampede generate --output-dir ${directory} --config FILE`,
    );
  }
  return inputs;
}

function findByName(directory: string, signal: Signal): string | undefined {
  for (const ending of [`-${signal}.pb`, `-${signal}.json`]) {
    const names = readdirSync(directory).filter((name) => name.endsWith(ending));
    if (names.length > 1) {
      throw new InputError(
        `${directory}: has several files of ${signal} (${names.join(", ")}); name one in input.${signal}`,
      );
    }
    if (names[0] !== undefined) return join(directory, names[0]);
  }
  return undefined;
}

export interface OpenInputs {
  files: Partial<PerSignal<FrozenFile>>;
  notes: string[];
}

/** Import, freeze and open the inputs; what is in the caches already is only opened. */
export async function openInputs(
  inputs: InputPaths,
  settings: ReplayerSettings,
  onProgress?: CacheProgress,
): Promise<OpenInputs> {
  const notes: string[] = [];
  const files: Partial<PerSignal<FrozenFile>> = {};
  const unlinked = whyUnlinked(settings.mix, inputs.traces !== undefined);
  for (const signal of SIGNALS) {
    const path = inputs[signal];
    if (path === undefined) continue;
    if (!existsSync(path)) throw new InputError(`${path}: no such file; it is input.${signal}`);
    const templatePath = await openTemplates(path, signal, cacheDirectoryFor(path), {
      traces: inputs.traces,
      onNote: (note) => notes.push(note),
    });
    const file = await openFrozen(
      signal,
      templatePath,
      {
        batchSize: settings.batchSize[signal],
        maxRequestBytes: settings.maxRequestBytes,
        seed: settings.seed,
        jitterMs: settings.jitterMs,
        linkLogs: signal !== "logs" || unlinked === undefined,
        models: signal === "metrics" ? modelsFor(path) : {},
      },
      onProgress,
    );
    files[signal] = file;
    for (const dropped of file.summary.dropped) notes.push(`${signal}: dropped ${dropped}`);
  }
  if (files.logs && unlinked !== undefined)
    notes.push(`logs: linked records go out without trace and span ids: ${unlinked}`);
  return { files, notes };
}

/** Value models of the metadata beside a metrics file, if it is that file's. */
function modelsFor(path: string): Record<string, ValueModel> {
  const metadata = readMetadata(dirname(path));
  return metadata?.signals.metrics?.file === basename(path) ? metadata.metrics : {};
}

/** The summaries of open files. */
export function summariesOf(files: Partial<PerSignal<FrozenFile>>) {
  return perSignal((signal) => files[signal]?.summary) as Partial<PerSignal<FrozenFile["summary"]>>;
}
