/**
 * `stampede replay --processes 3` whose processes are killed: a child, twice, and the one that started them all.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { killStarted, type Running } from "../cli/test-process.ts";
import { childrenOf, descendantsOf, isAlive, REPLAYER } from "../fleet/test-process-table.ts";
import type { Counter } from "../ledger/counts.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { receivedItems } from "../sink/counts.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { startStampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const PROCESSES = 3;
const COUNT = 60_000;
const RATE = 6000;
/** For waits: how long something takes on a machine that has other work. */
const LONG = { timeout: 60_000 };

const directory = mkdtempSync(join(tmpdir(), "stampede-processes-"));
let templates = "";

beforeAll(async () => {
  templates = await generateTemplates(directory);
});
afterEach(killStarted);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each([["none"], ["zstd"]])("three processes, compression %s", (compression) => {
  test("two of which are killed, send what was asked for, exact to the item, and report it", async () => {
    const sink = await start();
    const reportFile = join(directory, `report-${compression}.json`);
    const replay = replayTo(sink, compression, `--count=${COUNT}`, `--report=${reportFile}`);
    for (const share of [0.1, 0.4]) {
      await expect.poll(() => receivedItems(sink.counts()), LONG).toBeGreaterThan(COUNT * share);
      await expect.poll(() => childrenOf(replay.child.pid!, REPLAYER).length, LONG).toBe(PROCESSES);
      const victims = childrenOf(replay.child.pid!, REPLAYER);
      process.kill(victims[Math.floor(Math.random() * PROCESSES)]!, "SIGKILL");
      await expect
        .poll(() => replay.stderr().match(/ended with SIGKILL/g)?.length, LONG)
        .toBe(share < 0.2 ? 1 : 2);
    }
    const exitCode = await replay.ended;
    const report: Report = JSON.parse(readFileSync(reportFile, "utf8"));
    const sum = (name: Counter) =>
      SIGNALS.reduce((total, signal) => total + report.signals[signal]![name], 0);
    expect(report.notes.filter((note) => note.includes("another goes on where it stopped"))).toHaveLength(2);
    expect([report.balanced, sum("intended"), sum("sent") + sum("unsent")]).toEqual([true, COUNT, COUNT]);
    const known = sum("accepted") + sum("inDoubt");
    expect([known, sum("rejected"), sum("failed"), sum("dropped")]).toEqual([sum("sent"), 0, 0, 0]);
    expect([exitCode, report.exitCode]).toEqual(sum("inDoubt") > 0 ? [1, 1] : [0, 0]);
    const received = receivedItems(sink.counts());
    expect(received).toBeGreaterThanOrEqual(sum("accepted"));
    expect(received).toBeLessThanOrEqual(known);
    const { findings, incarnations } = sink.report().verification!;
    expect(findings).toEqual({});
    expect(incarnations).toHaveLength(PROCESSES + 2);
    expect(report.incarnations).toEqual(
      expect.arrayContaining(incarnations.map(({ incarnation }) => incarnation)),
    );
  });

  test("end within seconds when the one that started them is killed, and leave nothing behind", async () => {
    const sink = await start();
    const replay = replayTo(sink, compression, "--duration=10m");
    await expect.poll(() => receivedItems(sink.counts()), LONG).toBeGreaterThan(3000);
    const children = descendantsOf(replay.child.pid!);
    expect(children.length).toBeGreaterThanOrEqual(PROCESSES);
    replay.child.kill("SIGKILL");
    await replay.ended;
    await expect.poll(() => children.filter(isAlive), LONG).toEqual([]);
    await expect.poll(journals, LONG).toEqual([]);
    expect(sink.report().verification!.findings).toEqual({});
  });
});

async function start(): Promise<Sink> {
  const faults = parseFaults("delay=100ms");
  const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 60_000, faults });
  onTestFinished(() => sink.close(0));
  return sink;
}

const replayTo = (sink: Sink, compression: string, ...args: string[]): Running =>
  startStampede([
    "replay",
    `--endpoint=http://${sink.grpcAddress}`,
    `--input=${templates}`,
    `--rate=${RATE}`,
    `--processes=${PROCESSES}`,
    `--compression=${compression}`,
    "--batch-size=20",
    ...args,
  ]);

/** Journal files that have a name. */
function journals(): string[] {
  return ["/dev/shm", tmpdir()].flatMap((path) =>
    readdirSync(path).filter((name) => name.startsWith("stampede-journal-")),
  );
}
