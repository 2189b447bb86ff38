/**
 * Deaths in one process: a replay is left at a random moment, its journal read and its books closed, and another goes on. Whatever
 * it still did is not looked at, as with a process that was killed.
 */
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import type { Counter } from "../../ledger/counts.ts";
import { makeReport } from "../../ledger/report.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay, schedulesOf } from "../../replayer/open-replay.ts";
import { SYSTEM_CLOCK } from "../../replayer/send/clock.ts";
import { Journal, readJournal } from "../../replayer/send/journal.ts";
import { nextJob } from "../../replayer/take-over.ts";
import { jobOf } from "../../replayer/test-run.ts";
import { receivedItems } from "../../sink/counts.ts";
import { startSink } from "../../sink/sink.ts";
import { makeJournalFile } from "./journal-file.ts";
import { mourn } from "./mourn.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-mourn-"));

beforeAll(async () => {
  await makeTemplates(directory, {
    traces: {
      count: 60,
      spans: { avg_per_trace: 6, std_dev: 2 },
      root: { late_root: { enabled: true, percentage: 30, delay_ms: 20 } },
    },
    metrics: { metric_count: 20, timeseries_per_metric: { min: 2, max: 6, default: 3 } },
    logs: { count: 300 },
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Life {
  snapshot: Snapshot;
  /** What is left for another. */
  next: ReplayJob;
}

/** Replay until the job's end, or for so long: then it is dead to us. */
async function live(job: ReplayJob, beganMs: number, untilMs: number | undefined): Promise<Life> {
  const file = makeJournalFile();
  const { replay, transport } = await openReplay(job, new Journal(file));
  const running = replay.run(beganMs);
  try {
    if (untilMs === undefined) {
      await running;
      return { snapshot: replay.snapshot(), next: job };
    }
    await Promise.race([sleep(untilMs), running]);
    const entry = readJournal(file);
    return { snapshot: mourn(undefined, entry).snapshot, next: nextJob(job, entry) };
  } finally {
    replay.stop();
    await running;
    await transport.close();
    closeSync(file);
  }
}

test("however often it dies, a job is done to the item, and what was received lies between what is known", {
  timeout: 120_000,
}, async () => {
  const limits = fc.oneof(
    fc.record({ total: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ multiplier: fc.integer({ min: 1, max: 8 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.constantFrom(0, 40_000),
      fc.constantFrom(2, 100_000),
      fc.boolean(),
      fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 4 }),
      async (limit, rate, max_pending, isIndexLasting, deathsMs) => {
        const sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 60_000 });
        const sending = {
          rate_limit: { events_per_second: rate },
          batch_size: SMALL,
          deferred: { max_pending },
          duration: "0",
          ...limit,
        };
        let job = await jobOf({
          address: sink.grpcAddress,
          inputs: directory,
          config: { sending },
          isIndexLasting,
        });
        const asked = "total" in limit ? limit.total : limit.multiplier * itemsPerPass(job);
        const lives: Snapshot[] = [];
        const beganMs = SYSTEM_CLOCK.monotonicMs();
        for (const untilMs of [...deathsMs, undefined]) {
          const { snapshot, next } = await live(job, beganMs, untilMs);
          lives.push(snapshot);
          job = next;
        }
        const report = makeReport(lives, { ...CONTEXT, signals: SIGNALS });
        const sum = (name: Counter) =>
          SIGNALS.reduce((all, signal) => all + report.signals[signal]![name], 0);
        const received = receivedItems(sink.counts());
        const { findings } = sink.report().verification!;
        await sink.close(0);
        expect([report.balanced, findings]).toEqual([true, {}]);
        // Roots that find no room are counted beside a total, and beside what is left of passes; within whole passes.
        const beside = sum("intended") - asked;
        expect(beside).toBeGreaterThanOrEqual("total" in limit ? sum("dropped") : 0);
        expect(beside).toBeLessThanOrEqual(sum("dropped"));
        expect(received).toBeGreaterThanOrEqual(sum("accepted"));
        expect(received).toBeLessThanOrEqual(sum("accepted") + sum("inDoubt"));
        expect(report.incarnations.length).toBe(new Set(report.incarnations).size);
      },
    ),
    { numRuns: 20 },
  );
});

const SMALL = { traces: 3, metrics: 10, logs: 10 };
const CONTEXT = { version: "test", startedAt: "", replicas: 1, config: {} };

/** What one pass through the templates asks for: the schedules of a job that lasts one. */
function itemsPerPass(job: ReplayJob): number {
  const settings = { ...job.settings, passes: 1 };
  return Object.values(schedulesOf({ ...job, settings })).reduce((all, { itemsLeft }) => all + itemsLeft, 0);
}
