import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import type { Counter } from "../../ledger/counts.ts";
import { Latencies } from "../../ledger/latency.ts";
import { openTarget, type Transport } from "../../otlp/client/transport.ts";
import { startGrpcServer } from "../../otlp/server/grpc/server.ts";
import type { ExportAnswer, ExportRequest, ServerOptions } from "../../otlp/server/handler.ts";
import { startHttpServer } from "../../otlp/server/http/server.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { idKeyOf } from "../../template/ids.ts";
import { compileFrozen } from "../compile/compile-frozen.ts";
import { FrozenFile } from "../freeze/frozen-file.ts";
import type { ReplayJob } from "../job.ts";
import { openReplay } from "../open-replay.ts";
import { constant } from "../pace/laws/constant.ts";
import { Schedule } from "../pace/schedule.ts";
import { imbalances, jobOf, outcomeOf, runJob } from "../test-run.ts";
import { Lane } from "./lane.ts";
import { Replay } from "./replay.ts";
import { Retries } from "./retries.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-loop-"));

beforeAll(() => makeTemplates(directory));
afterAll(() => rmSync(directory, { recursive: true }));

type Handle = (request: ExportRequest) => ExportAnswer | Promise<ExportAnswer>;

const STARTERS = { grpc: startGrpcServer, "http/protobuf": startHttpServer } as const;
type Protocol = keyof typeof STARTERS;

async function serve(
  protocol: Protocol,
  handle: Handle,
  options: Partial<ServerOptions> = {},
): Promise<string> {
  const onFault = (fault: unknown) => {
    throw fault;
  };
  const server = await STARTERS[protocol]({ host: "127.0.0.1", port: 0, handle, onFault, ...options });
  onTestFinished(() => server.close(0));
  return server.address;
}

const SENDING = {
  rate_limit: { events_per_second: 0 },
  batch_size: { traces: 5, metrics: 10, logs: 20 },
  concurrency: 4,
  duration: "0",
  retry: { initial: "5ms", max: "20ms", max_elapsed: "20s" },
} as const;

function job(
  protocol: Protocol,
  address: string,
  sending: object = {},
  otlp: object = {},
): Promise<ReplayJob> {
  const config = { sending: { ...SENDING, ...sending }, metrics: { interval: "1s" } };
  return jobOf({ address, protocol, inputs: directory, config, otlp });
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64");
const OK: ExportAnswer = { kind: "accepted" };
const AGAIN: ExportAnswer = { kind: "refused", code: "UNAVAILABLE", message: "not now" };

function sumOf(counts: readonly Record<Counter, number>[], counter: Counter): number {
  return counts.reduce((sum, one) => sum + one[counter], 0);
}

/** A promise, and how to keep it. */
function promise(): { kept: Promise<void>; keep: () => void } {
  let keep = () => {};
  const kept = new Promise<void>((resolve) => {
    keep = resolve;
  });
  return { kept, keep };
}

describe.each(["grpc", "http/protobuf"] as const)("the send loop over %s", (protocol) => {
  test("tries a request again with the very same bytes, whatever was sent in between", async () => {
    const tries = new Map<string, number>();
    let arrivals = 0;
    const address = await serve(protocol, ({ body }) => {
      const name = digest(body);
      tries.set(name, (tries.get(name) ?? 0) + 1);
      // Every request is refused twice, then taken.
      arrivals++;
      return tries.get(name)! < 3 ? AGAIN : OK;
    });
    // Two retries a request are more than a fifth: the budget's part that grows with concurrency must do.
    const outcome = await runJob(await job(protocol, address, { multiplier: 1, concurrency: 16 }));
    expect([...new Set(tries.values())]).toEqual([3]);
    const requests = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].requests, 0);
    const retried = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].retriedRequests, 0);
    expect([tries.size, retried, arrivals]).toEqual([requests, requests, 3 * requests]);
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcome.counts.traces.accepted).toBe(outcome.counts.traces.sent);
  });

  test("never has more requests in flight than its concurrency", async () => {
    let open = 0;
    let most = 0;
    const address = await serve(protocol, async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return OK;
    });
    await runJob(await job(protocol, address, { multiplier: 2, concurrency: 3 }));
    expect(most).toBe(3);
  });

  test("waits at least as long as it is told to", async () => {
    const waitMs = protocol === "grpc" ? 300 : 1000;
    let refusedAt: number | undefined;
    let cameBackAfterMs = 0;
    const address = await serve(protocol, () => {
      if (refusedAt === undefined) {
        refusedAt = performance.now();
        return { kind: "refused", code: "RESOURCE_EXHAUSTED", message: "later", retryAfterMs: waitMs };
      }
      cameBackAfterMs = performance.now() - refusedAt;
      return OK;
    });
    await runJob(await job(protocol, address, { total: 1 }));
    expect(cameBackAfterMs).toBeGreaterThanOrEqual(waitMs);
  });

  test("gives up what is still refused after max_elapsed: failed, for there was an answer each time", async () => {
    const address = await serve(protocol, () => AGAIN);
    const retry = { initial: "5ms", max: "10ms", max_elapsed: "100ms" };
    const outcome = await runJob(await job(protocol, address, { total: 60, retry }));
    const failed = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].failed, 0);
    expect(failed).toBe(60);
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcome.snapshot.answers[0]).toMatchObject({ message: expect.stringContaining("not now") });
  });

  test.each([
    [[], "none", 2],
    [["gzip"], "gzip", 1],
  ] as const)(
    "goes on without zstd where the target takes %j besides none, and says so once",
    async (compressions, expected, refusals) => {
      const seen = new Set<string>();
      const handle = ({ compression }: ExportRequest) => {
        seen.add(compression);
        return OK;
      };
      const address = await serve(protocol, handle, { compressions });
      const made = await job(protocol, address, { multiplier: 2 }, { compression: "zstd" });
      for (const signal of SIGNALS) {
        made.compiled[signal] = `${made.frozen[signal]}.zstd-test`;
        await compileFrozen(made.frozen[signal]!, made.compiled[signal]);
      }
      const outcome = await runJob(made);
      expect([...seen]).toEqual([expected]);
      for (const signal of SIGNALS)
        expect(outcome.counts[signal].accepted).toBe(outcome.counts[signal].intended);
      expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
      const told = outcome.snapshot.notes.filter((note) => note.startsWith("the target refuses "));
      expect(told.map((note) => note.split(" ", 4)[3])).toEqual(["zstd", "gzip"].slice(0, refusals));
      expect(outcome.snapshot.answers).toEqual([]);
      const counts = SIGNALS.map((signal) => outcome.counts[signal]);
      const packed = expected === "none" ? 0 : sumOf(counts, "requests");
      expect([sumOf(counts, "compressedRequests"), sumOf(counts, "compiledRequests")]).toEqual([packed, 0]);
    },
  );

  test("says of how many requests the batches were compressed ahead", async () => {
    const address = await serve(protocol, () => OK);
    const made = await job(protocol, address, { total: 300 }, { compression: "zstd" });
    made.compiled.traces = `${made.frozen.traces}.zstd-test`;
    await compileFrozen(made.frozen.traces!, made.compiled.traces);
    const { counts } = await runJob(made);
    const { requests, compressedRequests, compiledRequests, bodyBytes, wireBytes } = counts.traces;
    // The last one is cut.
    expect([compressedRequests, compiledRequests]).toEqual([requests, requests - 1]);
    expect(bodyBytes).toBeGreaterThan(2 * wireBytes);
    expect([counts.logs.compressedRequests, counts.logs.compiledRequests]).toEqual([counts.logs.requests, 0]);
  });

  test("ends when told to, and books what it has in flight by the answers that come", async () => {
    const first = promise();
    const answer = promise();
    let taken = 0;
    const address = await serve(protocol, async () => {
      first.keep();
      await answer.kept;
      taken++;
      return OK;
    });
    const running = runJob(await job(protocol, address), first.kept);
    await first.kept;
    setTimeout(answer.keep, 50);
    const outcome = await running;
    const requests = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].requests, 0);
    expect([requests, outcome.snapshot.inFlight]).toEqual([taken, 0]);
    for (const signal of SIGNALS)
      expect(outcome.counts[signal].accepted).toBe(outcome.counts[signal].intended);
  });
});

/** A loop over the frozen traces with everything in the test's hands. */
async function traceLoop(
  address: string,
  settings: {
    itemsPerSecond?: number;
    items?: number;
    maxLagMs?: number;
    drainMs?: number;
    bytes?: number;
    concurrency?: number;
    protocol?: "grpc" | "http/protobuf";
  },
  wrap: (transport: Transport) => Transport = (one) => one,
) {
  const made = await job(settings.protocol ?? "http/protobuf", address);
  const file = new FrozenFile(made.frozen.traces!);
  const law = settings.itemsPerSecond === undefined ? undefined : constant(settings.itemsPerSecond);
  const limits = {
    durationMs: Number.POSITIVE_INFINITY,
    items: settings.items ?? file.summary.items,
    endsWithItems: true,
  };
  const lane = new Lane(file, new Schedule(law, limits, settings.maxLagMs ?? 30_000), {
    signal: "traces",
    passes: Number.POSITIVE_INFINITY,
    backdateMs: 0,
    instances: 1,
    intervalMs: 1000,
    block: undefined,
    maxPendingRoots: 0,
    incarnation: 7,
    nextIncarnation: () => 8,
  });
  let offsetMs = 0;
  const clock = { monotonicMs: () => performance.now() + offsetMs, unixMs: () => Date.now() + offsetMs };
  const transport = await openTarget(made.settings.target);
  const retries = new Retries({ ...made.settings.retryLaw, maxElapsedMs: 0 }, 1000);
  const replay = new Replay(
    [lane],
    wrap(transport),
    {
      idKey: idKeyOf(0),
      compression: "none",
      concurrency: settings.concurrency ?? 4,
      maxInFlightBytes: settings.bytes ?? 32 * 1024 * 1024,
      deferredDrainMs: 0,
      drainMs: settings.drainMs ?? 5000,
      retries,
      notes: [],
      share: 1,
      isPaused: false,
    },
    clock,
  );
  return { replay, transport, file, jump: (ms: number) => (offsetMs += ms) };
}

/** Holds what the loop hands over against what it promises: bytes untouched, bytes out within the budget. */
function watching(transport: Transport) {
  const seen = { bytesOut: 0, mostBytesOut: 0, spoilt: 0, sends: 0 };
  const watched: Transport = {
    send(signal, body, done, released) {
      const before = digest(body);
      // What the loop holds for it: the whole buffer that the body is a view of, but for a word behind its records.
      const bytes = body.buffer.byteLength - 8;
      seen.sends++;
      seen.bytesOut += bytes;
      seen.mostBytesOut = Math.max(seen.mostBytesOut, seen.bytesOut);
      transport.send(signal, body, done, () => {
        if (digest(body) !== before) seen.spoilt++;
        seen.bytesOut -= bytes;
        released?.();
      });
    },
    setCompression: (compression) => transport.setCompression(compression),
    close: () => transport.close(),
  };
  return { watched, seen };
}

describe("the send loop", () => {
  test("keeps within its bytes, tries included that come again together, and spoils no body that is being read", async () => {
    let arrivals = 0;
    const address = await serve("http/protobuf", () => (++arrivals % 3 === 0 ? OK : AGAIN));
    const budget = 3 * 64 * 1024;
    let seen = { mostBytesOut: 0, spoilt: 0, sends: 0 };
    const { replay, transport } = await traceLoop(address, { bytes: budget, concurrency: 30 }, (one) => {
      const watch = watching(one);
      seen = watch.seen;
      return watch.watched;
    });
    await replay.run();
    await transport.close();
    expect(seen.sends).toBeGreaterThan(60);
    expect(seen.spoilt).toBe(0);
    expect(seen.mostBytesOut).toBeLessThanOrEqual(budget);
    expect(seen.mostBytesOut).toBeGreaterThan(budget / 2);
  });

  test("sends a body that is larger than the whole budget, alone", async () => {
    const address = await serve("http/protobuf", () => OK);
    const { replay, transport, file } = await traceLoop(address, { bytes: 10 });
    await replay.run();
    await transport.close();
    expect(outcomeOf(replay.snapshot()).counts.traces.accepted).toBe(file.summary.items);
  });

  test("shows how far it is behind, counts latency from when a request was due, and gives up what is too old", async () => {
    const first = promise();
    const answer = promise();
    const address = await serve("http/protobuf", async () => {
      first.keep();
      await answer.kept;
      return OK;
    });
    const loop = await traceLoop(address, {
      itemsPerSecond: 1000,
      items: 20_000,
      maxLagMs: 4000,
      concurrency: 1,
    });
    const ended = loop.replay.run();
    await first.kept;
    loop.jump(10_000);
    expect(loop.replay.snapshot()).toMatchObject({ inFlight: 1 });
    expect(loop.replay.snapshot().lagMs).toBeGreaterThan(9000);
    await expect.poll(() => loop.replay.snapshot().worstLagMs).toBeGreaterThan(9000);
    answer.keep();
    await expect.poll(() => outcomeOf(loop.replay.snapshot()).counts.traces.accepted).toBeGreaterThan(4000);
    loop.replay.stop();
    await ended;
    await loop.transport.close();
    const { counts, snapshot } = outcomeOf(loop.replay.snapshot());
    // About ten seconds were missed; the last four of them were sent, late.
    expect(counts.traces.unsent).toBeGreaterThanOrEqual(5900);
    expect(counts.traces.unsent).toBeLessThan(6500);
    expect(snapshot.notes[0]).toMatch(/^unsent: events were more than sending\.max_lag late/);
    const latencies = new Latencies();
    latencies.add(snapshot.latencies.traces);
    expect(latencies.summary().max).toBeGreaterThan(9000);
    expect(latencies.summary().p50).toBeGreaterThan(1000);
    expect(imbalances({ counts, snapshot })).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("ends when all that is left of it is too old to be sent", async () => {
    const first = promise();
    const answer = promise();
    const address = await serve("http/protobuf", async () => {
      first.keep();
      await answer.kept;
      return OK;
    });
    const loop = await traceLoop(address, {
      itemsPerSecond: 1000,
      items: 5000,
      maxLagMs: 1000,
      concurrency: 1,
    });
    const ended = loop.replay.run();
    await first.kept;
    loop.jump(60_000);
    answer.keep();
    await ended;
    await loop.transport.close();
    const { counts } = outcomeOf(loop.replay.snapshot());
    expect(counts.traces.intended).toBe(5000);
    expect(counts.traces.requests).toBe(1);
    expect(counts.traces.unsent).toBe(5000 - counts.traces.accepted);
  });

  test("gives up waiting tries at the drain deadline", async () => {
    const first = promise();
    const address = await serve("http/protobuf", () => {
      first.keep();
      return { kind: "refused", code: "UNAVAILABLE", message: "not now", retryAfterMs: 3_600_000 };
    });
    const loop = await traceLoop(address, { drainMs: 100, concurrency: 2 });
    const ended = loop.replay.run();
    await first.kept;
    loop.replay.stop();
    loop.replay.stop();
    await ended;
    await loop.transport.close();
    const outcome = outcomeOf(loop.replay.snapshot());
    expect(outcome.counts.traces.failed).toBe(outcome.counts.traces.sent);
    expect(outcome.snapshot.inFlight).toBe(0);
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each(["grpc", "http/protobuf"] as const)(
    "does not wait for answers beyond the drain deadline, however long a try may take: over %s they are in doubt",
    async (protocol) => {
      const first = promise();
      const address = await serve(protocol, () => {
        first.keep();
        return { kind: "silence" };
      });
      const loop = await traceLoop(address, { drainMs: 100, concurrency: 2, protocol });
      const ended = loop.replay.run();
      await first.kept;
      loop.replay.stop();
      await ended;
      await loop.transport.close();
      const outcome = outcomeOf(loop.replay.snapshot());
      const { sent, inDoubt } = outcome.counts.traces;
      expect(inDoubt).toBe(sent);
      expect(sent).toBeGreaterThan(0);
      expect(outcome.snapshot.answers).toMatchObject([{ code: "closed", count: 2 }]);
      expect(outcome.snapshot.notes).toEqual([
        "requests that were not answered in time after the last was sent were given up",
      ]);
      expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    },
  );

  test("sends at once, and tells nobody, what a connection that ended in good order left behind; once a request", async () => {
    const address = await serve("http/protobuf", () => OK);
    const refusals = [2, 1, 1];
    const refusing = (transport: Transport): Transport => ({
      ...transport,
      send: (signal, body, done, released, ready) => {
        if (refusals[0] === 0 || refusals[0] === undefined) {
          refusals.shift();
          return transport.send(signal, body, done, released, ready);
        }
        refusals[0]--;
        const message = "the target reset the stream: REFUSED_STREAM";
        setImmediate(() => {
          released?.();
          done({ kind: "lost", sent: false, code: "refused_stream", message, address, wireBytes: 0 });
        });
      },
      close: () => transport.close(),
    });
    // One request at a time: the first is refused twice, the next two once each.
    const loop = await traceLoop(address, { concurrency: 1 }, refusing);
    await loop.replay.run();
    await loop.transport.close();
    const outcome = outcomeOf(loop.replay.snapshot());
    expect(outcome.counts.traces.accepted).toBe(outcome.counts.traces.intended);
    expect(outcome.counts.traces.retriedRequests).toBe(3);
    expect(outcome.snapshot.answers).toMatchObject([{ code: "refused_stream", count: 1 }]);
  });

  test("that was stopped before it began ends at once", async () => {
    const address = await serve("http/protobuf", () => OK);
    const loop = await traceLoop(address, {});
    loop.replay.stop();
    await loop.replay.run();
    await loop.transport.close();
    expect(outcomeOf(loop.replay.snapshot()).counts.traces.sent).toBe(0);
  });

  test("calls in doubt what was refused for good after a try that nobody answered", async () => {
    let tries = 0;
    const address = await serve("http/protobuf", () =>
      ++tries === 1 ? { kind: "cut" } : { kind: "refused", code: "INVALID_ARGUMENT", message: "no" },
    );
    const loop = await traceLoop(address, { items: 30, concurrency: 1 });
    await loop.replay.run();
    await loop.transport.close();
    const { counts, snapshot } = outcomeOf(loop.replay.snapshot());
    expect(counts.traces.inDoubt).toBeGreaterThan(0);
    expect(counts.traces.inDoubt + counts.traces.failed).toBe(30);
    expect(Object.values(snapshot.targets).reduce((sum, one) => sum + one.inDoubt, 0)).toBe(
      counts.traces.inDoubt,
    );
  });

  test("leaves a result behind that does not change any more", async () => {
    const address = await serve("grpc", () => OK);
    const { replay, transport } = await openReplay(await job("grpc", address, { total: 100 }));
    await replay.run();
    await transport.close();
    const before = replay.snapshot();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const after = replay.snapshot();
    expect([after.counts, after.elapsedMs, after.lagMs]).toEqual([before.counts, before.elapsedMs, 0]);
  });
});
