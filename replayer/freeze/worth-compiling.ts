/**
 * Whether a run is to compile its batches while it sends. Compiling costs as much as compressing each request does in some 25 passes,
 * so a run of fewer would spend more CPU than it saves, and one that ends before the compiled file is there would have none of it.
 */
import type { CompiledForm } from "./compiled-files.ts";
import type { FrozenSummary } from "./frozen-file.ts";

/** CPU nanoseconds per byte of requests, measured on the default templates; the signals differ little. */
const COMPILE_NS: Record<CompiledForm, number> = { "zstd-fast": 36, "zstd-best": 300 };
/** The same of zstd at level 1, as requests are compressed when they leave. */
const AS_THEY_GO_NS = 1.4;
/** The run must last so many times as long as compiling takes. */
const LONGER = 2;

/** What is known ahead of a run. */
export interface PlannedUse {
  /** Items of all replicas together; Infinity: not known, or no limit. */
  items: number;
  /** Milliseconds; Infinity: not known, or no limit. */
  durationMs: number;
}

/** Whether compiling this file on so many threads pays within the run. */
export function isWorthCompiling(
  { items, bodyBytes }: Pick<FrozenSummary, "items" | "bodyBytes">,
  form: CompiledForm,
  planned: PlannedUse,
  workers: number,
): boolean {
  const compileMs = (bodyBytes * COMPILE_NS[form]) / 1e6 / workers;
  const passes = planned.items / items;
  return planned.durationMs >= LONGER * compileMs && passes >= COMPILE_NS[form] / AS_THEY_GO_NS;
}
