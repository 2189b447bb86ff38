import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import { COUNTER_INDEX, type Counter } from "../../ledger/counts.ts";
import { makeReport, type Report } from "../../ledger/report.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { compileFrozen } from "../../replayer/compile/compile-frozen.ts";
import { compiledName } from "../../replayer/compile/compiled-files.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { jobOf } from "../../replayer/test-run.ts";
import { receivedItems } from "../../sink/counts.ts";
import { parseFaults } from "../../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../../sink/sink.ts";
import { childrenOf, REPLAYER } from "../test-process-table.ts";
import { type LocalFleet, runInChildren, runInProcess } from "./local-fleet.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-fleet-"));
const lateRoots = join(directory, "late-roots");

beforeAll(async () => {
  const traces = { count: 100, spans: { avg_per_trace: 8, std_dev: 3 } };
  const metrics = { metric_count: 20, timeseries_per_metric: { min: 2, max: 6, default: 3 } };
  const logs = { count: 400 };
  await makeTemplates(directory, { traces, metrics, logs });
  const late_root = { enabled: true, percentage: 50, delay_ms: 60_000 };
  await makeTemplates(lateRoots, { traces: { ...traces, root: { late_root } }, metrics, logs });
});
afterEach(async () => {
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

function job(sink: Sink, sending: object, otlp: object = {}, inputs = directory): Promise<ReplayJob> {
  const config = { sending: { batch_size: { traces: 5, metrics: 20, logs: 20 }, ...sending } };
  return jobOf({ address: sink.grpcAddress, inputs, config, otlp });
}

function report(snapshots: Snapshot[]): Report {
  return makeReport(snapshots, {
    version: "test",
    startedAt: "",
    replicas: 1,
    config: {},
    signals: SIGNALS,
  });
}

const sum = ({ signals }: Report, name: Counter) =>
  SIGNALS.reduce((total, signal) => total + signals[signal]![name], 0);

/** For waits: how long it takes another has to do with what else the machine does. */
const LONG = { timeout: 30_000 };

const sent = (fleet: LocalFleet) => sum(report(fleet.snapshots()), "sent");
const notesOf = (fleet: LocalFleet) => fleet.snapshots().flatMap(({ notes }) => notes);
const deathNotes = (notes: readonly string[]) => notes.filter((note) => note.includes(" ended with "));
const acceptedSoFar = (fleet: LocalFleet) => sum(report(fleet.snapshots()), "accepted");

/** Kill any of the fleet's children, and wait until that is known. */
async function killOne(fleet: LocalFleet): Promise<void> {
  const known = deathNotes(notesOf(fleet)).length;
  await expect.poll(() => childrenOf(process.pid, REPLAYER).length, LONG).toBe(2);
  const pids = childrenOf(process.pid, REPLAYER);
  process.kill(pids[Math.floor(Math.random() * pids.length)]!, "SIGKILL");
  await expect.poll(() => deathNotes(notesOf(fleet)).length, LONG).toBe(known + 1);
}

/** The result of this job in one process. */
async function runInOneGo(sending: object): Promise<Snapshot[]> {
  const fleet = await runInProcess(await job(await start(), { duration: "0", ...sending }));
  return fleet.ended;
}

describe("replayer processes of one command", { timeout: 120_000 }, () => {
  test("share the work, and their sums are the whole, to the item", async () => {
    const sink = await start();
    const fleet = runInChildren(await job(sink, { rate_limit: { events_per_second: 0 }, total: 2001 }), 3);
    const results = await fleet.ended;
    const whole = report(results);
    expect([results.length, sum(whole, "sent"), sum(whole, "accepted")]).toEqual([3, 2001, 2001]);
    expect([whole.balanced, whole.exitCode, whole.notes]).toEqual([true, 0, []]);
    expect(new Set(whole.incarnations).size).toBe(3);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
    expect(receivedItems(sink.counts())).toBe(2001);
  });

  test("end when told, with what they had in flight answered", async () => {
    const sink = await start();
    const fleet = runInChildren(
      await job(sink, { rate_limit: { events_per_second: 3000 }, duration: "0" }),
      2,
    );
    await expect.poll(() => acceptedSoFar(fleet), { timeout: 20_000 }).toBeGreaterThan(100);
    fleet.stop();
    const whole = report(await fleet.ended);
    expect([whole.balanced, whole.exitCode]).toEqual([true, 0]);
    expect(sum(whole, "accepted")).toBe(receivedItems(sink.counts()));
  });

  test("told to end before they are ready end without having sent anything, and nobody mourns", async () => {
    const sink = await start();
    const fleet = runInChildren(await job(sink, { duration: "0" }), 2);
    fleet.stop();
    const whole = report(await fleet.ended);
    expect([sum(whole, "sent"), whole.notes]).toEqual([0, []]);
  });

  test("that are killed at any moment are told of and replaced, and the books are exact to the item", async () => {
    const sink = await start({ faults: parseFaults("delay=100ms"), doubtMs: 60_000 });
    const sending = {
      rate_limit: { events_per_second: 2500 },
      total: 20_000,
      duration: "0",
      concurrency: 20,
    };
    const fleet = runInChildren(await job(sink, sending), 2);
    for (const least of [500, 3000, 5000, 9000]) {
      await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(least + Math.random() * 1000);
      await killOne(fleet);
    }
    const whole = report(await fleet.ended);
    expect(deathNotes(whole.notes)).toHaveLength(4);
    for (const note of deathNotes(whole.notes)) {
      expect(note).toMatch(
        /^replayer process [01] of 2 ended with SIGKILL (after \d+\.\d s|before it sent anything)(: [\d,]+ items in doubt, |: )another goes on where it stopped$/,
      );
    }
    expect([whole.balanced, sum(whole, "intended"), sum(whole, "sent") + sum(whole, "unsent")]).toEqual([
      true,
      20_000,
      20_000,
    ]);
    expect(whole.exitCode).toBe(sum(whole, "inDoubt") > 0 ? 1 : 0);
    const received = receivedItems(sink.counts());
    expect(received).toBeGreaterThanOrEqual(sum(whole, "accepted"));
    expect(received).toBeLessThanOrEqual(sum(whole, "accepted") + sum(whole, "inDoubt"));
    const { verification } = sink.report();
    expect(verification!.findings).toEqual({});
    expect(whole.incarnations).toEqual(
      expect.arrayContaining(verification!.incarnations.map(({ incarnation }) => incarnation)),
    );
    expect(childrenOf(process.pid, REPLAYER)).toEqual([]);
  });

  test("that are killed with requests in flight leave these in doubt, and no more", async () => {
    const sink = await start({ faults: parseFaults("delay=2s"), doubtMs: 60_000 });
    const sending = { rate_limit: { events_per_second: 0 }, total: 4000, duration: "0", concurrency: 4 };
    const fleet = runInChildren(await job(sink, sending), 2);
    await expect.poll(() => fleet.snapshots().filter(({ inFlight }) => inFlight === 2).length, LONG).toBe(2);
    await killOne(fleet);
    fleet.stop();
    const whole = report(await fleet.ended);
    // Two requests of five traces or twenty points or records.
    expect(sum(whole, "inDoubt")).toBeGreaterThan(0);
    expect(sum(whole, "inDoubt")).toBeLessThan(200);
    expect([whole.balanced, whole.exitCode]).toEqual([true, 1]);
  });

  test("go on with the passes that a dead one had begun, as items", async () => {
    const sink = await start({ doubtMs: 60_000 });
    const sending = { rate_limit: { events_per_second: 1500 }, multiplier: 6, duration: "0" };
    const fleet = runInChildren(await job(sink, sending), 2);
    const passes = 6 * sum(report(await runInOneGo({ multiplier: 1 })), "sent");
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(passes / 4);
    await killOne(fleet);
    const whole = report(await fleet.ended);
    expect([deathNotes(whole.notes).length, sum(whole, "intended")]).toEqual([1, passes]);
  });

  test("lose the late roots that waited in a dead one, and say so", async () => {
    const sink = await start({ doubtMs: 60_000 });
    const fleet = runInChildren(await job(sink, { total: 3000, duration: "0" }, {}, lateRoots), 2);
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(500);
    await killOne(fleet);
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(1500);
    fleet.stop();
    const whole = report(await fleet.ended);
    expect(deathNotes(whole.notes).join()).toMatch(/[\d,]+ late roots that waited in it unsent/);
    expect(whole.balanced).toBe(true);
  });

  test("take what somebody has compiled meanwhile, when they replace a dead one", async () => {
    const sink = await start({ doubtMs: 60_000, verify: false });
    const sending = { rate_limit: { events_per_second: 1000 }, duration: "0" };
    const plain = await job(sink, sending, { compression: "zstd" });
    const fleet = runInChildren(plain, 1);
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(200);
    for (const signal of SIGNALS) {
      const frozen = plain.frozen[signal]!;
      await compileFrozen(frozen, compiledName(frozen, "zstd-fast"), "zstd-fast");
    }
    process.kill(childrenOf(process.pid, REPLAYER)[0]!, "SIGKILL");
    const ofSecond = () => fleet.snapshots()[1]?.counts.logs[COUNTER_INDEX.requests] ?? 0;
    await expect.poll(ofSecond, LONG).toBeGreaterThan(5);
    fleet.stop();
    const lives = await fleet.ended;
    const last = report(lives.slice(-1));
    expect(lives).toHaveLength(2);
    expect(sum(last, "compiledRequests")).toBe(sum(last, "requests"));
  });

  test("cannot be replaced when their files are gone, which is told", async () => {
    const sink = await start({ doubtMs: 60_000 });
    const whole = await job(sink, { rate_limit: { events_per_second: 1000 }, duration: "0" });
    const copies = structuredClone(whole);
    for (const signal of SIGNALS) {
      copies.frozen[signal] = join(directory, `copy-${signal}`);
      cpSync(whole.frozen[signal]!, copies.frozen[signal]);
    }
    const fleet = runInChildren(copies, 1);
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(200);
    for (const signal of SIGNALS) rmSync(copies.frozen[signal]!);
    process.kill(childrenOf(process.pid, REPLAYER)[0]!, "SIGKILL");
    const { notes, balanced } = report(await fleet.ended);
    expect([deathNotes(notes).join(), balanced]).toEqual([
      expect.stringMatching(/nobody can go on \(.*ENOENT.*\)/),
      true,
    ]);
  });

  test("are not replaced when they die at the end", async () => {
    const sink = await start({ faults: parseFaults("delay=2s"), doubtMs: 60_000 });
    const sending = { rate_limit: { events_per_second: 3000 }, duration: "0", concurrency: 20 };
    const fleet = runInChildren(await job(sink, sending), 2);
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(100);
    fleet.stop();
    const [victim] = childrenOf(process.pid, REPLAYER);
    process.kill(victim!, "SIGKILL");
    const whole = report(await fleet.ended);
    expect(whole.notes.join()).not.toContain("another");
    expect([whole.balanced, deathNotes(whole.notes).length, fleet.alive()]).toEqual([true, 1, 0]);
  });

  test("that are killed before their first word are replaced too", async () => {
    const sink = await start();
    const fleet = runInChildren(await job(sink, { total: 1000, duration: "0" }), 2);
    const [victim] = childrenOf(process.pid, REPLAYER);
    process.kill(victim!, "SIGKILL");
    const whole = report(await fleet.ended);
    expect(deathNotes(whole.notes).join()).toContain("ended with SIGKILL before it sent anything");
    expect([sum(whole, "accepted"), whole.exitCode]).toEqual([1000, 0]);
  });

  test("are given up when they die again and again: their share is unsent, the others go on", async () => {
    const sink = await start({ doubtMs: 60_000 });
    const sending = { rate_limit: { events_per_second: 100 }, total: 2000, duration: "0" };
    const fleet = runInChildren(await job(sink, sending), 2);
    const others = new Set(childrenOf(process.pid, REPLAYER).slice(1));
    for (let deaths = 1; deaths <= 6; deaths++) {
      const victim = () => childrenOf(process.pid, REPLAYER).find((pid) => !others.has(pid));
      await expect.poll(victim, LONG).toBeDefined();
      process.kill(victim()!, "SIGKILL");
      await expect.poll(() => deathNotes(notesOf(fleet)).length, LONG).toBe(deaths);
    }
    expect(fleet.alive()).toBe(1);
    const whole = report(await fleet.ended);
    expect(whole.notes.join()).toMatch(
      /[\d,]+ items of its share unsent, given up, for 6 died within a minute/,
    );
    expect([whole.balanced, sum(whole, "intended")]).toEqual([true, 2000]);
    // Half of each signal, odd items apart.
    expect(sum(whole, "accepted")).toBeGreaterThanOrEqual(1000 - SIGNALS.length);
  });

  test("that cannot be started at all fail the run, with what they said last", async () => {
    const sink = await start();
    vi.stubEnv("NODE_OPTIONS", "--no-such-option");
    const { ended } = runInChildren(await job(sink, { total: 10 }), 2);
    await expect(ended).rejects.toMatchObject({
      code: "no_process",
      message: expect.stringMatching(/each ended with code 9 \(.*--no-such-option.*\)/),
    });
  });

  test("that cannot do the job say why, as one process would", async () => {
    const sink = await start();
    const bad = await job(sink, { total: 10 }, { headers: { "bad name": "secret" } });
    const refused = { code: "bad_header", message: expect.stringContaining('header "bad name"') };
    await expect(runInChildren(bad, 2).ended).rejects.toMatchObject(refused);
    await expect(runInProcess(bad)).rejects.toMatchObject(refused);
  });

  test("have no more requests in flight together than one alone may have", async () => {
    let most = 0;
    const sink = await start({ faults: parseFaults("delay=30ms"), verify: false });
    const sending = { rate_limit: { events_per_second: 0 }, total: 4000, concurrency: 5 };
    const fleet = runInChildren(await job(sink, sending), 3);
    const timer = setInterval(() => {
      const snapshots = fleet.snapshots();
      most = Math.max(
        most,
        snapshots.reduce((total, { inFlight }) => total + inFlight, 0),
      );
    }, 20);
    await fleet.ended;
    clearInterval(timer);
    expect(most).toBeLessThanOrEqual(5);
  });
});
