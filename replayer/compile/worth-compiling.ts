/**
 * Whether a run is to compile its batches while it sends. Compiling costs as much as compressing each request does in some 30 passes
 * (zstd; gzip: 16), so a run of fewer would spend more CPU than it saves, and one that ends before the compiled file is there would have
 * none of it.
 */

import type { FrozenSummary } from "../freeze/frozen-file.ts";
import type { CompiledForm } from "./compiled-files.ts";

/** CPU nanoseconds per byte of requests, about, of the default templates; the signals differ by half of it. */
const COMPILE_NS: Record<CompiledForm, number> = {
  "zstd-fast": 40,
  "zstd-best": 260,
  "gzip-fast": 50,
  "gzip-best": 260,
};
/** The same of the levels at which requests are compressed when they leave. */
const AS_THEY_GO_NS = { zstd: 1.4, gzip: 3.2 };
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
  const passesToPay = COMPILE_NS[form] / AS_THEY_GO_NS[form.startsWith("zstd") ? "zstd" : "gzip"];
  return planned.durationMs >= LONGER * compileMs && planned.items / items >= passesToPay;
}
