/**
 * The process that freezes: started by `freeze-cache.ts`, told what to do by one message, answers with progress and an end.
 *
 * Freezing has a heap of its own this way: the replayer, which starts sending when it ends, stays as light as if the
 * frozen file had been there before.
 */

import type { Signal } from "../../otlp/signal.ts";
import { type FreezeSettings, freezeTemplate } from "./freeze.ts";

export interface FreezeJob {
  signal: Signal;
  templatePath: string;
  target: string;
  settings: FreezeSettings;
}

export type FreezeMessage =
  | { progressBytes: number }
  | { done: true }
  | { error: string; isTemplateFault: boolean };

const PROGRESS_EVERY_BYTES = 8 * 1024 * 1024;

process.once("message", (job: FreezeJob) => {
  let reported = 0;
  const report = (message: FreezeMessage) => process.send!(message);
  try {
    freezeTemplate(job.signal, job.templatePath, job.target, job.settings, (bytes) => {
      if (bytes - reported < PROGRESS_EVERY_BYTES) return;
      reported = bytes;
      report({ progressBytes: bytes });
    });
    report({ done: true });
  } catch (error) {
    const isTemplateFault = error instanceof Error && "code" in error;
    report({
      error: (isTemplateFault ? textOf(error) : (error as Error).stack) ?? String(error),
      isTemplateFault,
    });
  }
  process.disconnect?.();
});

/** Errors of reading and writing do not tell of which file, unless whoever did it has added that. */
function textOf({ message, path }: Error & { path?: unknown }): string {
  return typeof path !== "string" || message.includes(path) ? message : `${path}: ${message}`;
}
