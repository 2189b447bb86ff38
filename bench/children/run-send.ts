/**
 * The whole sender, measured: a replay at full speed, its figures taken between two moments, so that neither start nor end counts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { COUNTER_INDEX } from "../../ledger/counts.ts";
import { peakMemoryBytes } from "../../ledger/peak-memory.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import type { CostMap } from "../profile/cost-map.ts";

export interface SendTask {
  /** Without a limit of rate, time or items. */
  job: ReplayJob;
  /** Before the measured time, and its length. */
  warmMs: number;
  measureMs: number;
  /** Sample the measured time with V8's profiler; it costs some of it. */
  profile?: boolean;
}

/** Of the measured time. */
export interface SendFigures {
  items: number;
  requests: number;
  /** On the wire, as the transport counts. */
  wireBytes: number;
  /** What did not go as it should: rejected, failed or in doubt. */
  lostItems: number;
  /** User and system time of all threads, and of the main one. */
  cpuSeconds: number;
  mainThreadSeconds: number;
  seconds: number;
  /** Of the whole process, from its start. */
  maxRssBytes: number;
  costMap?: CostMap;
}

export async function runSend({ job, warmMs, measureMs, profile }: SendTask): Promise<SendFigures> {
  const { replay, transport } = await openReplay(job);
  const mark = () => {
    const { counts } = replay.snapshot();
    const total = (counter: keyof typeof COUNTER_INDEX) =>
      SIGNALS.reduce((sum, signal) => sum + counts[signal][COUNTER_INDEX[counter]]!, 0);
    return {
      items: total("accepted"),
      requests: total("requests"),
      wireBytes: total("wireBytes"),
      lostItems: total("rejected") + total("failed") + total("inDoubt"),
      ...clocks(),
    };
  };
  const running = replay.run();
  await sleep(warmMs);
  const before = mark();
  const profiling = profile ? await (await import("../profile/profiler.ts")).startProfile() : undefined;
  await sleep(measureMs);
  const sampled = await profiling?.stop();
  const after = mark();
  replay.stop();
  await running;
  await transport.close();
  const figures: SendFigures = {
    ...difference(before, after),
    lostItems: after.lostItems,
    maxRssBytes: peakMemoryBytes(),
  };
  if (sampled) {
    const { costMapOf } = await import("../profile/cost-map.ts");
    const booked = { mainThread: figures.mainThreadSeconds, allThreads: figures.cpuSeconds };
    figures.costMap = costMapOf(sampled, figures.items, booked);
  }
  return figures;
}

/** CPU and wall time so far. */
export function clocks(): { cpuSeconds: number; mainThreadSeconds: number; seconds: number } {
  return {
    cpuSeconds: secondsOf(process.cpuUsage()),
    mainThreadSeconds: secondsOf(process.threadCpuUsage()),
    seconds: performance.now() / 1000,
  };
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

/** What lies between two marks. */
export function difference<T extends Record<string, number>>(before: T, after: T): T {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name]!]),
  ) as unknown as T;
}
