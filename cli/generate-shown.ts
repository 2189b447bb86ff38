/** Generating a set of templates with somebody looking on: progress on standard error, Ctrl-C ends it and leaves what was there. */
import type { GeneratorConfig } from "../generator/config.ts";
import { expectedItems, generate } from "../generator/generate.ts";
import { ITEM_NAMES, SIGNALS } from "../otlp/signal.ts";
import type { TemplateMetadata } from "../template/metadata.ts";
import { openProgress, type ProgressOptions } from "../terminal/progress-view.ts";
import { CliError, EXIT } from "./exit.ts";

export interface ShownOptions {
  outputDir: string;
  /** Whether to write OTLP/JSON twins too. */
  json?: boolean;
  /** Said first. */
  notes?: readonly string[];
  /** Where progress goes; stderr. */
  stream?: ProgressOptions["stream"] | undefined;
}

/** Returns what `metadata.yaml` says. Throws what `generate` throws, and CliError when it is interrupted. */
export async function generateShown(
  config: GeneratorConfig,
  { outputDir, json = false, notes = [], stream }: ShownOptions,
): Promise<TemplateMetadata> {
  // First of all: from here on Ctrl-C leaves nothing half done.
  const interrupt = new AbortController();
  const onInterrupt = () => {
    interrupt.abort(new CliError(`interrupted: nothing in ${outputDir} has changed`, EXIT.interrupted));
  };
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt).once("SIGHUP", onInterrupt);
  const expected = expectedItems(config);
  const progress = await openProgress({
    steps: SIGNALS.filter((signal) => expected[signal] > 0).map((signal) => ({
      name: signal,
      unit: ITEM_NAMES[signal],
      total: expected[signal],
    })),
    ...(stream === undefined ? {} : { stream }),
  });
  for (const note of notes) progress.note(note);
  try {
    return await generate(config, {
      outputDir,
      json,
      createdAt: new Date().toISOString(),
      onProgress: ({ signal, items }) => progress.show(signal, items),
      abort: interrupt.signal,
    });
  } finally {
    progress.close();
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt).off("SIGHUP", onInterrupt);
  }
}
