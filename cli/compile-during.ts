/**
 * Whether batches are compiled when a run begins, and if not whether it compiles them while it sends: the decision, said in notes, and
 * the start.
 */
import { SIGNALS } from "../otlp/signal.ts";
import { BEHIND_WORKERS, CompilingBehind } from "../replayer/compile/compile-behind.ts";
import { compiledText, formToMake, summaryOfCompiled } from "../replayer/compile/compiled-files.ts";
import { isWorthCompiling } from "../replayer/compile/worth-compiling.ts";
import { describeFrozen } from "../replayer/freeze/frozen-file.ts";
import { begunBy, type ReplayJob } from "../replayer/job.ts";
import type { Plan } from "../replayer/plan.ts";

/** Compile what is to be sent compressed and is not compiled yet, if it pays. Returns how to end that. */
export function compileDuring(job: ReplayJob, plan: Plan, note: (text: string) => void): () => void {
  const { settings, frozen, compiled } = job;
  const form = formToMake(settings.target.compression, settings.effort);
  const missing = SIGNALS.filter((signal) => plan.lanes[signal] && compiled[signal] === undefined);
  if (form === undefined) return () => {};
  for (const signal of SIGNALS) {
    const summary = compiled[signal] && summaryOfCompiled(compiled[signal]);
    if (summary) note(`${signal}: compiled batches, ${compiledText(summary)}`);
  }
  const worth = missing.filter((signal) => {
    const { summary } = describeFrozen(frozen[signal]!);
    const { items, passes } = plan.lanes[signal]!;
    const planned = {
      items: Math.min(items, passes * summary.items) * begunBy(job).share.count,
      durationMs: plan.endMs,
    };
    return isWorthCompiling(summary, form, planned, BEHIND_WORKERS);
  });
  const rest = missing.filter((signal) => !worth.includes(signal));
  if (rest.length > 0) {
    note(
      `${rest.join(", ")}: too short a run to compile batches; requests are compressed as they go (stampede freeze, given the same rate, compiles ahead)`,
    );
  }
  if (worth.length === 0) return () => {};
  const compiling = new CompilingBehind({
    frozen: Object.fromEntries(worth.map((signal) => [signal, frozen[signal]])),
    form,
    onNote: note,
  });
  return () => compiling.end();
}
