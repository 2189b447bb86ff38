/**
 * stampede freeze: do ahead what replay would do first, and compile batches so that sending them takes no compressing.
 */
import { Command } from "commander";
import { SIGNALS } from "../otlp/signal.ts";
import type { CompiledTotals } from "../replayer/freeze/compile-frozen.ts";
import { compileOnce } from "../replayer/freeze/freeze-cache.ts";
import { prepareInputs } from "../replayer/inputs.ts";
import { resolveSettings } from "../replayer/settings.ts";
import { bytes, grouped } from "../terminal/figures.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { openProgress } from "../terminal/progress-view.ts";
import { freezeProgress } from "./freeze-progress.ts";
import { chooseInputs, readConfig } from "./replay.ts";

interface Options {
  config?: string;
  input?: string;
}

export function freezeCommand(): Command {
  return new Command("freeze")
    .summary("compile templates ahead of a replay, so that it neither encodes nor compresses")
    .description(
      "Freeze templates and compress their batches once, in a way that lets fresh times and ids be written into them. A replay with\n" +
        "--protocol http/protobuf and --compression zstd under the same config then sends these. What is there already stays.",
    )
    .option("--config <file>", "replayer config (YAML)")
    .option("--input <directory>", "templates, as `stampede generate` wrote them")
    .addHelpText("after", "\nExample:\n  stampede freeze --input ./generated")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  const config = readConfig(options, lines);
  // As nothing is sent, the files that are asked for are the plain ones.
  const settings = resolveSettings({ ...config, otlp: { ...config.otlp, compression: "none" } }, process.env);
  const inputs = await chooseInputs(config, options);
  const progress = await freezeProgress(process.stderr, lines);
  const { frozen, notes } = await prepareInputs(inputs, settings, progress.onProgress).finally(
    progress.close,
  );
  for (const note of notes) lines.note(note);
  const view = await openProgress({ steps: [], unit: "requests", stream: process.stderr });
  const texts: string[] = [];
  try {
    for (const signal of SIGNALS) {
      const path = frozen[signal];
      if (path === undefined) continue;
      const totals = await compileOnce(path, (done, total) => view.show(`compiling ${signal}`, done, total));
      texts.push(`${signal}: ${totals ? textOf(totals) : "compiled already"}`);
    }
  } finally {
    view.close();
  }
  process.stdout.write(`${texts.join("\n")}\n`);
}

function textOf({ records, compressed, plainBytes, wireBytes }: CompiledTotals): string {
  const ratio = (plainBytes / wireBytes).toFixed(1);
  const plain = compressed < records ? `, ${grouped(records - compressed)} of them plain` : "";
  return `${grouped(records)} requests${plain}, ${bytes(plainBytes)} as ${bytes(wireBytes)}, ${ratio} times smaller`;
}
