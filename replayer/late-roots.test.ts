/**
 * Traces whose root leaves later, or never: from the generator through a replay to the sink that verifies them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { makeTemplates } from "../generator/test-templates.ts";
import { decodeRequest } from "../otlp/message/decode.ts";
import type { Message } from "../otlp/message/schema.ts";
import { parseFaults } from "../sink/faults.ts";
import { type Sink, type SinkOptions, startSink } from "../sink/sink.ts";
import { readMetadata } from "../template/metadata.ts";
import { openReplay } from "./open-replay.ts";
import { imbalances, jobOf, type Outcome, outcomeOf, runJob, type TestRun, takingAll } from "./test-run.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-late-"));
const templates = {
  late: join(directory, "late"),
  veryLate: join(directory, "very-late"),
  rootless: join(directory, "rootless"),
};
const TRACES = 80;
const DELAY_MS = 400;
/** Spans of a pass, and how many of them are late roots. */
let spans = 0;
let lateRoots = 0;

beforeAll(async () => {
  const make = async (outputDir: string, root: object) => {
    const traces = { count: TRACES, spans: { avg_per_trace: 6, std_dev: 3 }, services: { count: 4 }, root };
    await makeTemplates(outputDir, { seed: 3, traces, metrics: { metric_count: 0 }, logs: { count: 200 } });
  };
  const late = { enabled: true, percentage: 40 };
  await make(templates.late, { late_root: { ...late, delay_ms: DELAY_MS } });
  await make(templates.veryLate, { late_root: { ...late, delay_ms: 60_000 } });
  await make(templates.rootless, { rootless: { enabled: true, percentage: 50 } });
  const metadata = readMetadata(templates.late)!;
  spans = metadata.signals.traces!.items;
  lateRoots = metadata.lateRoots.length;
});
afterEach(async () => {
  vi.useRealTimers();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

const SENDING = {
  rate_limit: { events_per_second: 0 },
  batch_size: { traces: 7 },
  concurrency: 8,
  retry: { initial: "5ms", max: "20ms", max_elapsed: "10s" },
  duration: "0",
} as const;

function runTo(sink: Sink, sending: object, inputs: TestRun["inputs"] = templates.late): TestRun {
  return { address: sink.grpcAddress, inputs, config: { sending: { ...SENDING, ...sending } } };
}

async function replay(sink: Sink, sending: object, inputs?: TestRun["inputs"]): Promise<Outcome> {
  return runJob(await jobOf(runTo(sink, sending, inputs)));
}

interface Arrival {
  /** Since the run began. */
  atMs: number;
  span: Message<"Span">;
}

/** One pass by a clock that the test owns: all that does not wait leaves at its moment 0. Traces by their id. */
async function inOwnTime(sending: object) {
  const config = { sending: { ...SENDING, multiplier: 1, ...sending } };
  const job = await jobOf({ address: "127.0.0.1:1", inputs: templates.late, config });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  const beganMs = performance.now();
  const traces = new Map<string, Arrival[]>();
  const target = takingAll((signal, body) => {
    if (signal !== "traces") return;
    const atMs = performance.now() - beganMs;
    for (const { scopeSpans } of decodeRequest("traces", body).resourceSpans ?? []) {
      for (const span of (scopeSpans ?? []).flatMap((scope) => scope.spans ?? [])) {
        const id = Buffer.from(span.traceId!).toString("hex");
        traces.set(id, [...(traces.get(id) ?? []), { atMs, span }]);
      }
    }
  });
  const { replay } = await openReplay(job, undefined, async () => target);
  let endedMs = Number.NaN;
  const ended = replay.run().then(() => {
    endedMs = performance.now() - beganMs;
  });
  await vi.advanceTimersByTimeAsync(10 * DELAY_MS);
  await ended;
  const outcome = outcomeOf(replay.snapshot());
  return { traces, outcome, waitedMs: endedMs - outcome.snapshot.elapsedMs };
}

describe("a replay of traces with late roots", () => {
  test("sends whole passes, waits for the roots at its end, and all traces are complete", async () => {
    const sink = await start();
    const outcome = await replay(sink, { multiplier: 3 });
    expect(lateRoots).toBeGreaterThan(TRACES / 5);
    const all = 3 * spans;
    expect(outcome.counts.traces).toMatchObject({ intended: all, sent: all, accepted: all, unsent: 0 });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sink.report()).toMatchObject({
      exitCode: 0,
      verification: { findings: {}, traces: { complete: 3 * TRACES, roots: 3 * TRACES } },
    });
    expect(outcome.snapshot.notes).toEqual([
      `traces: ${lateRoots} roots of each pass leave up to 0.4 s after their traces; at the end the run waits for them`,
    ]);
  });

  test("sends a root so much later than the rest of its trace, with the times that it has there, and ends with the last", async () => {
    const { traces, waitedMs } = await inOwnTime({});
    expect(traces.size).toBe(TRACES);
    let late = 0;
    for (const arrived of traces.values()) {
      const root = arrived.find(({ span }) => !span.parentSpanId?.length)!;
      const rest = arrived.filter((one) => one !== root);
      for (const { span } of rest) {
        expect(BigInt(span.startTimeUnixNano!.toString())).toBeGreaterThanOrEqual(
          BigInt(root.span.startTimeUnixNano!.toString()),
        );
      }
      if (root.atMs === 0) continue;
      late++;
      expect([root.atMs, ...rest.map(({ atMs }) => atMs)]).toEqual([DELAY_MS, ...rest.map(() => 0)]);
    }
    expect([late, waitedMs]).toEqual([lateRoots, DELAY_MS]);
  });

  test("lets as many roots wait as may, and sends those", async () => {
    const { traces, outcome } = await inOwnTime({ deferred: { max_pending: 10 } });
    const roots = [...traces.values()].flat().filter(({ span }) => !span.parentSpanId?.length);
    expect(roots.filter(({ atMs }) => atMs > 0)).toHaveLength(10);
    expect(outcome.counts.traces).toMatchObject({ dropped: lateRoots - 10, unsent: 0 });
  });

  test.each([1, 2, 40, 101, 270, 391, 640])("sends exactly %d events, all of whole traces", async (total) => {
    const sink = await start();
    const { counts } = await replay(sink, { total, mix: { traces: 1 } });
    expect(counts.traces).toMatchObject({ intended: total, sent: total, accepted: total });
    expect(sink.counts().signals.traces.received).toBe(total);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("by a rate and a duration sends exactly their product", async () => {
    const sink = await start();
    const rate = { rate_limit: { events_per_second: 700 }, mix: { traces: 1 } };
    const { counts } = await replay(sink, { ...rate, duration: "1s" });
    expect(counts.traces).toMatchObject({ intended: 700, sent: 700, unsent: 0 });
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("keeps roots with traces that are larger than a request", async () => {
    const sink = await start();
    const job = await jobOf(runTo(sink, { multiplier: 2, max_request_bytes: 4096 }));
    const { counts } = await runJob(job);
    expect(counts.traces.requests).toBeGreaterThan(2 * TRACES);
    expect(counts.traces).toMatchObject({ sent: 2 * spans, accepted: 2 * spans });
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("tries roots again as it does all else", async () => {
    const sink = await start({ faults: parseFaults("unavailable=0.4,seed=1") });
    const { counts } = await replay(sink, { multiplier: 2 });
    expect(counts.traces).toMatchObject({ sent: 2 * spans, accepted: 2 * spans });
    expect(counts.traces.retriedRequests).toBeGreaterThan(0);
    expect(sink.report()).toMatchObject({ exitCode: 0, verification: { findings: {} } });
  });

  test("drops the roots that find no room, counts them, and the sink misses just those that never left", async () => {
    const sink = await start();
    const deferred = { max_pending: 10, drain_timeout: "1s" };
    const outcome = await replay(sink, { multiplier: 1, deferred }, templates.veryLate);
    expect(outcome.counts.traces).toMatchObject({
      intended: spans,
      sent: spans - lateRoots,
      dropped: lateRoots - 10,
      unsent: 10,
    });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sink.report().verification!.missing).toMatchObject({ traces: 0, incompleteTraces: lateRoots });
    expect(outcome.snapshot.notes.join("\n")).toContain("sending.deferred.max_pending");
  });

  test("does not wait for roots whose moment lies beyond the drain timeout", async () => {
    const sink = await start();
    const sending = { multiplier: 1, deferred: { drain_timeout: "30s" } };
    const outcome = await replay(sink, sending, templates.veryLate);
    expect(outcome.counts.traces).toMatchObject({ sent: spans - lateRoots, unsent: lateRoots });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcome.snapshot.notes.join("\n")).toContain("sending.deferred.drain_timeout");
  });

  test("that is stopped does not wait either", async () => {
    const sink = await start();
    const job = await jobOf(runTo(sink, { multiplier: 1 }, templates.veryLate));
    const received = () => sink.counts().signals.traces.received;
    const onlyRootsLeft = expect.poll(received, { timeout: 20_000 }).toBe(spans - lateRoots);
    const outcome = await runJob(job, onlyRootsLeft);
    expect(outcome.counts.traces).toMatchObject({
      intended: spans,
      sent: spans - lateRoots,
      unsent: lateRoots,
    });
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

test("rootless traces are whole without their root", async () => {
  const sink = await start();
  const { counts } = await replay(sink, { multiplier: 2 }, templates.rootless);
  expect(counts.traces.sent).toBe(counts.traces.accepted);
  const { findings, traces } = sink.report().verification!;
  expect(sink.report().exitCode).toBe(0);
  expect([findings, traces.complete]).toEqual([{}, 2 * TRACES]);
  expect(traces.neverSentParents).toBeGreaterThan(TRACES / 2);
  expect(traces.roots).toBeLessThan(TRACES * 1.5);
});
