/**
 * The whole sender, measured: a replay at full speed, its figures taken between two moments, so that neither start nor end counts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { difference, type Mark, markOf } from "../../fleet/plan/calibrate/mark.ts";
import { peakMemoryBytes } from "../../ledger/peak-memory.ts";
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

/** Of the measured time; what was lost, of the whole run. */
export interface SendFigures extends Mark {
  /** Of the whole process, from its start. */
  maxRssBytes: number;
  costMap?: CostMap;
}

export async function runSend({ job, warmMs, measureMs, profile }: SendTask): Promise<SendFigures> {
  const { replay, transport } = await openReplay(job);
  const running = replay.run();
  await sleep(warmMs);
  const before = markOf(replay);
  const profiling = profile ? await (await import("../profile/profiler.ts")).startProfile() : undefined;
  await sleep(measureMs);
  const sampled = await profiling?.stop();
  const after = markOf(replay);
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
