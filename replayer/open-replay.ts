/**
 * From a job to a replay that is ready to run. What is loaded here is all that a sending process holds: no configs, no
 * schemas, no generator.
 */
import { openTransport, type Transport } from "../otlp/client/transport.ts";
import { type PerSignal, SIGNALS } from "../otlp/signal.ts";
import { idKeyOf } from "../template/ids.ts";
import { openCompiledFile } from "./compile/compiled-files.ts";
import { FrozenFile } from "./freeze/frozen-file.ts";
import { randomIncarnation, repeatableIncarnation } from "./incarnation.ts";
import type { ReplayJob } from "./job.ts";
import { constantRate } from "./pace/rate-law.ts";
import { Schedule } from "./pace/schedule.ts";
import { makePlan, type Plan } from "./plan.ts";
import { Lane } from "./send/lane.ts";
import { Replay } from "./send/replay.ts";
import { Retries } from "./send/retries.ts";

/** How long requests in flight may take to end when sending is over: a try's own limit is the usual one. */
const DRAIN_MS = 15_000;

export interface OpenReplay {
  replay: Replay;
  plan: Plan;
  transport: Transport;
}

/** The plan of a job, for whoever shows it. */
export function planOf(job: ReplayJob): Plan {
  const files = openFiles(job);
  const plan = planFor(job, files);
  for (const signal of SIGNALS) files[signal]?.close();
  return plan;
}

/** Open the frozen files and everything that sends them. The transport is the caller's to close. */
export async function openReplay(job: ReplayJob): Promise<OpenReplay> {
  const { settings, replica } = job;
  const files = openFiles(job);
  const plan = planFor(job, files);
  let life = 0;
  const nextIncarnation = () =>
    settings.isRepeatable ? repeatableIncarnation(settings.seed, replica, life++) : randomIncarnation();
  const incarnation = nextIncarnation();
  const lanes: Lane[] = [];
  for (const signal of SIGNALS) {
    const file = files[signal];
    const lane = plan.lanes[signal];
    if (!file || !lane) continue;
    const law = lane.itemsPerSecond === undefined ? undefined : constantRate(lane.itemsPerSecond);
    const limits = { durationMs: settings.durationMs, items: lane.items, endsWithItems: lane.endsWithItems };
    const ready = job.compiled[signal];
    const openCompiled = () =>
      ready === undefined
        ? openCompiledFile(job.frozen[signal]!, settings.target.compression)
        : new FrozenFile(ready);
    lanes.push(
      new Lane(file, new Schedule(law, limits, settings.maxLagMs), {
        signal,
        passes: lane.passes,
        backdateMs: settings.backdateMs,
        instances: lane.instances,
        intervalMs: settings.metricsIntervalMs,
        block: job.isIndexLasting ? replica.index : undefined,
        maxPendingRoots: settings.deferred.maxPending,
        incarnation,
        nextIncarnation,
        openCompiled,
      }),
    );
  }
  const transport = await openTransport(settings.target);
  const replay = new Replay(lanes, transport, {
    idKey: idKeyOf(settings.seed),
    compression: settings.target.compression ?? "none",
    concurrency: settings.concurrency,
    maxInFlightBytes: settings.maxInFlightBytes,
    deferredDrainMs: settings.deferred.drainTimeoutMs,
    drainMs: DRAIN_MS,
    retries: new Retries(settings.retryLaw, settings.concurrency),
    notes: [...job.notes, ...plan.notes],
  });
  return { replay, plan, transport };
}

function openFiles({ frozen }: ReplayJob): Partial<PerSignal<FrozenFile>> {
  const files: Partial<PerSignal<FrozenFile>> = {};
  for (const signal of SIGNALS)
    if (frozen[signal] !== undefined) files[signal] = new FrozenFile(frozen[signal]);
  return files;
}

function planFor({ settings, replica }: ReplayJob, files: Partial<PerSignal<FrozenFile>>): Plan {
  const summaries: Parameters<typeof makePlan>[1] = {};
  for (const signal of SIGNALS) if (files[signal]) summaries[signal] = files[signal].summary;
  return makePlan(settings, summaries, replica);
}
