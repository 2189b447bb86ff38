/** What goes wrong in the soak with faults: one a minute, in this order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage.ts";

export interface SoakFault {
  name: string;
  what: string;
  /** From the first to the last of it; resolves when all is well again. */
  happen(stage: Stage): Promise<void>;
}

/** Less than the heap of a Collector that does nothing. */
const SCARCE_MEBIBYTES = 4;

const seconds = (count: number) => sleep(count * 1000);

/**
 * Most are over long before requests are given up (CONFIG in faults.ts) and must cost nothing but time. Three cost items:
 * `outage` and `long-silence` last longer than that, and `backend-refuses` is an answer for good.
 */
export const SOAK_FAULTS: readonly SoakFault[] = [
  {
    name: "refused",
    what: "connections refused for 8 s",
    happen: async ({ front }) => {
      await front.down();
      await seconds(8);
      await front.up();
    },
  },
  {
    name: "latency",
    what: "answers 2 s late, for 12 s",
    happen: async ({ front }) => {
      await front.addToxic("latency", { latency: 2000, jitter: 500 });
      await seconds(12);
      await front.heal();
    },
  },
  {
    name: "collector-killed",
    what: "Collector killed with -9, back after 3 s",
    happen: async ({ collector }) => {
      await collector.kill();
      await seconds(3);
      await collector.start();
    },
  },
  {
    name: "silence",
    what: "black hole for 8 s: nothing gets through, connections stay",
    happen: async ({ front }) => {
      await front.addToxic("timeout", { timeout: 0 }, { stream: "upstream" });
      await seconds(8);
      await front.heal();
    },
  },
  {
    name: "bandwidth",
    what: "50 kB/s a connection, for 10 s",
    happen: async ({ front }) => {
      await front.addToxic("bandwidth", { rate: 50 }, { stream: "upstream" });
      await seconds(10);
      await front.heal();
    },
  },
  {
    name: "resets",
    what: "every connection reset after a second, for 10 s",
    happen: async ({ front }) => {
      await front.addToxic("reset_peer", { timeout: 1000 });
      await seconds(10);
      await front.heal();
    },
  },
  {
    name: "sink-hangs",
    what: "backend hangs for 8 s (SIGSTOP), with the Collector waiting for it",
    happen: async ({ sink }) => {
      sink.hang();
      await seconds(8);
      sink.goOn();
    },
  },
  {
    name: "jitter",
    what: "answers 100 to 500 ms late, for 10 s",
    happen: async ({ front }) => {
      await front.addToxic("latency", { latency: 300, jitter: 200 });
      await seconds(10);
      await front.heal();
    },
  },
  {
    name: "pieces",
    what: "bytes in pieces of 500 or so, for 10 s",
    happen: async ({ front }) => {
      await front.addToxic("slicer", { average_size: 500, size_variation: 400 }, { stream: "upstream" });
      await front.addToxic("slicer", { average_size: 10, size_variation: 9, delay: 100 });
      await seconds(10);
      await front.heal();
    },
  },
  {
    name: "answers-lost",
    what: "half-open for 8 s: requests arrive, answers do not",
    happen: async ({ front }) => {
      await front.addToxic("timeout", { timeout: 0 });
      await seconds(8);
      await front.heal();
    },
  },
  {
    name: "backend-refuses",
    what: "backend refuses for good, for 3 s: an answer that no retry mends",
    happen: async ({ back, sink, refusing }) => {
      await back.redirect(refusing.grpc);
      await seconds(3);
      await back.redirect(sink.grpc);
    },
  },
  {
    name: "memory-limit",
    what: "Collector under its memory limit for 8 s: refuses, to be tried again",
    happen: async ({ collector }) => {
      await collector.stop();
      await collector.start(SCARCE_MEBIBYTES);
      await seconds(8);
      await collector.stop();
      await collector.start();
    },
  },
  {
    name: "outage",
    what: "connections refused for 45 s: longer than max_lag, and than retries last",
    happen: async ({ front }) => {
      await front.down();
      await seconds(45);
      await front.up();
    },
  },
  {
    name: "restart",
    what: "Collector restarted gracefully (GOAWAY)",
    happen: async ({ collector }) => {
      await collector.stop();
      await collector.start();
    },
  },
  {
    name: "flapping",
    what: "refused and back, a second each, five times",
    happen: async ({ front }) => {
      for (let times = 0; times < 5; times++) {
        await front.down();
        await seconds(1);
        await front.up();
        await seconds(1);
      }
    },
  },
  {
    name: "collector-hangs",
    what: "Collector hangs for 8 s (SIGSTOP), its connections open",
    happen: async ({ collector }) => {
      collector.hang();
      await seconds(8);
      collector.goOn();
    },
  },
  {
    name: "cut-short",
    what: "every connection closed after 1 MB, for 10 s",
    happen: async ({ front }) => {
      await front.addToxic("limit_data", { bytes: 1_000_000 }, { stream: "upstream" });
      await seconds(10);
      await front.heal();
    },
  },
  {
    name: "long-silence",
    what: "black hole for 30 s: requests are given up without an answer",
    happen: async ({ front }) => {
      await front.addToxic("timeout", { timeout: 0 }, { stream: "upstream" });
      await seconds(30);
      await front.heal();
    },
  },
  {
    name: "backend-lost",
    what: "Collector's own connections to its backend reset, for 10 s",
    happen: async ({ back }) => {
      await back.addToxic("reset_peer", { timeout: 500 });
      await seconds(10);
      await back.heal();
    },
  },
  {
    name: "all-at-once",
    what: "1 s latency, one connection in ten reset, and the Collector killed meanwhile",
    happen: async ({ front, collector }) => {
      await front.addToxic("latency", { latency: 1000 });
      await front.addToxic("reset_peer", { timeout: 500 }, { toxicity: 0.1 });
      await seconds(3);
      await collector.kill();
      await collector.start();
      await seconds(3);
      await front.heal();
    },
  },
];
