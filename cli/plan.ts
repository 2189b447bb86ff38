/**
 * stampede plan: what a rate takes, through Collectors and straight to the backend, and what to type for it.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { type Backend, billsAt } from "../fleet/backends/backend-file.ts";
import { findBackend } from "../fleet/backends/choose.ts";
import { builtCollector, COLLECTOR_CONFIG } from "../fleet/local-collectors/backends.ts";
import { CollectorError } from "../fleet/local-collectors/collector.ts";
import { CalibrationError } from "../fleet/plan/calibrate/calibration-error.ts";
import type { CalibrationOf } from "../fleet/plan/calibrate/stored-calibration.ts";
import { isOtlp, type PlanRequest, planCapacity } from "../fleet/plan/capacity-plan.ts";
import { commandsOf } from "../fleet/plan/commands.ts";
import type { Costs, SenderForm } from "../fleet/plan/costs.ts";
import { exporterFormOf } from "../fleet/plan/exporter-form.ts";
import { monthOf } from "../fleet/plan/month.ts";
import { planNotes } from "../fleet/plan/notes.ts";
import { measureTraffic, type Traffic } from "../fleet/plan/traffic.ts";
import { COMPRESSIONS, type Compression, PROTOCOLS } from "../otlp/protocol.ts";
import { type PerSignal, SIGNALS } from "../otlp/signal.ts";
import { MAX_RATE } from "../replayer/config/values.ts";
import { prepareInputs } from "../replayer/inputs.ts";
import type { ReplayJob } from "../replayer/job.ts";
import { planOf } from "../replayer/open-replay.ts";
import { type ReplayerSettings, resolveSettings } from "../replayer/settings.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { checkCollector, IS_CHECKOUT } from "./collector-program.ts";
import { CliError } from "./exit.ts";
import { freezeProgress } from "./freeze-progress.ts";
import { parsePositive, parseRate, parseTime } from "./options.ts";
import { calibratedCosts, knownCosts } from "./plan-costs.ts";
import { planText, type ToldPlan } from "./plan-text.ts";
import { chooseInputs, layOver, readConfig } from "./replay.ts";

/** Of the commands, where this is the image. */
const FOR_A_CHECKOUT =
  "What to type is for a checkout: scripts/stampede, docker-compose.yml and deploy/kubernetes are not in the image.";

interface Options {
  rate?: number;
  backend: string;
  config?: string;
  input?: string;
  protocol?: (typeof PROTOCOLS)[number];
  compression?: Compression;
  replicas?: number;
  utilisation: number;
  coresPerMachine: number;
  coresPerCollector: number;
  latency: number;
  /** Milliseconds at each rate, where they are given. */
  calibrate?: number | true;
  collector?: string;
  json?: boolean;
}

export function planCommand(): Command {
  return new Command("plan")
    .summary("what a rate takes: replicas, collectors, cores, memory, network, and what to type")
    .description(
      "Plan a rate: how many replicas and Collectors, cores, memory, machines and network it takes, what a month of it comes to, and what\n" +
        "to type. Through Collectors, and straight to the backend, side by side. --calibrate measures this machine and these templates first.",
    )
    .addOption(
      new Option("--rate <n>", "events a second of the whole fleet, such as 250k or 15M").argParser(
        parseRate,
      ),
    )
    .option("--backend <name>", "where it goes: a file of collector-config/backends", "honeycomb")
    .option("--config <file>", "replayer config (YAML): mix, batch sizes, templates")
    .option(
      "--input <directory>",
      "templates, as `stampede generate` wrote them; default a set made once into a cache",
    )
    .addOption(new Option("--protocol <name>", "to the Collectors, default grpc").choices(PROTOCOLS))
    .addOption(new Option("--compression <name>", "to the Collectors, default none").choices(COMPRESSIONS))
    .option("--replicas <n>", "at the least", parsePositive)
    .addOption(
      new Option("--utilisation <percent>", "of a core and of a network interface, at the most")
        .argParser(parseShare)
        .default(0.65, "65"),
    )
    .option("--cores-per-machine <n>", "of the machines to be had", parsePositive, 16)
    .option("--cores-per-collector <n>", "that one Collector may use", parsePositive, 1)
    .addOption(
      new Option("--latency <time>", "that the backend takes over a request")
        .argParser(parseTime)
        .default(100, "100ms"),
    )
    .addOption(
      new Option(
        "--calibrate [time]",
        "measure costs here first, on loopback, so long at each rate (1500ms; a minute and a half in all); later plans go by them",
      ).argParser(parseTime),
    )
    .option(
      "--collector <file>",
      "with --calibrate: the Collector; default the one that scripts/get-collector built",
    )
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  stampede plan --rate 15M
  stampede plan --rate 15M --compression zstd --cores-per-machine 64 --calibrate
  stampede plan --rate 250k --backend tempo --input ./generated --json`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  const rate = checkRate(options.rate);
  if (options.collector !== undefined) checkCollector(options.collector);
  const backend = findBackend(options.backend, COLLECTOR_CONFIG);
  const file = layOver(readConfig(options, lines), { ...options, endpoint: "http://127.0.0.1", rate });
  const settings = resolveSettings(file, {});
  const inputs = await chooseInputs(file, options);
  const progress = await freezeProgress(process.stderr, lines);
  const prepared = await prepareInputs(inputs, settings, progress.onProgress).finally(progress.close);
  const job: ReplayJob = { settings, ...prepared, replica: { index: 0, count: 1 }, isIndexLasting: false };
  const traffic = measureTraffic(prepared.frozen, sharesOf(job));
  const request = requestOf(options, rate, settings, backend);
  const { toCollectors, toBackend, exporter } = request;
  const of: CalibrationOf = { inputs, settings, toCollectors, toBackend, exporter };
  const costs = options.calibrate
    ? await calibrate({ options, backend, job, of, traffic }, lines.note)
    : knownCosts(of, traffic);
  const plan = planCapacity(request, traffic, costs);
  const told: ToldPlan = {
    ...plan,
    backend: { name: backend.name, title: backend.header.title ?? backend.name },
    limits: {
      utilisation: options.utilisation,
      coresPerMachine: options.coresPerMachine,
      coresPerCollector: options.coresPerCollector,
      latencyMs: options.latency,
    },
    traffic,
    measured: costs.measured,
    month: monthOf(rate, traffic, exporter, backend.name === "honeycomb"),
    notes: [
      ...costs.measured.notes,
      ...planNotes(request, plan, settings.concurrency),
      ...(IS_CHECKOUT ? [] : [FOR_A_CHECKOUT]),
    ],
    commands: commandsOf(plan, {
      backend,
      bills: billsAt(backend, process.env),
      input: options.input,
      config: options.config,
      concurrency: settings.concurrency,
    }),
  };
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(options.json ? `${JSON.stringify(told, null, 2)}\n` : planText(told, colour));
}

function checkRate(rate: number | undefined): number {
  if (rate === undefined)
    throw new CliError("--rate: must be given, the events a second of the whole fleet, such as --rate 15M");
  if (rate > 0 && rate <= MAX_RATE) return rate;
  throw new CliError(
    `--rate ${rate}: a plan is for a rate above 0 and up to ${MAX_RATE / 1e6}M events a second`,
  );
}

/** What is asked of the plan. Straight to the backend goes as the Collectors' exporter would go. */
function requestOf(
  options: Options,
  rate: number,
  settings: ReplayerSettings,
  backend: Backend,
): PlanRequest {
  const exporter = exporterFormOf(backend, process.env);
  const { protocol, compression = "none" } = settings.target;
  const toCollectors: SenderForm = { protocol, compression };
  const toBackend: SenderForm =
    exporter.by === "grpc" || exporter.by === "http/protobuf"
      ? { protocol: exporter.by, compression: exporter.compression }
      : toCollectors;
  return {
    eventsPerSecond: rate,
    toCollectors,
    toBackend,
    exporter,
    isEncrypted: isOtlp(exporter) && billsAt(backend, process.env),
    utilisation: options.utilisation,
    coresPerMachine: options.coresPerMachine,
    coresPerCollector: options.coresPerCollector,
    replicas: options.replicas,
    latencyMs: options.latency,
  };
}

/** How the fleet's rate falls to the signals. */
function sharesOf(job: ReplayJob): Partial<PerSignal<number>> {
  const { lanes, law } = planOf(job);
  return Object.fromEntries(
    SIGNALS.filter((signal) => lanes[signal]).map((signal) => [signal, lanes[signal]!.law!.peak / law!.peak]),
  );
}

interface Calibrated {
  options: Options;
  backend: Backend;
  job: ReplayJob;
  of: CalibrationOf;
  traffic: Traffic;
}

async function calibrate(
  { options, backend, job, of, traffic }: Calibrated,
  note: (text: string) => void,
): Promise<Costs> {
  const binary = options.collector ?? builtCollector();
  try {
    const measureMs = options.calibrate === true ? undefined : options.calibrate;
    return await calibratedCosts({ of, job, traffic, backend, binary, measureMs }, note);
  } catch (error) {
    if (error instanceof CalibrationError) throw new CliError(`--calibrate: ${error.message}`);
    if (error instanceof CollectorError)
      throw new CliError(`--calibrate: the Collector ${binary} did not start: ${error.message}`);
    throw error;
  }
}

function parseShare(text: string): number {
  const percent = Number(text.replace(/%$/, ""));
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new InvalidArgumentError("must be a percentage above 0 and up to 100, such as 65.");
}
