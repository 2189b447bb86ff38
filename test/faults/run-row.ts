/** Runs one row of the fault table, in this process or by the command. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Counter, perCounter } from "../../ledger/counts.ts";
import { imbalance, type Report } from "../../ledger/report.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { compileFrozen } from "../../replayer/compile/compile-frozen.ts";
import { compiledName } from "../../replayer/compile/compiled-files.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import { imbalances, jobOf, outcomeOf, type TestRun } from "../../replayer/test-run.ts";
import { stampede } from "../stampede.ts";
import type { Cell, Result, Row, Running, Target } from "./row.ts";

const EVENTS = 2400;
const LARGE_EVENTS = 24_000;
const SMALL_BATCHES = { traces: 4, metrics: 25, logs: 25 };
const NOWHERE: Pick<Target, "address" | "tls"> = { address: "127.0.0.1:9" };
const LARGE_BATCHES = { traces: 700, metrics: 6000, logs: 6000 };

/** How many events a row sends. */
export function eventsOf({ total, isLarge }: Row): number {
  return total ?? (isLarge ? LARGE_EVENTS : EVENTS);
}

/** Freeze the templates with both sizes of batches, and compress them ahead. */
export async function compileTemplates(templates: string): Promise<void> {
  for (const isLarge of [false, true]) {
    const cell = { protocol: "http/protobuf", mode: "frozen" } as const;
    const row: Row = { what: "", target: () => Promise.reject(), answers: [], ends: [], isLarge };
    const { frozen } = await jobOf(testRunOf(row, cell, NOWHERE, templates));
    for (const signal of SIGNALS) {
      await compileFrozen(frozen[signal]!, compiledName(frozen[signal]!, "zstd-fast"));
    }
  }
}

/** Send what the row says to its target, until the run ends by itself. */
export async function runRow(row: Row, cell: Cell, target: Target, templates: string): Promise<Result> {
  const run = testRunOf(row, cell, target, templates);
  return row.isByCommand ? runByCommand(run, cell, target, templates) : runHere(run, target);
}

async function runHere(run: TestRun, target: Target): Promise<Result> {
  const { replay, transport } = await openReplay(await jobOf(run));
  const outcome = () => outcomeOf(replay.snapshot());
  const running: Running = {
    answers: () => replay.snapshot().answers,
    accepted: () => sum(outcome().counts, "accepted"),
  };
  await Promise.all([replay.run(), target.during?.(running)]);
  await transport.close();
  const ended = outcome();
  return {
    sums: sums(ended.counts),
    imbalances: imbalances(ended),
    answers: ended.snapshot.answers,
    received: await target.received(),
    rssBytes: ended.snapshot.rssBytes,
  };
}

async function runByCommand(
  { config, otlp }: TestRun,
  { protocol, mode }: Cell,
  target: Target,
  templates: string,
): Promise<Result> {
  const name = join(templates, `${protocol.replace("/", "-")}-${mode}`);
  const settings = { ...config, otlp: { ...otlp, protocol } };
  // YAML reads JSON.
  writeFileSync(`${name}.yaml`, JSON.stringify(settings));
  const flags = [`--config=${name}.yaml`, `--input=${templates}`, `--report=${name}.json`];
  const unknown: Running = { answers: () => [], accepted: () => 0 };
  const [ran] = await Promise.all([stampede("replay", ...flags), target.during?.(unknown)]);
  if (/^ {4}at /m.test(ran.stderr)) throw new Error(`a stack: ${ran.stderr}`);
  const report = JSON.parse(readFileSync(`${name}.json`, "utf8")) as Report;
  const total = sums(report.signals as Counted);
  const isWhole = total.accepted === total.intended;
  if (ran.exitCode !== (isWhole ? 0 : 1)) throw new Error(`exit code ${ran.exitCode}: ${ran.stderr}`);
  return {
    sums: total,
    imbalances: SIGNALS.flatMap((signal) => Object.values(imbalance(report.signals[signal]!))),
    answers: report.answers,
    received: await target.received(),
    rssBytes: report.maxRssBytes,
  };
}

function testRunOf(
  row: Row,
  { protocol, mode }: Cell,
  { address, tls }: Pick<Target, "address" | "tls">,
  templates: string,
): TestRun {
  return {
    address,
    protocol,
    inputs: templates,
    otlp: {
      endpoint: `${tls ? "https" : "http"}://${address}`,
      ...(tls && { tls }),
      compression: mode === "frozen" ? "zstd" : "none",
      timeout: row.timeout ?? "60s",
    },
    config: {
      sending: {
        rate_limit: { events_per_second: row.rate ?? 0 },
        total: eventsOf(row),
        duration: "0",
        batch_size: row.isLarge ? LARGE_BATCHES : SMALL_BATCHES,
        concurrency: 8,
        retry: { initial: "20ms", max: "200ms", max_elapsed: "10s", ...row.retry },
      },
    },
  };
}

/** Counts by signal, whether a snapshot's or a report's. */
type Counted = Readonly<Record<string, Readonly<Partial<Record<Counter, number>>>>>;

function sums(counts: Counted): Record<Counter, number> {
  return perCounter((counter) => sum(counts, counter));
}

function sum(counts: Counted, name: Counter): number {
  return Object.values(counts).reduce((total, of) => total + (of[name] ?? 0), 0);
}
