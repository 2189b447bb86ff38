/**
 * Benchmarks: one base cell and one factor varied at a time, stages alone, compiling, peers, a real Collector.
 *
 *   npm run bench                        everything; writes docs/benchmarks.json and docs/benchmarks.md
 *   npm run bench -- NAME...             the cells whose name holds one of the NAMEs
 *   npm run bench -- --list              their names
 *   npm run bench -- --quick             everything, in short rounds with small templates: does it all run?
 *   npm run bench -- --profile [NAME]    only where the time of sending cells goes, by V8's profiler; some without NAME
 *
 *   --seconds N    a round (3)             --full        also cells that take 10 GB
 *   --rounds N     of each cell (3)        --output DIR  where results go; runs that are quick or chosen go to .build/bench
 *
 * The page goes to stdout too, progress to stderr.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeCertificates } from "../otlp/test-certificates.ts";
import { startReceiver } from "../sink/discard/start-receiver.ts";
import { GIGABYTE } from "./cells.ts";
import { collectorSection } from "./collector.ts";
import { Fixtures } from "./fixtures/fixtures.ts";
import { describeMachine } from "./machine.ts";
import type { Bench } from "./measure-send.ts";
import { pageOf } from "./page.ts";
import { LEFT_OUT } from "./peers/peers.ts";
import type { Results } from "./results.ts";
import type { Run } from "./run.ts";
import {
  cellNames,
  compileSection,
  noisyRows,
  peerSection,
  profileSection,
  readySection,
  sendSection,
  stageSection,
} from "./sections.ts";

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    output: { type: "string" },
  },
});
const root = join(import.meta.dirname, "..");
const known = cellNames(flags.full);
const wants = (name: string): boolean => names.length === 0 || names.some((part) => name.includes(part));

if (flags.list) process.stdout.write(`${known.filter(wants).join("\n")}\n`);
else if (!known.some(wants)) {
  process.stderr.write(`no cell is called ${names.join(" or ")}; \`npm run bench -- --list\` names them\n`);
  process.exitCode = 2;
} else await main();

async function main(): Promise<void> {
  const seconds = positive("seconds", flags.quick ? 0.6 : 3);
  const rounds = positive("rounds", flags.quick ? 1 : 3);
  const warmSeconds = flags.quick ? 0.3 : 1;
  const results: Results = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    settings: { seconds, warmSeconds, rounds, isQuick: flags.quick, names, loadAverage: loadavg()[0]! },
    send: [],
    stages: [],
    compile: [],
    contests: [],
    missingPeers: {},
    leftOut: [...LEFT_OUT],
    collector: [],
    profiles: [],
    failures: {},
  };
  // What is interrupted leaves nothing behind: measured processes end when they lose this one.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const certificates = makeCertificates();
  process.once("exit", () => rmSync(certificates.directory, { recursive: true, force: true }));
  const fixtures = new Fixtures(flags.quick ? 16 : 128);
  process.once("exit", () => fixtures.dispose());
  const receiver = await startReceiver(certificates);
  const bench: Bench = {
    fixtures,
    receiver,
    caFile: certificates.ca,
    measureMs: seconds * 1000,
    warmMs: warmSeconds * 1000,
    maxRawBytes: flags.quick ? GIGABYTE / 20 : Number.POSITIVE_INFINITY,
  };
  const tell = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
  const run: Run = {
    bench,
    rounds,
    isQuick: flags.quick,
    isFull: flags.full,
    wants,
    tell,
    failures: results.failures,
  };
  try {
    if (flags.profile) results.profiles = await profileSection(run, names.length > 0);
    else {
      results.send = await sendSection(run);
      results.stages = await stageSection(run);
      results.compile = await compileSection(run);
      const ready = await readySection(run);
      if (ready) results.ready = ready;
      Object.assign(results, await peerSection(run));
      results.collector = await collectorSection(run);
      results.profiles = await profileSection(run, false);
    }
  } finally {
    receiver.stop();
  }
  write(results);
  if (Object.keys(results.failures).length > 0) process.exitCode = 1;
  const noisy = noisyRows([
    ...results.send,
    ...results.stages,
    ...results.contests.flatMap(({ rows }) => rows),
  ]);
  if (noisy.length > 0) tell(`rounds differ by more than a fifth, so these say little: ${noisy.join("; ")}`);
}

/** To where they belong, and the page to stdout. */
function write(results: Results): void {
  const isWhole = names.length === 0 && !flags.quick && !flags.profile;
  const directory = flags.output ?? join(root, isWhole ? "docs" : ".build/bench");
  mkdirSync(directory, { recursive: true });
  const page = pageOf(results);
  writeFileSync(join(directory, "benchmarks.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, "benchmarks.md"), page);
  process.stdout.write(page);
}

function positive(flag: "seconds" | "rounds", standard: number): number {
  const text = flags[flag];
  if (text === undefined) return standard;
  const value = Number(text);
  if (!(value > 0) || (flag === "rounds" && !Number.isInteger(value))) {
    throw new Error(`--${flag}: must be a ${flag === "rounds" ? "whole " : ""}number above 0, got ${text}`);
  }
  return value;
}
