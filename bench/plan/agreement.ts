/**
 * Calibration, prediction and measurement in one run: does a fleet spend what `stampede plan` says it will?
 *
 *   scripts/node bench/plan/agreement.ts
 *
 *   --rate 100k          of the fleet                  --warm 40       seconds before anything is measured
 *   --replicas 2         at the least                  --seconds 15    that are measured
 *   --compression none   to the Collectors             --rounds 3
 *   --input DIRECTORY    templates                     --most-off 20   percent between prediction and medians
 *   --collector FILE     default the one that scripts/get-collector built
 *   --calibrate 1500ms   at each rate                  --least-rate 95 percent of the rate that each round must keep
 *
 * `stampede plan --calibrate --json` predicts. Then the fleet of the plan runs, both ways in turns: replicas as `stampede replay`, real
 * Collectors behind them, and a receiver that discards in the backend's place. CPU-seconds are the system's, between two moments of the
 * run. Printed as JSON; exit code 1 where the medians of a part are further from what was predicted, or the rate was not kept. However it
 * ends, what it has started ends with it. Linux only.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ToldPlan } from "../../cli/plan-text.ts";
import { scrapeSelfMetrics } from "../../fleet/ledger/watch/self-metrics.ts";
import { builtCollector } from "../../fleet/local-collectors/backends.ts";
import { startLocalCollector } from "../../fleet/local-collectors/collector.ts";
import { difference } from "../../fleet/plan/calibrate/mark.ts";
import { medianOf } from "../../fleet/plan/cost-curve.ts";
import { startGuard } from "../../fleet/up/guard.ts";
import { startReceiver } from "../../sink/discard/start-receiver.ts";
import { cpuSecondsOf } from "../process-usage.ts";

const { values: flags } = parseArgs({
  options: {
    rate: { type: "string", default: "100k" },
    replicas: { type: "string", default: "2" },
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
    compression: { type: "string", default: "none" },
    warm: { type: "string", default: "40" },
    "most-off": { type: "string", default: "20" },
    "least-rate": { type: "string", default: "95" },
    calibrate: { type: "string", default: "1500ms" },
    input: { type: "string" },
    collector: { type: "string" },
  },
});
const STAMPEDE = fileURLToPath(new URL("../../scripts/stampede", import.meta.url));
/** A replica waits 15 s for what is in flight. */
const STOP_MS = 30_000;
const MOST_OFF = Number(flags["most-off"]) / 100;
const binary = flags.collector ?? builtCollector();
if (binary === undefined) throw new Error("there is no Collector: scripts/get-collector builds one");
const templates = flags.input === undefined ? [] : [`--input=${flags.input}`];
const KEPT = Number(flags["least-rate"]) / 100;

/** CPU-seconds a second, and the rate that was kept meanwhile. */
interface Parts {
  replicas: number;
  collectors?: number;
  eventsPerSecond: number;
}

// Killed, it leaves nothing behind: the guard ends what it knows of, and the receiver ends when it loses this process.
const guard = startGuard();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const receiver = await startReceiver();
const backend = {
  OTLP_ENDPOINT: `http://127.0.0.1:${receiver.ports.http}`,
  OTLP_COMPRESSION: "zstd",
};
const env = { ...process.env, ...backend };
const loadBefore = loadavg()[0]!;
const plan = await calibratedPlan();
const rounds: { through: Parts; straight: Parts }[] = [];
for (let n = 0; n < Number(flags.rounds); n++) {
  const through = await throughCollectors();
  const straight = await straightToBackend();
  rounds.push({ through, straight });
  process.stderr.write(`round ${n + 1}: ${JSON.stringify({ through, straight })}\n`);
}
receiver.stop();
await guard.release();
const parts = {
  "replicas, to Collectors": compare(
    plan.through.replicas.cores,
    rounds.map(({ through }) => through.replicas),
  ),
  Collectors: compare(
    plan.through.collectors!.cores,
    rounds.map(({ through }) => through.collectors!),
  ),
  "all, through Collectors": compare(
    plan.through.cores,
    rounds.map(({ through }) => through.replicas + through.collectors!),
  ),
  "replicas, straight": compare(
    plan.straight!.replicas.cores,
    rounds.map(({ straight }) => straight.replicas),
  ),
};
const result = {
  rate: plan.eventsPerSecond,
  seconds: Number(flags.seconds),
  replicas: plan.through.replicas.processes,
  collectors: plan.through.collectors!.processes,
  load: [loadBefore, loadavg()[0]!],
  parts,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
// A machine that has too much else to do keeps no rate, and what it spends says nothing.
const least = Math.min(
  ...rounds.flatMap(({ through, straight }) => [through.eventsPerSecond, straight.eventsPerSecond]),
);
if (least < plan.eventsPerSecond * KEPT)
  process.stderr.write(`the rate was not kept: ${Math.round(least)} events a second\n`);
if (
  least < plan.eventsPerSecond * KEPT ||
  Object.values(parts).some(({ off }) => Math.max(off, 1 / (1 + off) - 1) > MOST_OFF)
)
  process.exitCode = 1;

async function calibratedPlan(): Promise<ToldPlan> {
  const words = [
    "plan",
    `--calibrate=${flags.calibrate}`,
    `--collector=${binary}`,
    ...templates,
    "--json",
    "--backend=otlp",
    `--rate=${flags.rate}`,
    `--replicas=${flags.replicas}`,
    `--compression=${flags.compression}`,
  ];
  const child = spawn(STAMPEDE, words, { env, stdio: ["ignore", "pipe", "inherit"] });
  guarded(child);
  const [printed, [code]] = await Promise.all([text(child.stdout!), once(child, "exit")]);
  if (code !== 0) throw new Error(`stampede ${words.join(" ")} ended with code ${code}`);
  return JSON.parse(printed) as ToldPlan;
}

/** Cores; `off` is what was measured over what was predicted, less 1. */
function compare(predicted: number, measured: readonly number[]) {
  return { predicted, measured, off: medianOf(measured) / predicted - 1 };
}

async function throughCollectors(): Promise<Parts> {
  const collectors = await Promise.all(
    Array.from({ length: plan.through.collectors!.processes }, () =>
      startLocalCollector({ binary: binary!, backend: "otlp", environment: env }),
    ),
  );
  for (const { pid } of collectors) guard.add(pid);
  try {
    const { protocol } = plan.through.sender;
    const urls = collectors.map((collector) => (protocol === "grpc" ? collector.grpc : collector.http));
    const others = async () => {
      const pages = await Promise.all(collectors.map(({ metricsUrl }) => scrapeSelfMetrics(metricsUrl)));
      const accepted = pages
        .flatMap(({ counters }) => counters)
        .filter(({ kind, outcome }) => kind === "receiver" && outcome === "accepted");
      return {
        events: accepted.reduce((sum, { items }) => sum + items, 0),
        cpuSeconds: collectors.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
      };
    };
    return await runReplicas(plan.through, urls, others);
  } finally {
    await Promise.all(collectors.map((collector) => collector.stop()));
    for (const { pid } of collectors) guard.remove(pid);
  }
}

/** The receiver counts bytes, and how many an event has is known. */
async function straightToBackend(): Promise<Parts> {
  const bytesPerEvent = plan.straight!.legs[0]!.bytesPerEvent;
  const { collectors: _, ...parts } = await runReplicas(
    plan.straight!,
    [backend.OTLP_ENDPOINT],
    async () => ({
      events: (await receiver.received()).bodyBytes / bytesPerEvent,
      cpuSeconds: 0,
    }),
  );
  return parts;
}

/** Run the replicas of a way, and see what they spend, and what `others` counts. */
async function runReplicas(
  { sender, replicas: { processes } }: ToldPlan["through"],
  endpoints: readonly string[],
  others: () => Promise<{ events: number; cpuSeconds: number }>,
): Promise<Required<Parts>> {
  const started = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      start([
        "replay",
        `--endpoint=${endpoints.join()}`,
        `--protocol=${sender.protocol}`,
        `--compression=${sender.compression}`,
        `--rate=${plan.eventsPerSecond}`,
        `--replica=${index}/${processes}`,
        ...templates,
      ]),
    ),
  );
  try {
    await sleep(Number(flags.warm) * 1000);
    const look = async () => ({
      own: started.reduce((sum, { pid }) => sum + cpuSecondsOf(pid!), 0),
      seconds: performance.now() / 1000,
      ...(await others()),
    });
    const before = await look();
    await sleep(Number(flags.seconds) * 1000);
    const spent = difference(before, await look());
    return {
      replicas: spent.own / spent.seconds,
      collectors: spent.cpuSeconds / spent.seconds,
      eventsPerSecond: spent.events / spent.seconds,
    };
  } finally {
    await Promise.all(started.map(end));
  }
}

/** Start a replica; resolves when it sends. */
async function start(words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(STAMPEDE, words, { stdio: ["ignore", "ignore", "pipe"], env: process.env });
  guarded(child);
  for await (const line of createInterface(child.stderr!)) {
    if (!line.includes('"msg":"sending ')) continue;
    // What comes later nobody reads, and nobody has to.
    child.stderr!.resume();
    return child;
  }
  throw new Error(`replay ${words.join(" ")} ended before it sent`);
}

/** It ends with this process, however that ends. */
function guarded(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  guard.add(pid);
  child.once("exit", () => guard.remove(pid));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const hung = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(hung);
}
