/** A local fleet that is told to pause, to go on, and to take another share or rate: real processes, a real sink. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import { COUNTER_INDEX, type Counter } from "../../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../../ledger/snapshot.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { jobOf } from "../../replayer/test-run.ts";
import { receivedItems } from "../../sink/counts.ts";
import { type Sink, startSink } from "../../sink/sink.ts";
import { childrenOf, REPLAYER } from "../test-process-table.ts";
import { type LocalFleet, runInChildren, runInProcess } from "./local-fleet.ts";

const LONG = { timeout: 30_000 };

const directory = mkdtempSync(join(tmpdir(), "stampede-steered-"));
let sink: Sink;

beforeAll(async () => {
  await makeTemplates(directory);
  sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 60_000 });
});
afterAll(async () => {
  await sink.close(0);
  rmSync(directory, { recursive: true });
});

const job = (sending: object): Promise<ReplayJob> =>
  jobOf({ address: sink.grpcAddress, inputs: directory, config: { sending: { duration: "0", ...sending } } });

function sumOf(snapshots: readonly Snapshot[], name: Counter): number {
  const { counts } = mergeSnapshots(snapshots);
  return SIGNALS.reduce((sum, signal) => sum + counts[signal][COUNTER_INDEX[name]]!, 0);
}
const sent = (fleet: LocalFleet) => sumOf(fleet.snapshots(), "sent");
const isIdle = (fleet: LocalFleet) =>
  fleet
    .snapshots()
    .filter(({ share }) => share > 0)
    .every(({ isPaused, inFlight }) => isPaused && inFlight === 0);

/** Kill the replayer process that this test process has started. */
function killOnlyChild(): void {
  const own = childrenOf(process.pid, REPLAYER);
  expect(own).toHaveLength(1);
  process.kill(own[0]!, "SIGKILL");
}

const WAYS = [
  { name: "in this process", run: (of: ReplayJob, isPaused?: boolean) => runInProcess(of, isPaused) },
  {
    name: "in two children",
    run: async (of: ReplayJob, isPaused?: boolean) => runInChildren(of, 2, isPaused),
  },
];

describe.each(WAYS)("a fleet $name", { timeout: 120_000 }, ({ run }) => {
  test("that begins paused is ready, sends nothing, takes the share that it is told, and its duration begins with it", async () => {
    const before = receivedItems(sink.counts());
    const fleet = await run(await job({ rate_limit: { events_per_second: 2000 }, duration: "2s" }), true);
    fleet.steer({ share: { index: 1, count: 4 } });
    await expect.poll(() => fleet.snapshots().length, LONG).toBeGreaterThan(0);
    await expect.poll(() => mergeSnapshots(fleet.snapshots()).share, LONG).toBeGreaterThan(0);
    expect([sent(fleet), fleet.isPaused()]).toEqual([0, true]);
    fleet.steer({ isPaused: false });
    const results = await fleet.ended;
    expect(mergeSnapshots(results).elapsedMs).toBeGreaterThanOrEqual(2000);
    // A quarter of 4,000, of which each signal of each process has whole items.
    const intended = sumOf(results, "intended");
    expect(Math.abs(intended - 1000)).toBeLessThanOrEqual(6);
    expect(receivedItems(sink.counts()) - before).toBe(intended);
  });

  test("that begins paused and is told to end ends without having sent anything", async () => {
    const fleet = await run(await job({}), true);
    fleet.stop();
    expect(sumOf(await fleet.ended, "sent")).toBe(0);
  });

  test("pauses, goes on, and is exact to the item in the end", async () => {
    const fleet = await run(await job({ rate_limit: { events_per_second: 3000 }, total: 6001 }));
    await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(500);
    fleet.steer({ isPaused: true });
    await expect.poll(() => isIdle(fleet), LONG).toBe(true);
    const paused = sent(fleet);
    expect(paused).toBeLessThan(6001);
    fleet.steer({ rate: { eventsPerSecond: 6000 } });
    expect(isIdle(fleet)).toBe(true);
    fleet.steer({ isPaused: false });
    const results = await fleet.ended;
    expect(sumOf(results, "sent")).toBe(6001);
    expect(sumOf(results, "accepted") + sumOf(results, "unsent")).toBe(6001);
  });
});

test("a process that takes over goes on as the one that died was told: paused, and by its share of what is left", async () => {
  const fleet = runInChildren(await job({ rate_limit: { events_per_second: 2000 }, total: 12_000 }), 1);
  await expect.poll(() => sent(fleet), LONG).toBeGreaterThan(300);
  fleet.steer({ share: { index: 0, count: 2 } });
  fleet.steer({ isPaused: true });
  await expect.poll(() => isIdle(fleet), LONG).toBe(true);
  const paused = sent(fleet);
  const share = () => mergeSnapshots(fleet.snapshots()).share;
  expect(share()).toBe(1 / 2);
  killOnlyChild();
  await expect.poll(() => fleet.snapshots().length, LONG).toBe(2);
  await expect.poll(() => share(), LONG).toBe(1 / 2);
  expect([sent(fleet), isIdle(fleet)]).toEqual([paused, true]);
  fleet.steer({ isPaused: false });
  const results = await fleet.ended;
  // Half of what was left by the moment of the change, which lies between two looks of this test.
  const whole = sumOf(results, "sent") + sumOf(results, "unsent");
  expect(whole).toBeGreaterThan(6000);
  expect(whole).toBeLessThanOrEqual(6000 + paused);
  expect(sumOf(results, "sent")).toBe(sumOf(results, "accepted"));
}, 120_000);
