/**
 * stampede sink: an OTLP endpoint that counts, verifies, and misbehaves on demand.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { DURATION_FORM, parseDuration } from "../config/units.ts";
import { ITEM_NAMES, SIGNALS } from "../otlp/signal.ts";
import { receivedItems, type SinkCounts } from "../sink/counts.ts";
import { BURDENS, FAULTS, type FaultPlan, parseFaults } from "../sink/faults.ts";
import { reportText } from "../sink/report-text.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";
import { onInterrupt } from "./interrupts.ts";
import { parseNames } from "./options.ts";
import { checkReportPath, deliverReport } from "./report-file.ts";

/** How often a line of progress is printed. */
const PROGRESS_MS = 5000;

interface Flags {
  grpc: string;
  http: string;
  allowHost: string[];
  seed: number;
  verify: boolean;
  allowRepeats: boolean;
  fault?: FaultPlan;
  doubt: number;
  maxAge: number;
  report?: string;
}

export function sinkCommand(): Command {
  return new Command("sink")
    .summary("receive OTLP, count it, verify it, and misbehave on demand")
    .description(
      "Receive OTLP over gRPC and HTTP until interrupted, then print what came and what is wrong with it.\nExit code 1 when something is missing, double or broken.",
    )
    .option("--grpc <host:port>", "where to listen for gRPC; port 0 takes a free one", "127.0.0.1:4317")
    .option("--http <host:port>", "where to listen for HTTP; port 0 takes a free one", "127.0.0.1:4318")
    .option(
      "--allow-host <names>",
      "further names, with commas, that its account may be asked by over HTTP; addresses, names without dots, and private ones (.local, .internal, .svc) need none",
      parseNames,
      [],
    )
    .option("--seed <n>", "the senders' seed, which their ids are made with", parseSeed, 0)
    .option("--no-verify", "only count")
    .option(
      "--allow-repeats",
      "requests that come again byte for byte are repeated, not double: for a sink behind a Collector whose answers may get lost",
      false,
    )
    .option(
      "--fault <plan>",
      "what to do wrong, such as unavailable=0.1,delay=200ms (see below)",
      parseFaults,
    )
    .addOption(
      new Option("--doubt <time>", "what was sent so long before its sender fell silent is doubtful")
        .argParser(parseTime)
        .default(10_000, "10s"),
    )
    .addOption(
      new Option("--max-age <time>", "how old items may be on arrival, 0 for any age")
        .argParser(parseTime)
        .default(3_600_000, "1h"),
    )
    .option("--report <file>", "write the report as JSON too")
    .addHelpText("after", faultHelp())
    .addHelpText(
      "after",
      "\nExample:\n  stampede sink --fault unavailable=0.05,delay=50ms --report sink.json",
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  if (flags.report !== undefined) checkReportPath(flags.report);
  const options: SinkOptions = {
    grpc: flags.grpc,
    http: flags.http,
    allowedHosts: flags.allowHost,
    seed: flags.seed,
    verify: flags.verify,
    allowRepeats: flags.allowRepeats,
    doubtMs: flags.doubt,
    maxAgeMs: flags.maxAge,
    ...(flags.fault === undefined ? {} : { faults: flags.fault }),
  };
  const sink = await startSink(options);
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  note(`listening: grpc ${sink.grpcAddress}, http ${sink.httpAddress}`);
  const progress = reportProgress(sink);
  await new Promise<void>((resolve) => onInterrupt({ note }, resolve));
  clearInterval(progress);
  await sink.close();
  const report = sink.report();
  process.exitCode = report.exitCode;
  process.stdout.write(`${reportText(report)}\n`);
  if (flags.report !== undefined) deliverReport(flags.report, report, "sink");
}

/** A line of progress every few seconds, while something arrives. */
function reportProgress(sink: Sink): NodeJS.Timeout {
  let before = receivedItems(sink.counts());
  let at = performance.now();
  return setInterval(() => {
    const counts = sink.counts();
    const items = receivedItems(counts);
    const now = performance.now();
    if (items !== before)
      process.stderr.write(`${progressLine(counts, ((items - before) * 1000) / (now - at))}\n`);
    before = items;
    at = now;
  }, PROGRESS_MS);
}

function progressLine(counts: SinkCounts, itemsPerSecond: number): string {
  const parts = SIGNALS.map(
    (signal) => `${counts.signals[signal].received.toLocaleString("en-US")} ${ITEM_NAMES[signal]}`,
  );
  return `${parts.join(", ")}; ${Math.round(itemsPerSecond).toLocaleString("en-US")}/s`;
}

function faultHelp(): string {
  const lines = (of: Record<string, string>) =>
    Object.entries(of).map(([name, text]) => `  ${name.padEnd(15)} ${text}`);
  return [
    "",
    "Faults, each with its probability (unavailable=0.1, throttled=0.05@2s):",
    ...lines(FAULTS),
    "On top of them:",
    ...lines({ ...BURDENS, seed: "seed of the choices (seed=7)" }),
  ].join("\n");
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new InvalidArgumentError(`must be a whole number from 0 on, got "${text}"`);
}

function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`must be ${DURATION_FORM}, got "${text}"`);
  return ms;
}
