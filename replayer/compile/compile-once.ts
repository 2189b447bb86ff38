/**
 * Making compiled files, each once however many processes want it.
 */
import { basename, dirname } from "node:path";
import { makeIfFree, makeOnce, removeDeadParts } from "../freeze/make-once.ts";
import { type CompileOptions, compileFrozen } from "./compile-frozen.ts";
import {
  type CompiledForm,
  type CompiledSummary,
  compiledName,
  isValidFile,
  summaryOfCompiled,
} from "./compiled-files.ts";

/** A part that was not written for so long has nobody who writes it, as the lock is ours. */
const PART_STALE_MS = 15_000;

/** The compiled file of a frozen one, beside it; made first if it is not there. */
export async function compileOnce(
  frozenPath: string,
  form: CompiledForm,
  options: CompileOptions = {},
): Promise<CompiledSummary & { isNew: boolean }> {
  let isNew = false;
  const target = compiledName(frozenPath, form);
  const isThere = () => {
    options.signal?.throwIfAborted();
    return isValidFile(target);
  };
  await makeOnce(target, isThere, async () => {
    isNew = true;
    await make(frozenPath, form, options);
  });
  return { ...summaryOfCompiled(target)!, isNew };
}

/** Make the compiled file of a frozen one, unless it is there. False when somebody else is at it. */
export async function compileIfFree(
  frozenPath: string,
  form: CompiledForm,
  options: CompileOptions = {},
): Promise<boolean> {
  const target = compiledName(frozenPath, form);
  return makeIfFree(target, isValidFile, () => make(frozenPath, form, options));
}

async function make(frozenPath: string, form: CompiledForm, options: CompileOptions): Promise<void> {
  const target = compiledName(frozenPath, form);
  removeDeadParts(dirname(target), basename(target), PART_STALE_MS);
  await compileFrozen(frozenPath, target, form, options);
}
