/**
 * stampede inspect: what a template or capture file holds.
 */
import { once } from "node:events";
import { Command, InvalidArgumentError } from "commander";
import { inspectFile } from "../template/inspect/inspect-file.ts";
import { showItems } from "../template/inspect/show-items.ts";
import { CliError, EXIT } from "./exit.ts";
import { inspectText } from "./inspect-text.ts";

interface InspectOptions {
  json?: boolean;
  show?: number;
}

export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("tell what a template or capture file holds")
    .description(
      "Tell what a file of OTLP holds: counts, spans per trace, services, attributes and their types, series, bytes per item and how well it compresses. Takes templates and what the Collector's file exporter writes, frames (.pb) or OTLP/JSON; which of them, and which signal, the content tells.",
    )
    .argument("<file...>", "template or capture files")
    .option("--json", "print one JSON document: an array, an element per file and signal")
    .option("--show <n>", "print the first N items of each file as indented OTLP/JSON instead", parseCount)
    .addHelpText(
      "after",
      "\nExamples:\n  stampede inspect generated/*.pb\n  stampede inspect --show 1 generated/telemetry-traces.pb",
    )
    .action(run);
}

async function run(files: string[], options: InspectOptions): Promise<void> {
  if (options.show !== undefined) {
    for (const file of files) for (const item of showItems(file, options.show)) await print(item);
    return;
  }
  const summaries = files.map((file) => {
    const found = inspectFile(file);
    if (found.length === 0)
      throw new CliError(`${file}: holds no spans, data points or log records`, EXIT.usage);
    return found;
  });
  if (options.json) await print(JSON.stringify(summaries.flat(), null, 2));
  else await print(summaries.flat().map(inspectText).join("\n\n"));
}

/** Resolves when stdout takes more: `--show 1000000` into a slow pager stays small. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError(`must be a whole number from 1 on, got "${text}"`);
  return Number(text);
}
