/**
 * stampede inspect: what a template or capture file holds.
 */
import { once } from "node:events";
import { Command, InvalidArgumentError } from "commander";
import { frozenBeside } from "../replayer/freeze/frozen-beside.ts";
import { drawTraces } from "../template/inspect/draw-traces.ts";
import { inspectFile } from "../template/inspect/inspect-file.ts";
import { showItems } from "../template/inspect/show-items.ts";
import { CliError, EXIT } from "./exit.ts";
import { inspectText } from "./inspect-text.ts";
import { parseWhole } from "./options.ts";
import { traceText } from "./trace-text.ts";

interface InspectOptions {
  json?: boolean;
  show?: number;
  trees?: number;
  seed: number;
}

/** Items that are drawn are held in memory. */
const MOST_SHOWN = 10_000;

export function inspectCommand(): Command {
  return new Command("inspect")
    .summary("tell what a template or capture file holds")
    .description(
      "Tell what a file of OTLP holds: counts, shapes of traces, services, attributes with their types and numbers of values, series, bytes per item, and how well requests of it compress as they are sent: with ids and times as on the wire, at two sizes, with gzip at level 6 and zstd at level 3; and what of it is frozen and compiled already. Takes templates and what the Collector's file exporter writes, frames (.pb) or OTLP/JSON; which of them, and which signal, the content tells.",
    )
    .argument("<file...>", "template or capture files")
    .option("--json", "print one JSON document: an array, an element per file and signal")
    .option("--show <n>", "print N items instead, drawn at random, as indented OTLP/JSON", parseCount)
    .option("--trees <n>", "print N whole traces instead, drawn at random, as trees", parseCount)
    .option("--seed <n>", "with --show and --trees: another number draws other ones", parseWhole, 0)
    .addHelpText(
      "after",
      "\nExamples:\n  stampede inspect generated/*.pb\n  stampede inspect --show 10 --seed 3 generated/telemetry-logs.pb\n  stampede inspect --trees 5 generated/telemetry-traces.pb",
    )
    .action(run);
}

async function run(files: string[], options: InspectOptions): Promise<void> {
  const { show, trees, seed } = options;
  if (show !== undefined || trees !== undefined) {
    for (const file of files) {
      for (const item of show === undefined ? [] : showItems(file, show, seed)) await print(plainJson(item));
      for (const trace of trees === undefined ? [] : drawTraces(file, trees, seed)) {
        await print(`${traceText(trace)}\n`);
      }
    }
    return;
  }
  const summaries = files.map((file) => {
    const found = inspectFile(file);
    if (found.length === 0)
      throw new CliError(`${file}: holds no spans, data points or log records`, EXIT.usage);
    return found.map((summary) => ({ ...summary, frozen: frozenBeside(file, summary.signal) }));
  });
  if (options.json) await print(plainJson(JSON.stringify(summaries.flat(), null, 2)));
  else await print(summaries.flat().map(inspectText).join("\n\n"));
}

/** The same JSON, with what JSON leaves as it is though a terminal may obey it escaped, too. */
function plainJson(json: string): string {
  return json.replace(/[\x7F-\x9F\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const unit = character.charCodeAt(index).toString(16);
      return `\\u${unit.padStart(4, "0")}`;
    }).join(""),
  );
}

/** Resolves when stdout takes more. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}

function parseCount(text: string): number {
  const count = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !(count >= 1 && count <= MOST_SHOWN))
    throw new InvalidArgumentError(`must be a whole number from 1 to ${MOST_SHOWN}, got "${text}"`);
  return count;
}
