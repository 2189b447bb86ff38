/**
 * stampede freeze: do ahead what replay would do first, and compile batches so that sending them takes no compressing.
 */
import { Command, Option } from "commander";
import { COMPRESSIONS, type Compression } from "../otlp/protocol.ts";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { compileOnce } from "../replayer/compile/compile-once.ts";
import {
  type CompiledSummary,
  compiledText,
  formsOf,
  formToMake,
} from "../replayer/compile/compiled-files.ts";
import type { Effort } from "../replayer/compile/zstd/effort.ts";
import { EFFORT_NAMES } from "../replayer/config/sending.ts";
import { describeFrozen } from "../replayer/freeze/frozen-file.ts";
import { prepareInputs } from "../replayer/inputs.ts";
import { resolveSettings } from "../replayer/settings.ts";
import { bytes, grouped } from "../terminal/figures.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { openProgress, type PlannedStep } from "../terminal/progress-view.ts";
import { CliError, EXIT } from "./exit.ts";
import { freezeProgress } from "./freeze-progress.ts";
import { addRateOptions, layRateOver, type RateOptions, saysRate } from "./rate-options.ts";
import { chooseInputs, readConfig } from "./replay.ts";

/** Compressions that batches can be compiled to. */
const COMPILED = COMPRESSIONS.filter((compression) => formsOf(compression).length > 0);

interface Options extends RateOptions {
  config?: string;
  input?: string;
  compression?: Compression;
  effort?: Effort;
}

export function freezeCommand(): Command {
  return addRateOptions(new Command("freeze"))
    .summary("compile templates ahead of a replay, so that it neither encodes nor compresses")
    .description(
      "Freeze templates and compress their batches once, in a way that lets fresh times and ids be written into them. A replay with\n" +
        "the same compression under the same config then sends these. What is there already stays.",
    )
    .option("--config <file>", "replayer config (YAML)")
    .option("--input <directory>", "templates, as `stampede generate` wrote them")
    .addOption(new Option("--compression <name>", "default that of the config, else zstd").choices(COMPILED))
    .addOption(
      new Option(
        "--effort <name>",
        "default fast; best takes several times as long for somewhat smaller requests",
      ).choices(EFFORT_NAMES),
    )
    .addHelpText(
      "after",
      "\nRequests are as large as they get, and a replay sends them at any rate. For small ones, which suit a small rate, give the rate and the\n" +
        "limits that the replay will have, as flags or in the config.\n" +
        "\nExamples:\n  stampede freeze --input ./generated\n  stampede freeze --config examples/replayer.yaml --effort best",
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  const file = readConfig(options, lines);
  // Nobody has said a word on the rate: requests as large as they get, which a replay at any rate takes.
  const isRateOpen = options.config === undefined && !saysRate(options);
  const rate = isRateOpen ? { ...options, rate: 0 } : options;
  const config = { ...file, sending: layRateOver(file.sending, rate) };
  const settings = resolveSettings(config, process.env);
  const { compression = settings.target.compression, effort = settings.effort } = options;
  const form = formToMake(compression, effort) ?? formToMake("zstd", effort)!;
  const inputs = await chooseInputs(config, options);
  const progress = await freezeProgress(process.stderr, lines);
  const { frozen, notes } = await prepareInputs(inputs, settings, progress.onProgress).finally(
    progress.close,
  );
  for (const note of notes) lines.note(note);
  const signals = SIGNALS.filter((signal) => frozen[signal]);
  const view = await openProgress({ steps: signals.map((signal) => stepOf(signal, frozen[signal]!)) });
  const texts: string[] = [];
  const interrupt = new AbortController();
  const onInterrupt = () =>
    interrupt.abort(new CliError("interrupted: signals that were complete stay", EXIT.interrupted));
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt).once("SIGHUP", onInterrupt);
  try {
    for (const signal of signals) {
      const onProgress = (done: number) => view.show(stepName(signal), done);
      const options = { onProgress, signal: interrupt.signal };
      const { isNew, ...compiled } = await compileOnce(frozen[signal]!, form, options);
      texts.push(`${signal}: ${textOf(compiled, isNew)}`);
    }
  } finally {
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt).off("SIGHUP", onInterrupt);
    view.close();
  }
  process.stdout.write(`${texts.join("\n")}\n`);
}

const stepName = (signal: Signal) => `compiling ${signal}`;

function stepOf(signal: Signal, path: string): PlannedStep {
  return { name: stepName(signal), unit: "requests", total: describeFrozen(path).records };
}

/** Two lines, for 80 columns. */
function textOf(compiled: CompiledSummary, isNew: boolean): string {
  const { records, plainBytes, wireBytes } = compiled;
  const requests = `${grouped(records)} request${records === 1 ? "" : "s"}`;
  return `${requests}, ${bytes(plainBytes)} as ${bytes(wireBytes)}${isNew ? "" : ", was there"}\n  ${compiledText(compiled)}`;
}
