import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../../generator/config.ts";
import { generate } from "../../generator/generate.ts";
import { makeReport, type Report } from "../../ledger/report.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { jobOf } from "../../replayer/test-run.ts";
import { receivedItems } from "../../sink/counts.ts";
import { parseFaults } from "../../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../../sink/sink.ts";
import { type LocalFleet, runInChildren, runInProcess } from "./local-fleet.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-fleet-"));
const sinks: Sink[] = [];

beforeAll(async () => {
  const config = generatorConfigSchema.parse({
    traces: { count: 100, spans: { avg_per_trace: 8, std_dev: 3 } },
    metrics: { metric_count: 20, timeseries_per_metric: { min: 2, max: 6, default: 3 } },
    logs: { count: 400 },
  });
  await generate(config, { outputDir: directory, createdAt: "2026-01-01T00:00:00Z" });
});
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close(0);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0, ...options });
  sinks.push(sink);
  return sink;
}

function job(sink: Sink, sending: object, otlp: object = {}): Promise<ReplayJob> {
  const config = { sending: { batch_size: { traces: 5, metrics: 20, logs: 20 }, ...sending } };
  return jobOf({ address: sink.grpcAddress, inputs: directory, config, otlp });
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

const sum = ({ signals }: Report, name: "sent" | "accepted" | "inDoubt" | "intended") =>
  SIGNALS.reduce((total, signal) => total + signals[signal]![name], 0);

const acceptedSoFar = (fleet: LocalFleet) => sum(report(fleet.snapshots()), "accepted");

/** Process ids of the replayers that this test process has started. */
function childPids(): number[] {
  const table = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-A"], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match?.[2] === String(process.pid) && match[3]!.includes("fleet/local/worker.ts"))
    .map((match) => Number(match![1]));
}

describe("replayer processes of one command", () => {
  test("share the work, and their sums are the whole, to the item", async () => {
    const sink = await start();
    const fleet = runInChildren(await job(sink, { rate_limit: { events_per_second: 0 }, total: 2001 }), 3);
    const results = await fleet.ended;
    const whole = report(results);
    expect([results.length, sum(whole, "sent"), sum(whole, "accepted")]).toEqual([3, 2001, 2001]);
    expect([whole.balanced, whole.exitCode, fleet.deaths()]).toEqual([true, 0, 0]);
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
    expect([sum(whole, "sent"), whole.notes, fleet.deaths()]).toEqual([0, [], 0]);
  });

  test("that are killed are told of, with what they had in flight in doubt; the others go on", async () => {
    const sink = await start({ faults: parseFaults("delay=2s") });
    const sending = { rate_limit: { events_per_second: 3000 }, duration: "0", concurrency: 20 };
    const fleet = runInChildren(await job(sink, sending), 2);
    // A snapshot with requests in flight, whose answers are two seconds away.
    await expect
      .poll(
        () =>
          Math.min(
            ...fleet.snapshots().map((one) => (one.inFlight > 0 ? 1 : 0)),
            fleet.snapshots().length - 1,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(1);
    const [victim] = childPids();
    process.kill(victim!, "SIGKILL");
    await expect.poll(() => fleet.deaths(), { timeout: 20_000 }).toBe(1);
    fleet.stop();
    const whole = report(await fleet.ended);
    expect(sum(whole, "inDoubt")).toBeGreaterThan(0);
    expect([whole.balanced, whole.exitCode]).toEqual([true, 1]);
    expect(whole.notes.join()).toMatch(
      /replayer process [01] of 2 ended with SIGKILL; what it sent after \d+\.\d s/,
    );
    expect(childPids()).toEqual([]);
  });

  test("that are killed before their first word are told of too", async () => {
    const sink = await start();
    const fleet = runInChildren(await job(sink, { total: 1000, duration: "0" }), 2);
    const [victim] = childPids();
    process.kill(victim!, "SIGKILL");
    const whole = report(await fleet.ended);
    expect(fleet.deaths()).toBe(1);
    expect(whole.notes.join()).toContain("ended with SIGKILL");
    // Half of each signal, odd items apart.
    expect(Math.abs(sum(whole, "accepted") - 500)).toBeLessThanOrEqual(3);
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
