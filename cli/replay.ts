/**
 * stampede replay: stream templates to an OTLP endpoint, with fresh times and ids.
 *
 * This is its first half: it reads flags, config and templates, and hands over to replay-launch.ts what to send.
 */
import { Command, Option } from "commander";
import { loadConfig } from "../config/load.ts";
import type { FleetName } from "../fleet/membership.ts";
import { COMPRESSIONS, PROTOCOLS } from "../otlp/protocol.ts";
import { type ReplayerConfig, replayerConfigSchema } from "../replayer/config.ts";
import { findInputs, type InputPaths, prepareInputs } from "../replayer/inputs.ts";
import { resolveSettings } from "../replayer/settings.ts";
import type { LineWriter } from "../terminal/line-view.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { brake } from "./cost-brake.ts";
import { freezeProgress } from "./freeze-progress.ts";
import {
  checkFleetName,
  checkLedgerUrl,
  checkListen,
  checkReplica,
  collectHeader,
  parseNames,
  parsePositive,
  parseWhole,
} from "./options.ts";
import { addRateOptions, layRateOver, type RateOptions } from "./rate-options.ts";
import { handOver } from "./replay-launch.ts";
import type { ReplayRun } from "./replay-run.ts";
import { checkReportPath } from "./report-file.ts";
import type { MetricsPlace } from "./serve-metrics.ts";

interface Options extends RateOptions {
  config?: string;
  input?: string;
  endpoint?: string;
  protocol?: (typeof PROTOCOLS)[number];
  compression?: (typeof COMPRESSIONS)[number];
  header?: Record<string, string>;
  insecure?: boolean;
  ca?: string;
  cert?: string;
  key?: string;
  skipVerify?: boolean;
  multiplier?: number;
  concurrency?: number;
  processes: number;
  replica?: string;
  fleetDns?: FleetName;
  paused?: boolean;
  stay?: boolean;
  seed?: number;
  report?: string;
  html?: string;
  ledger?: string;
  metricsListen?: string;
  metricsAllowHost?: string[];
  yes?: boolean;
}

export function replayCommand(): Command {
  const command = new Command("replay")
    .summary("stream templates to an OTLP endpoint, with fresh times and ids")
    .description(
      "Stream templates to an OTLP endpoint, each send with fresh times and ids. Flags override the config file.\n" +
        "Without templates, a default set is generated into a cache. The ledger goes to stdout, progress to stderr.",
    )
    .option("--config <file>", "replayer config (YAML)")
    .option("--input <directory>", "templates, as `stampede generate` wrote them")
    .option(
      "--endpoint <url>",
      "host:port (TLS unless --insecure), http://... or https://...; several with commas; dns:///name:port: all its addresses",
    )
    .addOption(new Option("--protocol <name>", "default grpc").choices(PROTOCOLS))
    .addOption(new Option("--compression <name>", "default none").choices(COMPRESSIONS))
    .option("--header <name=value>", "sent with every request; repeatable", collectHeader)
    .option("--insecure", "no TLS for an endpoint written as host:port")
    .option("--ca <file>", "authorities to trust instead of Node's and the system's (PEM)")
    .option("--cert <file>", "client certificate (PEM); needs --key")
    .option("--key <file>", "client key (PEM); needs --cert")
    .option("--skip-verify", "TLS with any certificate of the target; for tests");
  return addRateOptions(command)
    .option("--multiplier <n>", "passes through the templates; 0 = no limit", parseWhole)
    .option("--concurrency <n>", "requests in flight, at most", parsePositive)
    .option("--processes <n>", "replayer processes that share the rate", parsePositive, 1)
    .option(
      "--replica <i/n>",
      "this is replica I of N, counted from 0: it sends 1/N of the rate",
      checkReplica,
    )
    .option(
      "--fleet-dns <name[@server]>",
      "share the rate with all that have this name, as they come and go; a server is ADDRESS[:PORT]",
      checkFleetName,
    )
    .option("--paused", "get ready, and begin when told to go on")
    .option("--stay", "stay after the end, until interrupted: for what starts again whatever ends")
    .option("--seed <n>", "key of the ids; with --replica, the run repeats itself", parseWhole)
    .option("--report <file>", "write the report there as JSON; a path that ends in / is a directory")
    .option(
      "--html <file>",
      "write the run there as one HTML file to look at; a path that ends in / is a directory",
    )
    .option(
      "--ledger <url>",
      "tell the ledger service there, http://host:port, once a second",
      checkLedgerUrl,
    )
    .option(
      "--metrics-listen <host:port>",
      "serve /metrics for Prometheus and /healthz there; a port alone: on loopback",
      checkListen,
    )
    .option(
      "--metrics-allow-host <names>",
      "further names, with commas, that they may be asked by; addresses, names without dots, and private ones (.local, .internal, .svc) need none",
      parseNames,
    )
    .option("--yes", "send fast to a target that is not local without asking")
    .addHelpText(
      "after",
      `
Examples:
  stampede replay --endpoint http://localhost:4317 --rate 1000 --duration 1m
  stampede replay --endpoint http://localhost:4318 --protocol http/protobuf --compression zstd --rate 100000 --processes 2
  stampede replay --burst --normal 10000 --peak 500000 --period 60s --width 5s
  stampede replay --config examples/replayer.yaml --report report.json

Exit codes: 0 all accepted; 1 some rejected, failed, in doubt or dropped; 2 wrong usage, config or files;
3 target never reachable; 130 interrupted twice.`,
    )
    .action(prepare);
}

async function prepare(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  const config = layOver(readConfig(options, lines), options);
  const settings = resolveSettings(config, process.env);
  if (config.report !== undefined) checkReportPath(config.report);
  if (options.html !== undefined) checkReportPath(options.html);
  const inputs = await chooseInputs(config, options);
  brake(settings, inputs, config.sending.confirm, lines);
  const isIndexLasting = settings.replica !== undefined;
  const replica = settings.replica ?? { index: 0, count: 1 };
  const progress = await freezeProgress(process.stderr, lines);
  const prepared = await prepareInputs(inputs, settings, progress.onProgress).finally(progress.close);
  const run: ReplayRun = {
    command: "replay",
    job: { settings, ...prepared, replica, isIndexLasting },
    processes: options.processes,
    reportPath: config.report,
    htmlPath: options.html,
    fleetName: options.fleetDns,
    isPaused: options.paused,
    isToStay: options.stay,
    ledgerUrl: config.ledger,
    metrics: metricsPlace(config.metrics_server),
  };
  await handOver(run);
}

function metricsPlace({ listen, allow_hosts }: ReplayerConfig["metrics_server"]): MetricsPlace | undefined {
  return listen === undefined ? undefined : { listen, allowedHosts: allow_hosts };
}

export function readConfig({ config }: { config?: string }, lines: LineWriter): ReplayerConfig {
  if (config === undefined) return replayerConfigSchema.parse({});
  const { value, notes } = loadConfig(config, replayerConfigSchema);
  for (const note of notes) lines.note(note);
  return value;
}

/** The config with the flags over it. */
export function layOver(config: ReplayerConfig, options: Partial<Options>): ReplayerConfig {
  const { otlp, sending } = config;
  return {
    ...config,
    otlp: {
      ...otlp,
      endpoint: options.endpoint ?? otlp.endpoint,
      protocol: options.protocol ?? otlp.protocol,
      compression: options.compression ?? otlp.compression,
      insecure: options.insecure ?? otlp.insecure,
      headers: { ...otlp.headers, ...options.header },
      tls: {
        ...otlp.tls,
        ca: options.ca ?? otlp.tls.ca,
        cert: options.cert ?? otlp.tls.cert,
        key: options.key ?? otlp.tls.key,
        skip_verify: options.skipVerify ?? otlp.tls.skip_verify,
      },
    },
    sending: {
      ...layRateOver(sending, options),
      concurrency: options.concurrency ?? sending.concurrency,
      multiplier: options.multiplier ?? sending.multiplier,
      confirm: options.yes ?? sending.confirm,
    },
    seed: options.seed ?? config.seed,
    replica: options.replica ?? config.replica,
    report: options.report ?? config.report,
    ledger: options.ledger ?? config.ledger,
    metrics_server: {
      listen: options.metricsListen ?? config.metrics_server.listen,
      allow_hosts: options.metricsAllowHost ?? config.metrics_server.allow_hosts,
    },
  };
}

export async function chooseInputs(
  config: ReplayerConfig,
  { input }: { input?: string },
): Promise<InputPaths> {
  if (input !== undefined) return findInputs(input);
  if (Object.keys(config.input).length > 0) return config.input as InputPaths;
  const { cachedTemplates } = await import("./default-templates.ts");
  const directory = await cachedTemplates(
    (to) => `no templates named (--input): generating a default set into ${to}`,
  );
  return findInputs(directory);
}
