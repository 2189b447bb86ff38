/**
 * stampede backend: one Collector config for all backends that are named, or one line on what keeps them from working, before any
 * Collector starts.
 */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { renderText } from "../fleet/backends/render.ts";
import { chooseAndSay } from "./choose-backends.ts";
import { parseRate } from "./options.ts";

interface Options {
  configs: string;
  output?: string;
  rate?: number;
  yes: boolean;
}

const EXAMPLES = `
Examples:
  stampede backend honeycomb,jaeger --output collector.yaml     then: otelcol-contrib --config collector.yaml
  stampede backend jaeger                                       to standard output

$BACKEND, $RATE and CONFIRM=yes are taken where no argument says otherwise. $BACKEND is nop by default.`;

export function backendCommand(): Command {
  return new Command("backend")
    .summary("make the config of the collectors for the backends behind them, or say what they lack")
    .description(
      "Make one Collector config that sends each signal to every named backend that takes it.\nEnds with code 2 and one line when a name is unknown, a variable is missing, or the rate would cost more than meant.",
    )
    .argument("[names]", "backends, with commas: files of collector-config/backends/ without their ending")
    .option("--configs <directory>", "where base.yaml and backends/ are", "collector-config")
    .option("--output <file>", "write the config there, not to standard output")
    .addOption(
      new Option("--rate <n>", "events a second that the fleet will send; 0 is as fast as it goes")
        .argParser(parseRate)
        .env("RATE"),
    )
    .option("--yes", "this rate to a backend that bills is meant", false)
    .addHelpText("after", EXAMPLES)
    .action((names: string | undefined, options: Options) =>
      run(names ?? (process.env.BACKEND || "nop"), options),
    );
}

function run(names: string, { configs, output, rate, yes }: Options): void {
  const asked = { rate, isConfirmed: yes || process.env.CONFIRM === "yes" };
  const { backends, rendered } = chooseAndSay(names, configs, process.env, asked, note);
  const text = renderText(rendered, backends);
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}

function note(text: string): void {
  process.stderr.write(`backend: ${text}\n`);
}
