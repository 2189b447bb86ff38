/**
 * stampede demo: the main job in one command. It generates templates, starts the sink, replays into it from several
 * processes, shows that live, and prints what was sent beside what arrived.
 */
import { Command, Option } from "commander";
import { replayerConfigSchema } from "../replayer/config.ts";
import { findInputs, prepareInputs } from "../replayer/inputs.ts";
import { resolveSettings } from "../replayer/settings.ts";
import { reportText } from "../sink/report-text.ts";
import { startSink } from "../sink/sink.ts";
import { ledgerTable } from "../terminal/ledger-table.ts";
import { openLineWriter } from "../terminal/line-writer.ts";
import { arrivalGaps } from "./arrivals.ts";
import { cachedTemplates } from "./default-templates.ts";
import { EXIT } from "./exit.ts";
import { freezeProgress } from "./freeze-progress.ts";
import { parsePositive, parseRate, parseTime } from "./options.ts";
import { runReplay } from "./replay-run.ts";

interface Options {
  rate: number;
  duration: number;
  processes: number;
}

export function demoCommand(): Command {
  return new Command("demo")
    .summary("generate, receive and replay in one go, and show the ledger")
    .description(
      "Generate a small set of templates, start an OTLP endpoint that verifies, replay into it from several processes, and\n" +
        "show what became of every event. Nothing leaves this machine.",
    )
    .option("--rate <n>", "events a second", parseRate, 30_000)
    .addOption(
      new Option("--duration <time>", "such as 20s or 1m").argParser(parseTime).default(20_000, "20s"),
    )
    .option("--processes <n>", "replayer processes", parsePositive, 3)
    .addHelpText("after", "\nExample:\n  stampede demo --rate 100000 --duration 10s")
    .action(run);
}

async function run({ rate, duration, processes }: Options): Promise<void> {
  const lines = await openLineWriter(process.stderr);
  const directory = await cachedTemplates((to) => `generating templates into ${to}`);
  // Everything that is missing at the end is missing: nobody is killed here.
  const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0 });
  try {
    const config = replayerConfigSchema.parse({
      otlp: { endpoint: `http://${sink.grpcAddress}`, protocol: "grpc" },
      sending: {
        rate_limit: { events_per_second: rate },
        // Small requests, so that the rate looks as even as it is.
        batch_size: { traces: 25, metrics: 400, logs: 400 },
        max_request_bytes: "256KiB",
        duration: duration > 0 ? `${duration}ms` : "0",
      },
    });
    const settings = resolveSettings(config, {});
    const progress = await freezeProgress(process.stderr, lines);
    const prepared = await prepareInputs(findInputs(directory), settings, progress.onProgress).finally(
      progress.close,
    );
    const replica = { index: 0, count: 1 };
    const report = await runReplay({
      command: "demo",
      job: { settings, ...prepared, replica, isIndexLasting: false },
      processes,
      reportPath: undefined,
    });
    await sink.close();
    const received = sink.report();
    const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
    process.stdout.write(ledgerTable(report, { colour }));
    process.stdout.write(`\nThe other end of the wire, ${reportText(received)}\n\n`);
    const gaps = arrivalGaps(report, received);
    for (const gap of gaps) process.stdout.write(`${gap}\n`);
    const isWhole = report.exitCode === 0 && received.exitCode === 0 && gaps.length === 0;
    if (isWhole)
      process.stdout.write("Every event that was sent was accepted, arrived once, and was verified.\n");
    process.exitCode = isWhole ? EXIT.done : EXIT.losses;
  } finally {
    await sink.close(0);
  }
}
