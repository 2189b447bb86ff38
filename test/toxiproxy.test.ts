/**
 * Toxiproxy between our replayer and our sink: each toxic does what it says, and whatever it does, every item arrives in the end and
 * the ledger agrees.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Counter } from "../ledger/counts.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { openReplay } from "../replayer/open-replay.ts";
import { imbalances, jobOf, type Outcome, outcomeOf } from "../replayer/test-run.ts";
import { receivedItems } from "../sink/counts.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { generateTemplates } from "./templates.ts";
import { startToxiproxy, type ToxicProxy, type Toxiproxy } from "./toxiproxy.ts";

const EVENTS = 1500;
/** Less than the run sends over any connection of it, more than its largest request. */
const LIMIT_BYTES = 100_000;
/** Of each connection. */
const BANDWIDTH_KB = 200;
const LATENCY_MS = 300;
const TEMPLATES = `
traces: {count: 200, spans: {avg_per_trace: 8, std_dev: 2, high_span_traces: {enabled: false}}, services: {count: 3}}
metrics: {metric_count: 20, timeseries_per_metric: {min: 2, max: 8, default: 4}, types: [host_metrics]}
logs: {count: 1000}
`;

/** What a run through a proxy came to. */
interface Passed {
  outcome: Outcome;
  total(counter: Counter): number;
  /** What the sink took, repeats included. */
  received: number;
}

interface Row {
  what: string;
  /** Of one try. */
  timeout?: string;
  before?(proxy: ToxicProxy): Promise<unknown>;
  /** While it runs; `codes` are those of the answers so far. */
  during?(proxy: ToxicProxy, sink: Sink, codes: () => string[]): Promise<unknown>;
  expect?(passed: Passed): void;
}

const arrivedOnce = ({ received, total }: Passed) =>
  expect([received, total("retriedRequests")]).toEqual([EVENTS, 0]);
const wasRetried = ({ total }: Passed) => expect(total("retriedRequests")).toBeGreaterThan(0);
const untilLost = (codes: () => string[]) => expect.poll(codes, { timeout: 60_000 }).not.toEqual([]);
const untilReceived = (sink: Sink) =>
  expect.poll(() => receivedItems(sink.counts()), { timeout: 60_000 }).toBeGreaterThan(0);

const ROWS: Row[] = [
  { what: "without a toxic everything arrives once", expect: arrivedOnce },
  {
    what: "latency is in the latencies",
    before: (proxy) => proxy.addToxic("latency", { latency: LATENCY_MS }),
    expect: (passed) => {
      arrivedOnce(passed);
      for (const signal of SIGNALS) {
        const [fastest] = passed.outcome.snapshot.latencies[signal][0]!;
        expect(fastest).toBeGreaterThanOrEqual(LATENCY_MS * 1000);
      }
    },
  },
  {
    what: "a bandwidth is not exceeded",
    before: (proxy) => proxy.addToxic("bandwidth", { rate: BANDWIDTH_KB }, { stream: "upstream" }),
    expect: (passed) => {
      arrivedOnce(passed);
      const { counts, snapshot } = passed.outcome;
      for (const signal of SIGNALS) {
        const usualKilobytes = counts[signal].wireBytes / counts[signal].requests / 1000;
        const [slowestUs] = snapshot.latencies[signal].at(-1)!;
        expect(slowestUs / 1e6).toBeGreaterThan(usualKilobytes / BANDWIDTH_KB);
      }
    },
  },
  {
    what: "bytes in small pieces are the same bytes",
    before: async (proxy) => {
      await proxy.addToxic("slicer", { average_size: 50, size_variation: 20, delay: 10 });
      await proxy.addToxic("slicer", { average_size: 500, size_variation: 200 }, { stream: "upstream" });
    },
    expect: arrivedOnce,
  },
  {
    what: "a close that comes late changes nothing",
    before: (proxy) => proxy.addToxic("slow_close", { delay: 500 }),
    expect: arrivedOnce,
  },
  {
    what: "while the proxy is down connections are refused, and nothing is in doubt",
    before: (proxy) => proxy.down(),
    during: async (proxy, _sink, codes) => {
      await untilLost(codes);
      await proxy.up();
    },
    expect: (passed) => {
      wasRetried(passed);
      expect(passed.received).toBe(EVENTS);
    },
  },
  {
    what: "reset connections are made anew",
    before: (proxy) => proxy.addToxic("reset_peer", { timeout: 0 }),
    during: async (proxy, _sink, codes) => {
      await untilLost(codes);
      await proxy.heal();
    },
    expect: wasRetried,
  },
  {
    what: "connections that end after some bytes are made anew",
    before: (proxy) => proxy.addToxic("limit_data", { bytes: LIMIT_BYTES }, { stream: "upstream" }),
    expect: wasRetried,
  },
  {
    what: "a black hole lets nothing through until it is gone",
    timeout: "2s",
    before: (proxy) => proxy.addToxic("timeout", { timeout: 0 }, { stream: "upstream" }),
    during: async (proxy, sink, codes) => {
      await untilLost(codes);
      expect(receivedItems(sink.counts())).toBe(0);
      await proxy.heal();
    },
    expect: wasRetried,
  },
  {
    what: "answers that are lost make requests come twice",
    timeout: "4s",
    // The answers are on their way for as long as it takes to see that the requests have come.
    before: (proxy) => proxy.addToxic("latency", { latency: 1500 }),
    during: async (proxy, sink, codes) => {
      await untilReceived(sink);
      await proxy.addToxic("timeout", { timeout: 0 });
      await untilLost(codes);
      await proxy.heal();
    },
    expect: ({ received }) => expect(received).toBeGreaterThan(EVENTS),
  },
];

const directory = mkdtempSync(join(tmpdir(), "stampede-toxiproxy-"));
let templates = "";
let toxiproxy: Toxiproxy;
beforeAll(async () => {
  [templates, toxiproxy] = await Promise.all([generateTemplates(directory, TEMPLATES), startToxiproxy()]);
});
afterAll(async () => {
  await toxiproxy?.close();
  rmSync(directory, { recursive: true });
});

describe.each(["grpc", "http/protobuf"] as const)("through a proxy, over %s", (protocol) => {
  test.each(ROWS)("$what", async (row) => {
    // What comes twice is no finding here: counts tell.
    const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", verify: false });
    const proxy = await toxiproxy.proxy(protocol === "grpc" ? sink.grpcAddress : sink.httpAddress);
    const job = await jobOf({
      address: proxy.address,
      protocol,
      inputs: templates,
      otlp: { timeout: row.timeout ?? "30s" },
      config: {
        sending: {
          rate_limit: { events_per_second: 5000 },
          total: EVENTS,
          batch_size: { traces: 4, metrics: 50, logs: 50 },
          retry: { initial: "50ms", max: "200ms" },
        },
      },
    });
    await row.before?.(proxy);
    const { replay, transport } = await openReplay(job);
    const codes = () => replay.snapshot().answers.map(({ code }) => code);
    await Promise.all([replay.run(), row.during?.(proxy, sink, codes)]);
    await transport.close();
    await sink.close(0);

    const outcome = outcomeOf(replay.snapshot());
    const total = (counter: Counter) =>
      SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal][counter], 0);
    const received = receivedItems(sink.counts());
    expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
    expect([total("accepted"), total("failed"), total("inDoubt")]).toEqual([EVENTS, 0, 0]);
    expect(received).toBeGreaterThanOrEqual(EVENTS);
    row.expect?.({ outcome, total, received });
  });
});
