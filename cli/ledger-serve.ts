/**
 * stampede ledger serve: the service that keeps the account of a fleet.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Objection } from "../fleet/ledger/control.ts";
import { type LedgerService, startLedger } from "../fleet/ledger/service.ts";
import { parseSources, type Source, SourceError } from "../fleet/ledger/watch/collector-watch.ts";
import { accountTable } from "../terminal/account-table.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { EXIT } from "./exit.ts";
import { deliverHtml } from "./html-file.ts";
import { parseNames, parsePositive, parseRate, parseTime } from "./options.ts";
import { checkReportPath, deliverReport } from "./report-file.ts";
import { stopAsked } from "./stay.ts";
import { version } from "./version.ts";

interface Options {
  listen: string;
  allowHost: string[];
  consoleUrl?: string;
  collectors: Source[];
  sink: Source[];
  stateDir?: string;
  expect?: number;
  settle: number;
  report?: string;
  html?: string;
  readyFile?: string;
  backend: string;
  configs?: string;
  rate?: number;
  yes: boolean;
  stay: boolean;
}

const EXAMPLES = `
Examples:
  stampede ledger serve --collectors http://127.0.0.1:8888/metrics --expect 3 --report account.json
  stampede ledger serve --listen 0.0.0.0:4330 --collectors dns:///collector:8888 --sink dns:///sink:4318

Exit codes: 0 balanced and all accepted; 1 not, and the lines under the table say what; 130 interrupted twice.`;

export function ledgerServeCommand(): Command {
  return new Command("serve")
    .summary("keep the account until all replicas have ended")
    .description(
      "Take what replicas tell (replay --ledger), read the collectors and the sink each second, and keep one account.\n" +
        "When all replicas have ended, or at Ctrl-C, it prints the account and ends.",
    )
    .option(
      "--listen <host:port>",
      "where replicas and readers come; port 0 takes a free one",
      "127.0.0.1:4330",
    )
    .option(
      "--allow-host <names>",
      "further names, with commas, that the service is called by; addresses, names without dots, and private ones (.local, .internal, .svc) need none",
      parseNames,
      [],
    )
    .option(
      "--console-url <url>",
      "where browsers find it, http://host:port or https://host, where that is not where it listens: it is printed, and its name allowed",
      browserUrl,
    )
    .option(
      "--collectors <urls>",
      "metrics of the collectors, with commas: http://host:8888/metrics or dns:///name:8888, which stands for all its addresses",
      sources("/metrics"),
      [],
    )
    .option(
      "--sink <url>",
      "HTTP of the sink behind them: http://host:4318 or dns:///name:4318",
      sources("/ledger"),
      [],
    )
    .option("--state-dir <directory>", "write down what is known there, so that a restart goes on with it")
    .option("--expect <n>", "replicas that are to come; without it, as many as do", parsePositive)
    .addOption(
      new Option("--settle <time>", "how long the end waits for replicas and collectors that are not through")
        .argParser(parseTime)
        .default(30_000, "30s"),
    )
    .option("--report <file>", "write the account there as JSON; a path that ends in / is a directory")
    .option(
      "--html <file>",
      "write the run there as one HTML file to look at: the console's page with the history in it; / at its end as above",
    )
    .option(
      "--ready-file <file>",
      "write this file when the collectors' counters at the start are noted: replicas may begin",
    )
    .addOption(
      new Option(
        "--backend <names>",
        "where the collectors send it: the control wants a yes to more than 10,000 events a second into one that bills, or more than --rate",
      )
        .default("nop")
        .env("BACKEND"),
    )
    .option(
      "--configs <directory>",
      "where the files of these backends are, in backends/; default those of Stampede",
    )
    .addOption(
      new Option("--rate <n>", "events a second that the fleet begins with; 0 is as fast as it goes")
        .argParser(parseRate)
        .env("RATE"),
    )
    .option("--yes", "that rate to a backend that bills is meant; CONFIRM=yes says so, too", false)
    .option(
      "--stay",
      "for what starts again whatever ends: tell the closed account until interrupted, and leave an open one in --state-dir",
      false,
    )
    .addHelpText("after", EXAMPLES)
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  if (options.report !== undefined) checkReportPath(options.report);
  if (options.html !== undefined) checkReportPath(options.html);
  if (options.stateDir !== undefined) mkdirSync(options.stateDir, { recursive: true });
  // That of another run tells nothing of this one.
  if (options.readyFile !== undefined) rmSync(options.readyFile, { force: true });
  const service = await startLedger({
    release: version(),
    listen: options.listen,
    allowedHosts: [
      ...options.allowHost,
      ...(options.consoleUrl === undefined ? [] : [new URL(options.consoleUrl).hostname]),
    ],
    collectors: options.collectors,
    sinks: options.sink,
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
    ...(options.expect === undefined ? {} : { expected: options.expect }),
    settleMs: options.settle,
    objection: await objectionOf(options),
    site: async () => (await import("../console/server/site.ts")).loadSite(),
    onNote: (text) => lines.note(text),
  });
  lines.note(`ledger on http://${service.address}, control token ${service.token}`);
  lines.note(`console on ${options.consoleUrl ?? ownUrl(service)}/#token=${service.token}`);
  if (options.readyFile !== undefined) void service.ready.then(() => writeFileSync(options.readyFile!, ""));
  // What is started again goes on with an account that is open; it is closed when the run is over.
  const isLeftOpen = options.stay && options.stateDir !== undefined;
  const stopped = options.stay ? stopAsked() : undefined;
  const release = onStop(() => {
    if (isLeftOpen) return;
    lines.note(
      `closing the account: waiting up to ${options.settle / 1000} s for what is under way; once more to end at once`,
    );
    service.finish();
  });
  const account = await (isLeftOpen ? Promise.race([service.ended, stopped!]) : service.ended);
  if (!account) {
    lines.note(`stopped: the account stays open in ${options.stateDir}, for whoever starts with it`);
    return service.close();
  }
  if (!options.stay) await service.close();
  process.exitCode = account.exitCode ?? EXIT.losses;
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(accountTable(account, { colour }));
  if (options.report !== undefined) deliverReport(options.report, account, "account");
  if (options.html !== undefined)
    await deliverHtml(options.html, { version: 1, account, history: service.history() }, "run");
  // It listens until it is gone: who asks for an end that has come already is not to give it another code.
  if (!options.stay) return;
  release();
  lines.note("the account is closed: staying to tell it");
  await stopped;
  await service.close();
}

/** Loaded where somebody sends further than into a Collector. */
async function objectionOf({ backend, configs, rate, yes }: Options): Promise<Objection | undefined> {
  if (backend === "nop" || backend === "") return undefined;
  const [{ steeringBrake }, { COLLECTOR_CONFIG }] = await Promise.all([
    import("./steering-brake.ts"),
    import("../fleet/local-collectors/backends.ts"),
  ]);
  const isConfirmed = yes || process.env.CONFIRM === "yes";
  return steeringBrake(backend, configs ?? COLLECTOR_CONFIG, process.env, { rate, isConfirmed });
}

function browserUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new InvalidArgumentError("must be http://host:port or https://host.");
  return url.origin;
}

/** Who listens everywhere listens on loopback, too. */
function ownUrl({ address }: LedgerService): string {
  return `http://${address.replace(/^(0\.0\.0\.0|\[::\]):/, "127.0.0.1:")}`;
}

/** Call `ask` at the first SIGINT or SIGTERM; the second ends the process. */
function onStop(ask: () => void): () => void {
  let times = 0;
  const onSignal = () => {
    if (times++ > 0) process.exit(EXIT.interrupted);
    ask();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
}

function sources(path: string): (text: string) => Source[] {
  return (text) => {
    try {
      // Compose hands on what is not set as nothing.
      return text.trim() === "" ? [] : parseSources(text, path);
    } catch (error) {
      if (error instanceof SourceError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}
