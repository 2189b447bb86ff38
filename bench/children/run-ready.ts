/** From a config to templates that are ready to be sent compressed: how long that takes on all cores. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { clocks, difference } from "../../fleet/plan/calibrate/mark.ts";
import { generate } from "../../generator/generate.ts";
import { compileFrozen } from "../../replayer/compile/compile-frozen.ts";
import { freezeTemplate } from "../../replayer/freeze/freeze.ts";
import { freezeSettings } from "../fixtures/fixtures.ts";
import { generatorConfig } from "../fixtures/subjects.ts";

export interface ReadyTask {
  directory: string;
  /** Spans, in thousands. */
  thousands: number;
  batch: number;
}

interface Step {
  cpuSeconds: number;
  seconds: number;
}

export interface ReadyFigures {
  spans: number;
  templateBytes: number;
  compiledBytes: number;
  generate: Step;
  freeze: Step;
  compile: Step;
}

/** Traces only. */
export async function runReady({ directory, thousands, batch }: ReadyTask): Promise<ReadyFigures> {
  const config = generatorConfig(thousands, "traces and logs");
  config.logs.count = 0;
  const began = clocks();
  const metadata = await generate(config, { outputDir: directory, createdAt: new Date(0).toISOString() });
  const generated = clocks();
  const template = join(directory, metadata.signals.traces!.file);
  const frozen = join(directory, "ready.frozen");
  const summary = freezeTemplate("traces", template, frozen, freezeSettings("traces", batch, metadata));
  const isFrozen = clocks();
  await compileFrozen(frozen, `${frozen}.zstd`, "zstd-fast");
  return {
    spans: summary.items,
    templateBytes: statSync(template).size,
    compiledBytes: statSync(`${frozen}.zstd`).size,
    generate: difference(began, generated),
    freeze: difference(generated, isFrozen),
    compile: difference(isFrozen, clocks()),
  };
}
