/**
 * What of a template is frozen and compiled beside it: one frozen file per settings that it was sent with, and its compiled forms.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Signal } from "../../otlp/signal.ts";
import {
  COMPILED_FORMS,
  type CompiledSummary,
  compiledName,
  summaryOfCompiled,
} from "../compile/compiled-files.ts";
import { CACHE_DIRECTORY } from "./freeze-cache.ts";
import { describeFrozen } from "./frozen-file.ts";

/** A frozen file of a template. */
export interface FrozenBeside {
  /** Of a pass, late roots apart. */
  requests: number;
  items: number;
  /** Of the requests, before compression. */
  bytes: number;
  /** Its compiled forms, the smallest of a compression first. */
  compiled: CompiledSummary[];
}

/** The frozen files of a template of this signal, where they stand beside it; those older than the template are not of it. */
export function frozenBeside(templatePath: string, signal: Signal): FrozenBeside[] {
  const directory = join(dirname(resolve(templatePath)), CACHE_DIRECTORY);
  if (!existsSync(directory)) return [];
  const madeMs = statSync(templatePath).mtimeMs;
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${basename(templatePath)}.`) && name.endsWith(".frozen"))
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).mtimeMs >= madeMs)
    .flatMap((path) => summaryOf(path, signal));
}

function summaryOf(path: string, signal: Signal): FrozenBeside[] {
  const frozen = ifReadable(() => describeFrozen(path));
  if (frozen?.summary.signal !== signal) return [];
  const { summary, batches } = frozen;
  const compiled = COMPILED_FORMS.map((form) => compiledName(path, form)).filter((file) => existsSync(file));
  return [
    {
      requests: batches,
      items: summary.items,
      bytes: summary.bodyBytes,
      compiled: compiled.flatMap((file) => ifReadable(() => summaryOfCompiled(file)) ?? []),
    },
  ];
}

/** Files of another format, or that go away just now, are as if they were not there. */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
