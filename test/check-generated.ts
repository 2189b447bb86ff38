/**
 * From a generator's config to a judgement of its data: generate, send so many passes through a real Collector, and check what its
 * file exporter wrote.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaptureReport, checkCapture, filesOf } from "./capture/check-capture.ts";
import type { DataRules } from "./capture/data-rules.ts";
import { startCollector } from "./collector.ts";
import { outputOf, stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

export interface GeneratedRun {
  /** Text of a generator's config. */
  config: string;
  /** What to hold the data against. */
  rules: Partial<DataRules>;
  rootless?: boolean;
  /** 1 unless what happens between points is of interest. */
  passes?: number;
  /** Events a second, for all that has no rate of its own; 10,000 unless said. */
  rate?: number;
}

/** What is found in the capture of a run. Throws when a step fails. Leaves no files. */
export async function checkGenerated(run: GeneratedRun): Promise<CaptureReport> {
  const directory = mkdtempSync(join(tmpdir(), "stampede-generated-"));
  try {
    return await checkIn(directory, run);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function checkIn(
  directory: string,
  { config, rules, rootless = false, passes = 1, rate = 10_000 }: GeneratedRun,
): Promise<CaptureReport> {
  const exports = join(directory, "exports");
  mkdirSync(exports);
  const templates = await generateTemplates(directory, config);
  const collector = await startCollector("file", { COLLECTOR_EXPORT_DIRECTORY: exports });
  try {
    const replayer = join(directory, "replayer.yaml");
    // Points come often, so that passes need not wait for each other.
    writeFileSync(
      replayer,
      `metrics: {interval: 1s}\nsending: {multiplier: ${passes}, rate_limit: {events_per_second: ${rate}}}\n`,
    );
    const flags = [`--config=${replayer}`, `--input=${templates}`, `--endpoint=${collector.grpc}`];
    await outputOf("replay", stampede("replay", ...flags));
    await collector.stop();
    return await checkCapture(filesOf(exports), { rootless, seed: 0, data: rules });
  } finally {
    await collector.dispose();
  }
}
