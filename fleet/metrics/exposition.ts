/**
 * What a replica tells of itself to Prometheus. Everything is taken from the snapshots that the ledger is made of, at the moment that
 * somebody asks: between two scrapes nothing is counted twice, and nothing is computed.
 *
 * Names follow Prometheus' conventions: base units, the unit in the name, `_total` for what only grows. docs/observing.md lists them.
 */
import { Counter as PromCounter, Gauge as PromGauge, Registry } from "prom-client";
import { COUNTER_INDEX, type Counter } from "../../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../../ledger/snapshot.ts";
import type { Signal } from "../../otlp/signal.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { Page } from "./server.ts";

/** A replica at one moment. */
export interface Observation {
  /** Of each of its processes, dead ones too. */
  snapshots: readonly Snapshot[];
  /** Processes that are there now. */
  alive: number;
}

/** What the pages say besides the numbers of an observation. */
export interface Observed {
  version: string;
  /** The signals that are sent. */
  signals: readonly Signal[];
  /** Looked at once a scrape. */
  observe(): Observation;
}

type Merged = ReturnType<typeof mergeSnapshots>;

/** Names and helps of the ledger's counters, each with a label for its signal. */
const SIGNAL_COUNTERS: Record<Counter, [name: string, help: string]> = {
  intended: ["intended_items", "Items that the schedule asked for, and those dropped."],
  unsent: ["unsent_items", "Items that were due and never sent: too far behind, or the run was over."],
  dropped: ["dropped_items", "Items left out because one alone is larger than a request may be."],
  sent: ["sent_items", "Items handed to the transport, once however often they are retried."],
  accepted: ["accepted_items", "Items that the target said it took."],
  rejected: ["rejected_items", "Items that the target refused in a partial success."],
  failed: ["failed_items", "Items refused for good."],
  inDoubt: ["in_doubt_items", "Items of which some try had no answer and no later one was accepted."],
  requests: ["requests", "Requests begun; a retry is not another request."],
  retriedRequests: ["retried_requests", "Requests that were tried more than once."],
  compressedRequests: ["compressed_requests", "Requests whose body was compressed."],
  compiledRequests: ["compiled_requests", "Of these, requests that were compressed once, ahead."],
  bodyBytes: ["body_bytes", "Bytes of request bodies before compression, each try counted."],
  wireBytes: ["wire_bytes", "Bytes of request bodies as they left, each try counted."],
};

/** The same by address that answered. */
const TARGET_COUNTERS = {
  requests: ["target_requests", "Requests that have their result, by the address that gave it."],
  accepted: ["target_accepted_items", "Items that the address said it took."],
  rejected: ["target_rejected_items", "Items that the address refused in a partial success."],
  failed: ["target_failed_items", "Items that the address refused for good."],
  inDoubt: ["target_in_doubt_items", "Items in doubt, by the address of the last try."],
} as const;

/** The page of one replica in Prometheus' text format, version 0.0.4, made anew at each call. */
export function makeExposition(observed: Observed): () => Promise<Page> {
  const registry = new Registry();
  const registers = [registry];
  let now: Merged = mergeSnapshots([]);
  let alive = 0;

  const counter = <L extends string>(
    [name, help]: readonly [string, string],
    labelNames: readonly L[],
    values: () => [Record<L, string>, number][],
  ) =>
    new PromCounter<L>({
      name: `stampede_${name}_total`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.inc(labels, Math.max(0, value));
      },
    });
  const gauge = (name: string, help: string, value: () => number) =>
    new PromGauge({
      name: `stampede_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });

  for (const [key, head] of Object.entries(SIGNAL_COUNTERS)) {
    const index = COUNTER_INDEX[key as Counter];
    counter(head, ["signal"], () =>
      observed.signals.map((signal) => [{ signal }, now.counts[signal][index]!]),
    );
  }
  new LatencyHistogram(
    {
      name: "stampede_request_latency_seconds",
      help: "From the moment that a request was due to its final answer.",
      registers,
    },
    () => Object.fromEntries(observed.signals.map((signal) => [signal, now.latencies[signal]])),
  );
  for (const [key, head] of Object.entries(TARGET_COUNTERS)) {
    counter(head, ["target"], () =>
      Object.entries(now.targets).map(([target, counts]) => [
        { target },
        counts[key as keyof typeof TARGET_COUNTERS],
      ]),
    );
  }
  counter(["answers", "Answers besides plain acceptance, by their code."], ["code"], () =>
    now.answers.map(({ code, count }) => [{ code }, count]),
  );
  counter(["cpu_seconds", "CPU of all processes, those that died too."], [], () => [[{}, now.cpuSeconds]]);
  gauge("lag_seconds", "How far sending is behind its schedule.", () => now.lagMs / 1000);
  gauge("lag_max_seconds", "The furthest that it was behind.", () => now.worstLagMs / 1000);
  gauge("requests_in_flight", "Requests without an answer yet.", () => now.inFlight);
  gauge("resident_memory_bytes", "Memory of all processes.", () => now.rssBytes);
  gauge("processes", "Processes that send.", () => alive);
  gauge("run_seconds", "Time since the first request was due.", () => now.elapsedMs / 1000);
  gauge(
    "target_items_per_second",
    "Items a second that are asked of this replica now; 0 where it is paused, or goes as fast as the target takes them.",
    () => now.plannedRate,
  );
  gauge("fleet_share", "Its part of the fleet's rate, 0 to 1.", () => now.share);
  gauge("paused", "1 where it is told to send nothing until it is told to go on.", () =>
    now.isPaused ? 1 : 0,
  );
  new PromGauge({
    name: "stampede_build_info",
    help: "The release, always 1.",
    labelNames: ["version"],
    registers,
  }).set({ version: observed.version }, 1);
  new PromGauge({
    name: "stampede_incarnation_info",
    help: "A life of this replica, as the ledger and the sink name it, always 1.",
    labelNames: ["incarnation"],
    registers,
    collect() {
      this.reset();
      for (const incarnation of now.incarnations) this.set({ incarnation }, 1);
    },
  });

  return async () => {
    const observation = observed.observe();
    now = mergeSnapshots(observation.snapshots);
    alive = observation.alive;
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
}
