/**
 * A long run into a real Collector with another fault every minute, and the books held against each other at the end: what became of
 * every item, and whether the replayer's memory stayed. docs/measuring.md has the run that matters, and what its figures say.
 *
 *   node bench/soak/faults.ts --least 100000000                                 20 minutes, 104.5 million events
 *   node bench/soak/faults.ts --protocol grpc --minutes 3 --rate 10000          a rehearsal of its first three faults
 *   node bench/soak/faults.ts --faults outage,restart --minutes 2 --rate 10000  of these two
 *
 * Prints tables, writes the same and more as JSON to --output; exit code 1 when something does not hold.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Report } from "../../ledger/report.ts";
import { grouped } from "../../terminal/figures.ts";
import { stampede } from "../../test/stampede.ts";
import { describeMachine } from "../machine.ts";
import { residentBytes } from "../resident.ts";
import { accountsOf, type Claim, claimsOf } from "./accounts.ts";
import { SOAK_FAULTS, type SoakFault } from "./fault-list.ts";
import { type FaultRun, faultTables } from "./fault-tables.ts";
import { looksIn, type MemorySample, memoryAtEnds, minutesOf } from "./minutes.ts";
import { openStage, type Stage } from "./stage.ts";

const ROOT = join(import.meta.dirname, "../..");
/**
 * Requests are as large as usual at high rates, whatever the rate of a rehearsal. They last less than the two faults that are to cost items,
 * and more than all others: the limits that are usual, 10 and 60 seconds, would need faults of minutes.
 */
const CONFIG = `
otlp: {timeout: 5s}
sending: {batch_size: {traces: 100, metrics: 1000, logs: 1000}, retry: {max_elapsed: 20s}}
`;
const MINUTE_MS = 60_000;
/** When in its minute a fault begins. */
const FAULT_AT_MS = 8000;
/** The windows at both ends that memory is compared in, where the run has room for both. */
const MEMORY_WINDOW_MINUTES = 5;
/** The first faults fill buffers and compile code that were not needed before: some megabytes, once. */
const MEMORY_TOLERANCE = 0.1;

const { values: flags } = parseArgs({
  options: {
    protocol: { type: "string", default: "grpc" },
    compression: { type: "string", default: "zstd" },
    minutes: { type: "string", default: "20" },
    rate: { type: "string", default: "87100" },
    count: { type: "string" },
    least: { type: "string", default: "0" },
    faults: { type: "string" },
    input: { type: "string" },
    output: { type: "string", default: join(ROOT, ".build/soak/faults.json") },
  },
});
const minutes = Number(flags.minutes);
const count = Number(flags.count ?? Number(flags.rate) * 60 * minutes);
const faults = chosenFaults();

const directory = mkdtempSync(join(tmpdir(), "stampede-faults-"));
let stage: Stage | undefined;
try {
  const config = join(directory, "replayer.yaml");
  writeFileSync(config, CONFIG);
  const compression = `--compression=${flags.compression}`;
  const common = [`--config=${config}`, ...(flags.input === undefined ? [] : [`--input=${flags.input}`])];
  if (flags.compression !== "none") {
    const frozen = await stampede("freeze", ...common, compression);
    if (frozen.exitCode !== 0) throw new Error(`freeze ended with ${frozen.exitCode}:\n${frozen.stderr}`);
  }
  stage = await openStage(flags.protocol, directory);
  const file = join(directory, "report.json");
  const run = await watchReplay(stage, [
    ...common,
    compression,
    `--endpoint=${stage.endpoint}`,
    `--protocol=${flags.protocol}`,
    `--rate=${flags.rate}`,
    `--count=${count}`,
    "--duration=0",
    `--report=${file}`,
  ]);
  const acceptedByLife = stage.acceptedByLife();
  const { sink, refusing } = await stage.end();
  stage = undefined;
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const accounts = accountsOf(report, sink);
  const claims = [
    ...claimsOf(report, sink, count),
    enoughClaim(accounts.total!.received),
    ...(minutes >= 2 * MEMORY_WINDOW_MINUTES ? [memoryClaim(run.memory)] : []),
    {
      claim: "the run ended by itself, with the code of its report",
      holds: report.balanced && run.exitCode === report.exitCode,
      figures: `${run.exitCode}`,
    },
  ];
  const result: FaultRun & Record<string, unknown> = {
    machine: describeMachine(),
    flags,
    accounts,
    claims,
    minutes: minutesOf(
      looksIn(run.text),
      run.memory,
      faults.map(({ what }) => what),
    ),
    answers: report.answers,
    faults: run.happened,
    acceptedByLife,
    refusedForGood: Object.values(refusing.signals).reduce((sum, { refused }) => sum + refused, 0),
    highestSinkBytes: Math.max(...run.memory.map(({ sink }) => sink)),
    looks: looksIn(run.text),
    memory: run.memory,
    report,
    sink,
  };
  mkdirSync(dirname(flags.output), { recursive: true });
  writeFileSync(flags.output, `${JSON.stringify(result)}\n`);
  process.stdout.write(faultTables(result));
  process.exitCode = claims.every(({ holds }) => holds) ? 0 : 1;
} finally {
  await stage?.abandon();
  rmSync(directory, { recursive: true, force: true });
}

/** One for each minute, from the beginning of the list. */
function chosenFaults(): readonly SoakFault[] {
  const names = flags.faults?.split(",") ?? SOAK_FAULTS.map(({ name }) => name);
  return names.slice(0, minutes).map((name) => {
    const fault = SOAK_FAULTS.find((one) => one.name === name);
    if (!fault) {
      const known = SOAK_FAULTS.map(({ name }) => name).join(", ");
      throw new Error(`--faults: must be among ${known}, got "${name}"`);
    }
    return fault;
  });
}

/** Run the command to its end while the faults happen; what it printed, and its memory each second. */
async function watchReplay(stage: Stage, args: readonly string[]) {
  const child = spawn(join(ROOT, "scripts/stampede"), ["replay", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  let text = "";
  const begun = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      process.stderr.write(part);
      if (text.includes("sending ")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`replay ended with ${code} before it began`)));
  });
  try {
    await begun;
    const startedMs = performance.now();
    const elapsedMs = () => performance.now() - startedMs;
    const memory: MemorySample[] = [];
    const sampling = setInterval(() => {
      const replayer = residentBytes(child.pid!);
      if (replayer > 0)
        memory.push({ elapsedMs: elapsedMs(), replayer, sink: residentBytes(stage.sink.pid) });
      void stage.look();
    }, 1000);
    const over = new AbortController();
    const faulting = happen(stage, elapsedMs, over.signal);
    const [exitCode] = (await Promise.race([exited, faulting.then(() => exited)])) as [number | null];
    over.abort();
    clearInterval(sampling);
    return { exitCode, text, memory, happened: await faulting };
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  }
}

/** Let each fault happen in its minute, until all have or the run is over. */
async function happen(stage: Stage, elapsedMs: () => number, over: AbortSignal) {
  const happened: { name: string; fromMs: number; toMs: number }[] = [];
  for (const [index, { name, what, happen }] of faults.entries()) {
    const atMs = index * MINUTE_MS + FAULT_AT_MS;
    await sleep(Math.max(0, atMs - elapsedMs()), undefined, { signal: over }).catch(() => {});
    if (over.aborted) break;
    const fromMs = Math.round(elapsedMs());
    process.stderr.write(`fault ${index + 1}: ${what}\n`);
    await happen(stage);
    happened.push({ name, fromMs, toMs: Math.round(elapsedMs()) });
    process.stderr.write(
      `fault ${index + 1} over after ${Math.round((elapsedMs() - fromMs) / 100) / 10} s\n`,
    );
  }
  return happened;
}

function enoughClaim(received: number): Claim {
  const least = Number(flags.least);
  return {
    claim: "as many as were wanted went through the Collector",
    holds: received >= least,
    figures: `${grouped(received)} of ${grouped(least)}`,
  };
}

function memoryClaim(memory: readonly MemorySample[]): Claim {
  const { first, last } = memoryAtEnds(memory, MEMORY_WINDOW_MINUTES * MINUTE_MS);
  return {
    claim: `memory of the last ${MEMORY_WINDOW_MINUTES} minutes is that of the first`,
    holds: last <= first * (1 + MEMORY_TOLERANCE),
    figures: `${(first / 1e6).toFixed(1)} MB, then ${(last / 1e6).toFixed(1)} MB`,
  };
}
