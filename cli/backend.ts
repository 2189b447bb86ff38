/**
 * stampede backend: one Collector config for all backends that are named, or one line on what keeps them from working, before any
 * Collector starts.
 */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { type Backend, billsAt } from "../fleet/backends/backend-file.ts";
import { chooseBackends } from "../fleet/backends/choose.ts";
import { readBase, render, renderText, routes } from "../fleet/backends/render.ts";
import { CONFIRM_ABOVE_EVENTS_PER_SECOND } from "../replayer/settings.ts";
import { eventsAnHour } from "./cost-brake.ts";
import { CliError } from "./exit.ts";
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
  const backends = chooseBackends(names, configs, process.env);
  const rendered = render(readBase(configs), backends);
  for (const route of routes(rendered)) note(route);
  for (const backend of backends) hint(backend);
  if (rate !== undefined) brake(backends, rate, yes || process.env.CONFIRM === "yes");
  const text = renderText(rendered, backends);
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}

/** In compose: what is expected to run beside the collectors, and is not started. It may run for other reasons, so this stops nothing. */
function hint({ name, header: { profile, address } }: Backend): void {
  const { COMPOSE_PROFILES: profiles } = process.env;
  if (profile === undefined || profiles === undefined || (address !== undefined && process.env[address]))
    return;
  const started = profiles.split(",").map((one) => one.trim());
  if (!started.includes(profile) && !started.includes("*") && !started.includes(name))
    note(`${name} is expected to run beside the collectors; COMPOSE_PROFILES=${profile} starts it`);
}

/** Say what goes to those that bill, or throw CliError when nobody has said yes to it. */
function brake(backends: readonly Backend[], rate: number, isConfirmed: boolean): void {
  const billing = backends.filter((backend) => billsAt(backend, process.env));
  if (billing.length === 0) return;
  const places = billing.map(({ name, header }) => header.title ?? name).join(" and ");
  const amount = `${eventsAnHour(rate)} (span events and links not counted) to ${places}`;
  if (isConfirmed || (rate > 0 && rate <= CONFIRM_ABOVE_EVENTS_PER_SECOND)) {
    note(`this sends ${amount}`);
    return;
  }
  throw new CliError(
    `this would send ${amount}, which may bill them; set CONFIRM=yes (or add --yes) if that is what you want, or lower RATE`,
  );
}

function note(text: string): void {
  process.stderr.write(`backend: ${text}\n`);
}
