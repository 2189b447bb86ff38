/**
 * Inputs: from what the user names to frozen files that are ready to be sent.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type PerSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import { openTemplates } from "../template/import/open-templates.ts";
import { type LateRoot, readMetadata, type ValueModel } from "../template/metadata.ts";
import { compiledFileOf } from "./compile/compiled-files.ts";
import type { FreezeSettings } from "./freeze/freeze.ts";
import { type CacheProgress, cacheDirectoryFor, freezeOnce, frozenPathOf } from "./freeze/freeze-cache.ts";
import { whyUnlinked } from "./plan.ts";
import type { RequestSize } from "./request-size.ts";
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

/** What a replayer needs to know of its inputs; plain data. */
export interface PreparedInputs {
  /** Frozen files by signal. */
  frozen: InputPaths;
  /** Those of them that are compressed once, as the target is to get them. */
  compiled: InputPaths;
  notes: string[];
}

/** Somebody has compiled them ahead, so that is what they want sent. */
const USUAL_SIZE_NOTE =
  "compiled batches are there in their usual size, so requests are larger than this rate would have them; for even ones freeze with --rate too, or give batch_size";

/** Import and freeze the inputs; what is in the caches already stays as it is. */
export async function prepareInputs(
  inputs: InputPaths,
  settings: ReplayerSettings,
  onProgress?: CacheProgress,
): Promise<PreparedInputs> {
  const notes: string[] = [];
  const frozen: InputPaths = {};
  const compiled: InputPaths = {};
  const unlinked = whyUnlinked(settings.mix, inputs.traces !== undefined);
  for (const signal of SIGNALS) {
    const path = inputs[signal];
    if (path === undefined) continue;
    if (!existsSync(path)) throw new InputError(`${path}: no such file; it is input.${signal}`);
    const templatePath = await openTemplates(path, signal, cacheDirectoryFor(path), {
      traces: inputs.traces,
      onNote: (note) => notes.push(note),
    });
    const models = signal === "metrics" ? modelsFor(path) : {};
    const lateRoots = signal === "traces" ? lateRootsFor(path) : [];
    if (lateRoots.length > 0) notes.push(lateRootsNote(lateRoots));
    const freezeSettings = ({ batchSize, maxSpans, maxTraceSpans }: RequestSize): FreezeSettings => ({
      batchSize: batchSize[signal],
      maxRequestBytes: settings.maxRequestBytes,
      // Not there where it means nothing, so that rates that need no cap share one frozen file.
      ...(signal === "traces" && Number.isFinite(maxSpans) && { maxSpans, maxTraceSpans }),
      seed: settings.seed,
      jitterMs: settings.jitterMs,
      linkLogs: signal !== "logs" || unlinked === undefined,
      models,
      lateRoots,
    });
    const suiting = freezeSettings(settings);
    const usual = freezeSettings(settings.usualSize);
    const compiledFrom = (one: FreezeSettings) =>
      compiledFileOf(frozenPathOf(templatePath, one), settings.target.compression);
    const suited = compiledFrom(suiting);
    const ready = suited ?? compiledFrom(usual);
    const takesUsual = suited === undefined && ready !== undefined;
    if (takesUsual && !notes.includes(USUAL_SIZE_NOTE)) notes.push(USUAL_SIZE_NOTE);
    frozen[signal] = await freezeOnce(signal, templatePath, takesUsual ? usual : suiting, onProgress);
    if (ready !== undefined) compiled[signal] = ready;
  }
  if (frozen.logs && unlinked !== undefined) {
    notes.push(`logs: records go out without the ids of their spans: ${unlinked}`);
  }
  return { frozen, compiled, notes };
}

/** Value models of the metadata beside a metrics file, if it is that file's. */
function modelsFor(path: string): Record<string, ValueModel> {
  const metadata = readMetadata(dirname(path));
  return metadata?.signals.metrics?.file === basename(path) ? metadata.metrics : {};
}

/** Late roots of the metadata beside a traces file, if it is that file's. */
function lateRootsFor(path: string): LateRoot[] {
  const metadata = readMetadata(dirname(path));
  return metadata?.signals.traces?.file === basename(path) ? metadata.lateRoots : [];
}

function lateRootsNote(roots: readonly LateRoot[]): string {
  const delayMs = roots.reduce((longest, root) => Math.max(longest, root.delayMs), 0);
  return `traces: ${roots.length} roots of each pass leave up to ${delayMs / 1000} s after their traces; at the end the run waits for them`;
}
