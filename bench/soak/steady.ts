/**
 * A long run at full speed from compiled batches: does memory stay, does the rate stay, and, with --verify, has everything arrived as it
 * must? docs/measuring.md has the runs that matter.
 *
 *   node bench/soak/steady.ts --input generated --duration 30m              into a receiver that discards
 *   node bench/soak/steady.ts --input generated --count 1000000000 --verify  into the sink, which checks every item
 *
 * --config names a replayer config of its own instead of --protocol and --compression.
 * Prints one JSON document; exit code 1 when something does not hold.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Report } from "../../ledger/report.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { startReceiver } from "../../sink/discard/start-receiver.ts";
import type { SinkReport } from "../../sink/report.ts";
import { stampede } from "../../test/stampede.ts";
import { spreadOf } from "../statistics.ts";

/** What begins a run is not looked at: code is compiled, buffers are made. */
const WARM_UP_MS = 30_000;
/** How far the last fifth of a run may be off its first: memory upwards, the rate downwards. */
const TOLERANCE = 0.05;
/** Of runs with fewer looks nobody can tell a trend. */
const LEAST_LOOKS = 10;
const SINK_PORT = 34_318;

const { values: flags } = parseArgs({
  options: {
    input: { type: "string" },
    config: { type: "string" },
    protocol: { type: "string", default: "http/protobuf" },
    compression: { type: "string", default: "zstd" },
    concurrency: { type: "string", default: "8" },
    duration: { type: "string", default: "0" },
    count: { type: "string", default: "0" },
    verify: { type: "boolean", default: false },
  },
});
if (flags.input === undefined) throw new Error("--input DIRECTORY is needed");

/** A line of the replayer's progress. */
interface Look {
  elapsedMs: number;
  eventsPerSecond: number;
  rssBytes: number;
}

/** Where it is sent to. */
interface Target {
  endpoint: string;
  /** What the sink says of it, where it is the sink. */
  end(): Promise<SinkReport | undefined>;
}

const directory = mkdtempSync(join(tmpdir(), "stampede-steady-"));
try {
  const common = [`--input=${flags.input}`, `--config=${flags.config ?? ownConfig()}`];
  await succeed(stampede("freeze", ...common));
  const target = flags.verify ? await startSink() : await startDiscarding();
  const file = join(directory, "report.json");
  const { stderr } = await succeed(
    stampede(
      "replay",
      ...common,
      "--rate=0",
      `--endpoint=${target.endpoint}`,
      `--concurrency=${flags.concurrency}`,
      `--duration=${flags.duration}`,
      `--count=${flags.count}`,
      `--report=${file}`,
    ),
  );
  const sink = await target.end();
  const result = judge(JSON.parse(readFileSync(file, "utf8")) as Report, looksIn(stderr), sink);
  process.stdout.write(`${JSON.stringify({ flags, ...result }, null, 2)}\n`);
  process.exitCode = Object.values(result.holds).every(Boolean) ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Batches of some thousand spans of usual traces, compiled for the compression that is asked for. */
function ownConfig(): string {
  const path = join(directory, "replayer.yaml");
  const { protocol, compression } = flags;
  writeFileSync(
    path,
    `otlp: {protocol: ${protocol}, compression: ${compression}}\nsending: {batch_size: {traces: 66}}\n`,
  );
  return path;
}

async function succeed(running: ReturnType<typeof stampede>): ReturnType<typeof stampede> {
  const ran = await running;
  if (ran.exitCode !== 0) throw new Error(`stampede ended with ${ran.exitCode}:\n${ran.stderr.slice(-2000)}`);
  return ran;
}

async function startDiscarding(): Promise<Target> {
  const { ports, stop } = await startReceiver();
  const port = flags.protocol === "grpc" ? ports.grpc : ports.http;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async end() {
      stop();
      return undefined;
    },
  };
}

async function startSink(): Promise<Target> {
  const report = join(directory, "sink.json");
  const [own, other] = [`127.0.0.1:${SINK_PORT}`, "127.0.0.1:0"];
  const addresses =
    flags.protocol === "grpc" ? [`--grpc=${own}`, `--http=${other}`] : [`--http=${own}`, `--grpc=${other}`];
  const main = join(import.meta.dirname, "../../cli/main.ts");
  const child: ChildProcess = spawn(process.execPath, [main, "sink", ...addresses, `--report=${report}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // Its first words are the addresses.
  await once(child.stderr!, "data");
  child.stderr!.resume();
  return {
    endpoint: `http://${own}`,
    async end() {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
      return JSON.parse(readFileSync(report, "utf8")) as SinkReport;
    },
  };
}

function looksIn(stderr: string): Look[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Partial<Look>)
    .filter((line): line is Look => (line.elapsedMs ?? 0) >= WARM_UP_MS);
}

/** The figures of a run, and what holds of it. */
function judge(report: Report, looks: readonly Look[], sink: SinkReport | undefined) {
  const total = (counter: "sent" | "accepted" | "wireBytes") =>
    SIGNALS.reduce((sum, signal) => sum + (report.signals[signal]?.[counter] ?? 0), 0);
  const [sent, accepted] = [total("sent"), total("accepted")];
  const fifth = Math.max(1, Math.floor(looks.length / 5));
  const ends = (pick: (look: Look) => number) => {
    if (looks.length < LEAST_LOOKS) return undefined;
    const first = spreadOf(looks.slice(0, fifth).map(pick)).median;
    const last = spreadOf(looks.slice(-fifth).map(pick)).median;
    return { first, last, ratio: last / first };
  };
  const rate = ends(({ eventsPerSecond }) => eventsPerSecond);
  const rss = ends(({ rssBytes }) => rssBytes);
  const received = sink && SIGNALS.reduce((sum, signal) => sum + sink.signals[signal].received, 0);
  return {
    figures: {
      sent,
      seconds: report.durationMs / 1000,
      eventsPerSecond: Math.round(sent / (report.durationMs / 1000)),
      eventsPerCpuSecond: Math.round(sent / report.cpuSeconds),
      bytesPerItem: total("wireBytes") / sent,
      maxRssBytes: report.maxRssBytes,
      /** Medians of the first and the last fifth of the run, its first half minute aside. */
      eventsPerSecondOverTime: rate,
      rssBytesOverTime: rss,
      received,
      findings: sink?.verification?.findings,
      exitCodeOfSink: sink?.exitCode,
    },
    holds: {
      balanced: report.balanced && sent === accepted,
      ...(rss && { memory: rss.ratio <= 1 + TOLERANCE }),
      ...(rate && { rate: rate.ratio >= 1 - TOLERANCE }),
      ...(sink && { verified: sink.exitCode === 0 && received === sent }),
    },
  };
}
