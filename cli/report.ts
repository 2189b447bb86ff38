/**
 * stampede report: add up what the replicas of a fleet reported, and compare it with what the collectors counted.
 */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../config/units.ts";
import { type Books, findImbalances } from "../fleet/report/balance.ts";
import { balanceTable } from "../fleet/report/balance-table.ts";
import { Collectors, CollectorsError } from "../fleet/report/collectors.ts";
import { itemsOf, listReports, mergeReportFiles } from "../fleet/report/replica-reports.ts";
import { type Replicas, waitForReplicas } from "../fleet/report/replica-watch.ts";
import { settle } from "../fleet/report/settle.ts";
import type { Report } from "../ledger/report.ts";
import { CliError, EXIT } from "./exit.ts";

interface Options {
  reports: string;
  metrics: string[];
  replicas?: number;
  replicasDns?: string;
  readyFile?: string;
  appearWithin: number;
  settle: number;
}

const EXAMPLES = `
Started before the replicas, it notes what the collectors counted so far, and waits:
  stampede report --reports out --replicas 5 --metrics http://127.0.0.1:8888/metrics
Afterwards, with fresh collectors that saw nothing else:
  stampede report --reports out --metrics http://127.0.0.1:8888/metrics http://127.0.0.1:8889/metrics

Exit code 0: all sums agree and nothing was lost; 1: not so, and the lines under the table say what.`;

export function reportCommand(): Command {
  return new Command("report")
    .summary("add up the reports of replicas and compare them with the collectors")
    .description(
      "Add up the reports of all replicas, compare them with the self-metrics of the collectors, print a table.\nOne shot: with --replicas or --replicas-dns it first waits until all replicas are done.",
    )
    .requiredOption(
      "--reports <directory>",
      "where replicas write their reports (replay --report DIRECTORY/)",
    )
    .option(
      "--metrics <url...>",
      "Prometheus pages of the collectors; a host name stands for all its addresses",
      [],
    )
    .addOption(new Option("--replicas <n>", "wait for so many new reports").argParser(parseCount))
    .option("--replicas-dns <name>", "wait until all replicas that DNS shows under this name are gone")
    .option(
      "--ready-file <file>",
      "write this file when the counters at the start are noted: replicas may begin",
    )
    .addOption(
      new Option("--appear-within <time>", "how long to wait for the collectors, and for the first replica")
        .argParser(parseTime)
        .default(60_000, "60s"),
    )
    .addOption(
      new Option(
        "--settle <time>",
        "how long to wait at the end until the collectors have sent on what they took",
      )
        .argParser(parseTime)
        .default(30_000, "30s"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      process.exitCode = await report(options);
    });
}

/** The whole command; returns its exit code. */
async function report(options: Options): Promise<number> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  try {
    const collectors = options.metrics.length > 0 ? new Collectors(options.metrics) : undefined;
    const replicas = await watchRun(options, collectors, stop.signal);
    const merged = mergeReportFiles(options.reports, replicas.reports);
    const books: Books = {
      replicas: replicas.reports.length,
      expectedReplicas: replicas.expected,
      replicaItems: itemsOf(merged),
    };
    if (collectors) await settle(books, collectors, options.settle, stop.signal);
    return print(books, merged?.answers ?? []);
  } catch (error) {
    if (error instanceof CollectorsError)
      throw new CliError(error.message, EXIT.unreachable, { cause: error });
    throw error;
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
}

async function watchRun(
  { reports, replicas, replicasDns, readyFile, appearWithin }: Options,
  collectors: Collectors | undefined,
  signal: AbortSignal,
): Promise<Replicas> {
  const waits = replicas !== undefined || replicasDns !== undefined;
  const known = new Set(waits ? listReports(reports) : []);
  if (waits) await collectors?.takeBaseline(appearWithin, signal);
  else collectors?.countFromZero();
  if (readyFile !== undefined) writeFileSync(readyFile, "");
  if (waits) process.stderr.write(`waiting for ${replicas ?? "all"} replicas to report into ${reports}\n`);
  return waitForReplicas({
    directory: reports,
    known,
    ...(replicas === undefined ? {} : { expected: replicas }),
    ...(replicasDns === undefined ? {} : { dnsName: replicasDns }),
    appearWithinMs: appearWithin,
    eachSecond: async () => collectors?.read(),
    signal,
  });
}

function print(books: Books, answers: Report["answers"]): number {
  const imbalances = findImbalances(books);
  const verdict =
    imbalances.length === 0
      ? ["balanced: every event is accounted for"]
      : imbalances.map((line) => `NOT BALANCED: ${line}`);
  const lines = answers.map(({ code, count, message }) => `answered ${count} times ${code}: ${message}`);
  process.stdout.write(`${balanceTable(books)}\n\n${[...lines, ...verdict].join("\n")}\n`);
  return imbalances.length === 0 ? EXIT.done : EXIT.losses;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("must be a whole number above 0");
  return Number(text);
}

function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("must be a duration such as 10s or 2m");
  return ms;
}
