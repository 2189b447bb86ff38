/**
 * Compiled files: which forms there are of a frozen file, what each is called, and which of them are there. A sending process holds
 * this much; making them is compile-once.ts.
 */
import { existsSync, rmSync } from "node:fs";
import type { Compression } from "../../otlp/protocol.ts";
import { type CompiledTotals, describeFrozen, FrozenFile } from "../freeze/frozen-file.ts";
import type { Effort } from "./zstd/effort.ts";

/**
 * What the batches of a frozen file can be compiled to: a compression and an effort, the smaller of one compression first. Also the end
 * of the compiled file's name.
 */
export const COMPILED_FORMS = ["zstd-best", "zstd-fast", "gzip-best", "gzip-fast"] as const;

export type CompiledForm = (typeof COMPILED_FORMS)[number];

/** The forms that serve requests of this compression, the one to be preferred first; none where each request is compressed. */
export function formsOf(compression?: Compression): CompiledForm[] {
  return COMPILED_FORMS.filter((form) => form.split("-")[0] === compression);
}

/** The form to be made for requests of this compression. */
export function formToMake(compression: Compression | undefined, effort: Effort): CompiledForm | undefined {
  return formsOf(compression).find((form) => form.endsWith(`-${effort}`));
}

/** `zstd, effort fast` */
export function formText(form: CompiledForm): string {
  return form.replace("-", ", effort ");
}

/** A compiled file is of one frozen file, whose name says what it was made of. */
export function compiledName(frozenPath: string, form: CompiledForm): string {
  return `${frozenPath}.${form}`;
}

/** The compiled file of a frozen one that requests of this compression are best sent from, if somebody has made one. */
export function compiledFileOf(frozenPath: string, compression?: Compression): string | undefined {
  return formsOf(compression)
    .map((form) => compiledName(frozenPath, form))
    .find(isValidFile);
}

/** That file, open: for a lane to go on with. */
export function openCompiledFile(frozenPath: string, compression?: Compression): FrozenFile | undefined {
  const path = compiledFileOf(frozenPath, compression);
  return path === undefined ? undefined : new FrozenFile(path);
}

/** What a compiled file comes to. */
export interface CompiledSummary extends CompiledTotals {
  form: CompiledForm;
  /** Bytes of a pass on the wire, headers apart, by its items. */
  bytesPerItem: number;
  /** How many times smaller that is than the requests. */
  ratio: number;
}

/** What a compiled file comes to; undefined of one that is not compiled. */
export function summaryOfCompiled(path: string): CompiledSummary | undefined {
  const form = COMPILED_FORMS.find((one) => path.endsWith(`.${one}`));
  const { compiled, items } = describeFrozen(path).summary;
  if (!compiled || form === undefined) return undefined;
  const { plainBytes, wireBytes } = compiled;
  return { form, ...compiled, bytesPerItem: wireBytes / items, ratio: plainBytes / wireBytes };
}

/** `zstd, effort fast: 55.3 B an item, 8.7 times smaller`, and how many do not shrink. */
export function compiledText({ form, records, compressed, bytesPerItem, ratio }: CompiledSummary): string {
  const plain = compressed < records ? `; ${records - compressed} of ${records} requests plain` : "";
  return `${formText(form)}: ${bytesPerItem.toFixed(1)} B an item, ${ratio.toFixed(1)} times smaller${plain}`;
}

/** Whether this is a frozen file of today's format, whole. One that is not is removed. */
export function isValidFile(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    describeFrozen(path);
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}
