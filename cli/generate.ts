/**
 * stampede generate: write a set of templates.
 */
import { Command, InvalidArgumentError } from "commander";
import { loadConfig } from "../config/load.ts";
import { type GeneratorConfig, generatorConfigSchema } from "../generator/config.ts";
import { generateShown } from "./generate-shown.ts";
import { generateSummary, nextSteps } from "./generate-summary.ts";

interface Options {
  config: string;
  outputDir?: string;
  json?: boolean;
  seed?: number;
}

export function generateCommand(): Command {
  return new Command("generate")
    .summary("write templates: traces, metrics and logs without wall-clock times")
    .description(
      "Write a set of templates: a frame file per signal and metadata.yaml. The same config and seed give the same bytes.\n" +
        "Files of an earlier set stay as they are until the new ones are complete.",
    )
    .requiredOption("--config <file>", "generator config (YAML)")
    .option("--output-dir <directory>", "where to, instead of output.directory")
    .option("--json", "write the same requests as OTLP/JSON too, one a line")
    .option("--seed <n>", "instead of the config's seed", parseSeed)
    .addHelpText(
      "after",
      "\nExample:\n  stampede generate --config examples/generator.yaml --output-dir ./generated",
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { value, notes } = loadConfig(options.config, generatorConfigSchema);
  const config: GeneratorConfig = options.seed === undefined ? value : { ...value, seed: options.seed };
  const directory = options.outputDir ?? config.output.directory;
  const startedAt = performance.now();
  const metadata = await generateShown(config, { outputDir: directory, json: options.json ?? false, notes });
  process.stdout.write(generateSummary(directory, metadata, performance.now() - startedAt));
  if (process.stdout.isTTY)
    process.stdout.write(nextSteps(directory, process.env.STAMPEDE_COMMAND ?? "stampede"));
}

function parseSeed(text: string): number {
  const seed = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError("must be a whole number from 0 to 9,007,199,254,740,991.");
  }
  return seed;
}
