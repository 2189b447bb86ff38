import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeTemplates } from "../generator/test-templates.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";
import { imbalances, jobOf, type Outcome, runJob, type TestRun } from "./test-run.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-replay-"));
/** Items of a pass. */
const PASS = { traces: 0, metrics: 0, logs: 0 };

beforeAll(async () => {
  const { signals } = await makeTemplates(directory, {
    seed: 11,
    traces: { count: 120, spans: { avg_per_trace: 8, std_dev: 3 }, services: { count: 4 } },
    metrics: { metric_count: 30, timeseries_per_metric: { min: 2, max: 10, default: 5 } },
    logs: { count: 600 },
  });
  for (const signal of SIGNALS) PASS[signal] = signals[signal]!.items;
});
afterAll(() => rmSync(directory, { recursive: true }));

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

/** Small requests, short pauses, as fast as it goes. */
const SENDING = {
  rate_limit: { events_per_second: 0 },
  batch_size: { traces: 5, metrics: 20, logs: 25 },
  concurrency: 8,
  retry: { initial: "5ms", max: "20ms", max_elapsed: "10s" },
  duration: "0",
} as const;

type Protocol = "grpc" | "http/protobuf";

function runFor(
  sink: Sink,
  protocol: Protocol,
  changes: Partial<TestRun> & { sending?: object } = {},
): TestRun {
  const { sending, ...rest } = changes;
  return {
    address: protocol === "grpc" ? sink.grpcAddress : sink.httpAddress,
    protocol,
    inputs: directory,
    config: { sending: { ...SENDING, ...sending }, metrics: { interval: "1s" } },
    ...rest,
  };
}

async function replay(
  sink: Sink,
  protocol: Protocol,
  changes: Parameters<typeof runFor>[2] = {},
): Promise<Outcome> {
  return runJob(await jobOf(runFor(sink, protocol, changes)));
}

const findingsOf = (sink: Sink) => sink.report().verification!.findings;

/** What both ends counted, signal by signal, must be the same. */
function expectAgreement({ counts }: Outcome, sink: Sink): void {
  for (const signal of SIGNALS) {
    const { received, rejected, refused } = sink.counts().signals[signal];
    const { accepted, inDoubt } = counts[signal];
    expect(received).toBeGreaterThanOrEqual(accepted);
    expect(received).toBeLessThanOrEqual(accepted + inDoubt);
    expect(counts[signal].rejected).toBe(rejected);
    expect(counts[signal].failed).toBeGreaterThanOrEqual(refused - inDoubt);
  }
}

const BOTH = ["grpc", "http/protobuf"] as const;

describe.each(BOTH)("a replay over %s", (protocol) => {
  test("sends whole passes: every item is accepted, arrives once, and is verified", async () => {
    const sink = await start();
    const outcome = await replay(sink, protocol, { sending: { multiplier: 2 } });
    for (const signal of SIGNALS) {
      const all = 2 * PASS[signal];
      expect(outcome.counts[signal]).toMatchObject({ intended: all, sent: all, accepted: all, unsent: 0 });
      expect(sink.counts().signals[signal].received).toBe(all);
    }
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sink.report()).toMatchObject({
      exitCode: 0,
      verification: { findings: {}, logs: { dangling: 0 } },
    });
    expect(sink.report().verification!.logs.linked).toBeGreaterThan(0);
  });

  test.each([
    ["unavailable=0.4,seed=1", "accepted"],
    ["throttled=0.2@10ms,seed=2", "accepted"],
    ["reset=0.1,seed=3", "accepted"],
    ["delay=20ms@0.5,seed=4", "accepted"],
    ["invalid=0.3,seed=5", "failed"],
    ["internal=0.3,seed=6", "failed"],
    ["partial=0.4,seed=7", "rejected"],
    ["unavailable=0.2,reset=0.05,invalid=0.1,partial=0.1,delay=10ms@0.3,seed=8", "failed"],
  ] as const)("accounts for every item under %s", async (faults, fate) => {
    const sink = await start({ faults: parseFaults(faults) });
    const sending = { multiplier: 1, concurrency: 32 };
    const outcome = await replay(sink, protocol, { sending });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expectAgreement(outcome, sink);
    const { counts } = outcome;
    for (const signal of SIGNALS) expect(counts[signal]).toMatchObject({ intended: PASS[signal], unsent: 0 });
    const sum = (name: "accepted" | "failed" | "rejected" | "inDoubt") =>
      SIGNALS.reduce((total, signal) => total + counts[signal][name], 0);
    expect(sum(fate)).toBeGreaterThan(0);
    // Cut off once and refused for good when it came again: the first try may have arrived.
    if (!(faults.includes("reset") && faults.includes("invalid"))) expect(sum("inDoubt")).toBe(0);
    if (fate === "accepted") expect(sum("failed") + sum("rejected")).toBe(0);
    expect(findingsOf(sink)).toEqual({});
  });

  test("calls what is never answered in doubt, and gives it up in time", async () => {
    const sink = await start({ faults: parseFaults("drop=0.2,seed=3") });
    const sending = {
      multiplier: 1,
      concurrency: 64,
      retry: { initial: "5ms", max: "5ms", max_elapsed: "1ms" },
    };
    const outcome = await replay(sink, protocol, { sending, otlp: { timeout: "300ms" } });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    const inDoubt = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].inDoubt, 0);
    expect(inDoubt).toBeGreaterThan(0);
    expectAgreement(outcome, sink);
    expect(outcome.snapshot.answers.map(({ code }) => code).join()).toMatch(/timeout|deadline/);
  });
});

describe("a replay", () => {
  test.each([1, 7, 500, 1234, 3001])(
    "of %i events sends as many, and what was cut is missed by nobody",
    async (count) => {
      const sink = await start();
      const outcome = await replay(sink, "grpc", { sending: { total: count } });
      const accepted = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].accepted, 0);
      const received = SIGNALS.reduce((sum, signal) => sum + sink.counts().signals[signal].received, 0);
      expect([accepted, received]).toEqual([count, count]);
      expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
    },
  );

  test("by a rate and a duration sends exactly their product", async () => {
    const sink = await start();
    const sending = { rate_limit: { events_per_second: 1234 }, duration: "1500ms" };
    const outcome = await replay(sink, "grpc", { sending });
    const intended = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].intended, 0);
    expect(intended).toBe(1851);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("deals passes and events out to replicas, whose ids never meet", async () => {
    const sink = await start();
    const run = async (index: number, sending: object) =>
      replay(sink, "grpc", { sending, replica: { index, count: 3 } });
    const byPasses = await Promise.all([0, 1, 2].map((index) => run(index, { multiplier: 4 })));
    expect(byPasses.map(({ counts }) => counts.logs.accepted / PASS.logs)).toEqual([2, 1, 1]);
    const byCount = await Promise.all([0, 1, 2].map((index) => run(index, { total: 1000 })));
    const accepted = byCount.flatMap(({ counts }) => SIGNALS.map((signal) => counts[signal].accepted));
    expect(accepted.reduce((a, b) => a + b)).toBe(1000);
    expect(new Set([...byPasses, ...byCount].flatMap(({ snapshot }) => snapshot.incarnations)).size).toBe(6);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("repeats its incarnation when seed and replica are given, and takes a random one otherwise", async () => {
    const sink = await start({ verify: false });
    const run = async (config: object, index: number) => {
      const { snapshot } = await runJob(
        await jobOf({
          ...runFor(sink, "grpc"),
          config: { sending: { ...SENDING, total: 10 }, ...config },
          replica: { index, count: 2 },
        }),
      );
      return snapshot.incarnations[0]!;
    };
    const told = { seed: 5, replica: "0/2" };
    expect(await run(told, 0)).toBe(await run(told, 0));
    expect(await run(told, 1)).not.toBe(await run(told, 0));
    expect(await run({ ...told, seed: 6 }, 0)).not.toBe(await run(told, 0));
    expect(await run({ seed: 5 }, 0)).not.toBe(await run({ seed: 5 }, 0));
  });

  test.each([
    ["a mix", { mix: { traces: 0.5, logs: 0.5 } }, ["traces", "metrics", "logs"], 0],
    ["logs alone", {}, ["logs"], 0],
    ["all signals", {}, ["traces", "metrics", "logs"], 1],
  ] as const)(
    "of %s links logs to spans only where they are sent together",
    async (_, sending, signals, least) => {
      const sink = await start();
      const inputs = Object.fromEntries(
        signals.map((signal) => [signal, join(directory, `telemetry-${signal}.pb`)]),
      );
      const job = await jobOf(runFor(sink, "grpc", { inputs, sending: { ...sending, multiplier: 2 } }));
      await runJob(job);
      const { linked, dangling } = sink.report().verification!.logs;
      expect(dangling).toBe(0);
      if (least === 0) expect(linked).toBe(0);
      else expect(linked).toBeGreaterThan(0);
      expect(job.notes.some((note) => note.includes("without the ids of their spans"))).toBe(least === 0);
    },
  );

  test("catches up with a target that goes away and comes back, and nothing is lost or double", async () => {
    const sink = await start();
    const { grpcAddress } = sink;
    const retry = { initial: "100ms", max: "200ms", max_elapsed: "20s" };
    const sending = { rate_limit: { events_per_second: 2000 }, duration: "3s", retry };
    const job = await jobOf(runFor(sink, "grpc", { sending }));
    const running = runJob(job);
    await expect.poll(() => sink.counts().signals.logs.received, { timeout: 10_000 }).toBeGreaterThan(50);
    await sink.close(2000);
    await sleep(600);
    const again = await start({ grpc: grpcAddress });
    const outcome = await running;
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    const sum = (name: "intended" | "accepted" | "unsent" | "failed" | "inDoubt") =>
      SIGNALS.reduce((total, signal) => total + outcome.counts[signal][name], 0);
    expect([sum("intended"), sum("unsent"), sum("failed")]).toEqual([6000, 0, 0]);
    const received = (one: Sink) =>
      SIGNALS.reduce((total, signal) => total + one.counts().signals[signal].received, 0);
    expect(received(sink) + received(again)).toBeGreaterThanOrEqual(sum("accepted"));
    expect(outcome.snapshot.worstLagMs).toBeGreaterThan(100);
  });
});
