/**
 * stampede up: a fleet on this machine from one command, without containers: templates, Collectors or a sink, and replicas, each a
 * process of its own; and one account of them all.
 */
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { builtCollector, COLLECTOR_CONFIG } from "../fleet/local-collectors/backends.ts";
import type { CollectorsPlan, FleetPlan } from "../fleet/up/plan.ts";
import { type FleetResult, type FleetView, runFleet } from "../fleet/up/run-fleet.ts";
import { COMPRESSIONS, PROTOCOLS } from "../otlp/protocol.ts";
import { askedRate } from "../replayer/asked-rate.ts";
import { prepareInputs } from "../replayer/inputs.ts";
import { resolveSettings } from "../replayer/settings.ts";
import { openAccountView } from "../terminal/account-view.ts";
import type { LineWriter } from "../terminal/line-view.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { chooseAndSay } from "./choose-backends.ts";
import { checkCollector, HOW_TO_GET_COLLECTOR } from "./collector-program.ts";
import { CliError, EXIT } from "./exit.ts";
import { freezeProgress } from "./freeze-progress.ts";
import { onInterrupt } from "./interrupts.ts";
import { parsePositive, parseWhole } from "./options.ts";
import { addRateOptions, type RateOptions } from "./rate-options.ts";
import { chooseInputs, layOver, readConfig } from "./replay.ts";
import { HANDED } from "./replay-launch.ts";
import type { ReplayRun } from "./replay-run.ts";
import { checkReportPath, deliverReport } from "./report-file.ts";
import { accountText } from "./up-account.ts";
import { watchAccount } from "./watch-account.ts";

interface Options extends RateOptions {
  replicas: number;
  collectors: number;
  collector?: string;
  backend?: string;
  config?: string;
  input?: string;
  protocol?: (typeof PROTOCOLS)[number];
  compression?: (typeof COMPRESSIONS)[number];
  multiplier?: number;
  concurrency?: number;
  seed?: number;
  report?: string;
  html?: string;
  yes?: boolean;
}

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

export function upCommand(): Command {
  const command = addReplayOptions(
    new Command("up")
      .summary("run a whole fleet on this machine: collectors or a sink, and replicas")
      .description(
        "Run a fleet on this machine without containers: replicas, each a `stampede replay` of its own, into Collectors on free ports of\n" +
          "127.0.0.1, or into the sink where there is no Collector. Ctrl-C stops it; one account of all of them is printed at the end.",
      ),
  );
  return command
    .option("--replicas <n>", "replicas, which share the rate", parsePositive, 3)
    .option("--collectors <n>", "Collectors, which the replicas spread over", parsePositive, 1)
    .option(
      "--collector <file>",
      "program to run as the Collector, or none for the sink; default the one that scripts/get-collector built, else the sink",
    )
    .option(
      "--backend <names>",
      "a file of collector-config/backends, or several with commas; default nop; needs a Collector",
    )
    .option("--report <file>", "write the account of the fleet there as JSON")
    .option("--html <file>", "write the run there as one HTML file to look at")
    .option("--yes", "send fast to a backend that costs money without asking")
    .addHelpText(
      "after",
      `
Examples:
  stampede up --rate 10000 --duration 30s
  stampede up --replicas 10 --collectors 2 --backend sink --compression zstd
  HONEYCOMB_API_KEY=... stampede up --backend honeycomb --rate 1000

Exit codes: 0 every event is accounted for; 1 not so, or something died; 2 wrong usage, config, backend or files, or a part of the
fleet did not start; 130 interrupted twice.`,
    )
    .action(run);
}

/** Options that say what every replica sends. */
function addReplayOptions(command: Command): Command {
  command
    .option("--config <file>", "replayer config (YAML)")
    .option(
      "--input <directory>",
      "templates, as `stampede generate` wrote them; default a set made once into a cache",
    )
    .addOption(new Option("--protocol <name>", "default grpc").choices(PROTOCOLS))
    .addOption(new Option("--compression <name>", "default none").choices(COMPRESSIONS));
  return addRateOptions(command)
    .option("--multiplier <n>", "passes through the templates; 0 = no limit", parseWhole)
    .option("--concurrency <n>", "requests in flight of each replica, at most", parsePositive)
    .option("--seed <n>", "key of the ids", parseWhole);
}

async function run(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  if (options.report !== undefined) checkReportPath(options.report);
  if (options.html !== undefined) checkReportPath(options.html);
  const written = readConfig(options, lines);
  const { replicas } = options;
  const settingsOf = (index: number, endpoints: readonly string[]) => {
    const own = { endpoint: endpoints.join(","), replica: `${index}/${replicas}` };
    return resolveSettings(layOver(written, { ...options, ...own }), process.env);
  };
  // Where Collectors listen is not known yet, and all else is to be right before any is started.
  const settings = settingsOf(0, ["http://127.0.0.1"]);
  const asked = {
    rate: askedRate(settings).peak,
    isConfirmed: (options.yes ?? written.sending.confirm) || process.env.CONFIRM === "yes",
  };
  const collectors = chooseCollectors(options, asked, lines);
  if (collectors) chooseAndSay(collectors.backend, COLLECTOR_CONFIG, process.env, asked, lines.note);
  const inputs = await chooseInputs(written, options);
  // Once for all: replicas are handed what they send.
  const progress = await freezeProgress(process.stderr, lines);
  const prepared = await prepareInputs(inputs, settings, progress.onProgress).finally(progress.close);
  const runOf = (index: number, endpoints: readonly string[], ledgerUrl: string): ReplayRun => ({
    command: "replay",
    job: {
      settings: settingsOf(index, endpoints),
      ...prepared,
      replica: { index, count: replicas },
      isIndexLasting: true,
    },
    processes: 1,
    reportPath: undefined,
    ledgerUrl,
    name: `replica ${index}`,
  });
  const plan: FleetPlan = {
    stampede: { command: process.execPath, args: [...process.execArgv, MAIN] },
    replicas,
    replica: { words: ["replay", HANDED], run: runOf },
    protocol: settings.target.protocol,
    seed: settings.seed,
    html: options.html,
    collectors,
    environment: process.env,
  };
  const result = await runToTheEnd(plan, lines);
  const { text, exitCode } = accountText(result, {
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  });
  process.stdout.write(text);
  process.exitCode = exitCode;
  if (options.report !== undefined && result.account)
    deliverReport(options.report, result.account, "account");
}

/** Which Collector, and why; undefined: the sink instead. */
function chooseCollectors(
  { collector, backend, collectors: count }: Options,
  asked: Pick<CollectorsPlan, "rate" | "isConfirmed">,
  { note }: LineWriter,
): CollectorsPlan | undefined {
  const binary = collector === "none" ? undefined : (collector ?? builtCollector());
  if (binary === undefined) {
    const how = collector ? "--collector says so" : HOW_TO_GET_COLLECTOR;
    if (backend !== undefined)
      throw new CliError(`--backend ${backend}: needs a Collector, and there is none (${how})`);
    if (count > 1) throw new CliError(`--collectors ${count}: there is no Collector (${how})`);
    note(`no Collector (${how}): replicas send to the sink, which verifies what arrives`);
    return undefined;
  }
  checkCollector(binary);
  const origin = collector === undefined ? "which scripts/get-collector built" : "as --collector says";
  note(`Collector: ${binary}, ${origin}; backend ${backend ?? "nop"}`);
  return { binary, backend: backend ?? "nop", count, ...asked };
}

async function runToTheEnd(plan: FleetPlan, lines: LineWriter): Promise<FleetResult> {
  const stop = new AbortController();
  const screen = await openAccountView(lines);
  const { note } = screen;
  const release = onInterrupt({ note }, () => stop.abort());
  let endWatching = () => screen.close();
  const view: FleetView = {
    note,
    begin: (ledgerUrl) => {
      endWatching = watchAccount(ledgerUrl, screen);
    },
    end: () => endWatching(),
  };
  note(`starting ${plan.replicas} replicas`);
  try {
    return await runFleet(plan, view, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new CliError("interrupted before anything was sent", EXIT.interrupted, { cause: error });
  } finally {
    endWatching();
    release();
  }
}
