/**
 * From a job to a replay that is ready to run. What is loaded here is all that a sending process holds: no configs, no
 * schemas, no generator.
 */
import { openTarget, type Transport } from "../otlp/client/transport.ts";
import { type PerSignal, SIGNALS } from "../otlp/signal.ts";
import { openCompiledFile } from "./compile/compiled-files.ts";
import { FrozenFile } from "./freeze/frozen-file.ts";
import { randomIncarnation, repeatableIncarnation } from "./incarnation.ts";
import { begunBy, type ReplayJob } from "./job.ts";
import { Schedule } from "./pace/schedule.ts";
import { makePlan, type Plan } from "./plan.ts";
import type { Journal } from "./send/journal.ts";
import { Lane } from "./send/lane.ts";
import { Replay } from "./send/replay.ts";
import { Retries } from "./send/retries.ts";
import { makeSteer, type SteeredBy } from "./steer.ts";
import type { Steering } from "./steering.ts";
import { laneEnd, UNTOUCHED } from "./take-over.ts";

/** How long requests in flight may take to end when sending is over: a try's own limit is the usual one. */
const DRAIN_MS = 15_000;

/** Incarnations that one process may have: metric series begin a new life once in hours at the most. */
const MAX_LIVES = 2 ** 20;

export interface OpenReplay {
  replay: Replay;
  plan: Plan;
  transport: Transport;
  /** Tell it to go on in another way: from now on, or, as long as it has not begun, from the beginning on. */
  steer: (change: Steering) => void;
}

/** The plan of a job, for whoever shows it. */
export function planOf(job: ReplayJob): Plan {
  const files = openFiles(job);
  const plan = planFor(job, files);
  for (const signal of SIGNALS) files[signal]?.close();
  return plan;
}

/** The schedules of a job, for whoever needs to know what is left of it: passes too count as items. */
export function schedulesOf(whole: ReplayJob): Partial<PerSignal<Schedule>> {
  const job = { ...whole, takeOver: whole.takeOver ?? UNTOUCHED };
  const files = openFiles(job);
  const schedules: Partial<PerSignal<Schedule>> = {};
  const plan = planFor(job, files);
  for (const signal of SIGNALS) {
    const file = files[signal];
    if (file && plan.lanes[signal]) schedules[signal] = scheduleOf(job, plan, file, files).schedule;
    file?.close();
  }
  return schedules;
}

/**
 * Open the frozen files and everything that sends them. The transport is the caller's to close.
 * journal  told what is about to be sent
 * open     how to get the transport, for whoever has one of their own
 */
export async function openReplay(job: ReplayJob, journal?: Journal, open = openTarget): Promise<OpenReplay> {
  const { settings, replica, takeOver } = job;
  const files = openFiles(job);
  const plan = planFor(job, files);
  // A process may have several lives, and the one before it no more than this.
  let life = (takeOver?.lives ?? 0) * MAX_LIVES;
  const nextIncarnation = () =>
    settings.isRepeatable ? repeatableIncarnation(settings.seed, replica, life++) : randomIncarnation();
  const incarnation = nextIncarnation();
  const lanes: Lane[] = [];
  for (const signal of SIGNALS) {
    const file = files[signal];
    const lane = plan.lanes[signal];
    if (!file || !lane) continue;
    const { schedule, passes } = scheduleOf(job, plan, file, files);
    const ready = job.compiled[signal];
    const openCompiled = () =>
      ready === undefined
        ? openCompiledFile(job.frozen[signal]!, settings.target.compression)
        : new FrozenFile(ready);
    lanes.push(
      new Lane(file, schedule, {
        signal,
        passes,
        backdateMs: settings.backdateMs,
        instances: lane.instances,
        intervalMs: settings.metricsIntervalMs,
        // Series that another process began end with it: those of this one are others, so that none is seen to fall or to overlap.
        block: job.isIndexLasting && !takeOver ? replica.index : undefined,
        maxPendingRoots: settings.deferred.maxPending,
        incarnation,
        nextIncarnation,
        openCompiled,
      }),
    );
  }
  const transport = await open(settings.target);
  const by: SteeredBy = { ...begunBy(job), isPaused: lanes.some(({ schedule }) => schedule.isPaused) };
  const replay = new Replay(lanes, transport, {
    idKey: settings.idKey,
    compression: settings.target.compression ?? "none",
    concurrency: settings.concurrency,
    maxInFlightBytes: settings.maxInFlightBytes,
    deferredDrainMs: settings.deferred.drainTimeoutMs,
    drainMs: DRAIN_MS,
    retries: new Retries(settings.retryLaw, settings.concurrency),
    notes: [...job.notes, ...plan.notes],
    share: 1 / by.share.count,
    isPaused: by.isPaused,
    journal,
  });
  if (takeOver?.steered) journal?.steer(by.share, by.rate, lanes);
  const steer = makeSteer(
    {
      lanes,
      replay,
      journal,
      maxRate: settings.maxSteeredRate,
      planFor: (begins) => planFor({ ...job, begins }, files),
      begin: (lane, plan, begins) => {
        const { schedule, passes } = scheduleOf({ ...job, begins }, plan, lane.file, files);
        lane.replan(schedule, passes, plan.lanes[lane.signal]!.instances);
      },
    },
    by,
  );
  forgetStart();
  return { replay, plan, transport, steer };
}

/**
 * What starting has left behind, code that ran once and the job as it was received, is 2 MB that V8 would keep for as long as nothing
 * else happens. Now it costs nobody anything: the run has not begun. Needs `node --expose-gc`, which the launcher gives.
 */
function forgetStart(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** Where a lane begins, or goes on after another process. */
function scheduleOf(
  job: ReplayJob,
  plan: Plan,
  { summary }: FrozenFile,
  files: Partial<PerSignal<FrozenFile>>,
): { schedule: Schedule; passes: number } {
  const { signal } = summary;
  const lane = plan.lanes[signal]!;
  const { limits, passes } = laneEnd(job, lane, summary);
  const start = job.takeOver?.lanes[signal].position;
  const schedule = new Schedule(lane.law, limits, job.settings.maxLagMs, start);
  const steered = job.takeOver?.steered;
  if (steered)
    schedule.restore(
      steered.lanes[signal],
      planFor({ ...job, begins: steered }, files).lanes[signal]!.lawFrom,
    );
  return { schedule, passes };
}

function openFiles({ frozen }: ReplayJob): Partial<PerSignal<FrozenFile>> {
  const files: Partial<PerSignal<FrozenFile>> = {};
  for (const signal of SIGNALS)
    if (frozen[signal] !== undefined) files[signal] = new FrozenFile(frozen[signal]);
  return files;
}

function planFor({ settings, replica, begins }: ReplayJob, files: Partial<PerSignal<FrozenFile>>): Plan {
  const summaries: Parameters<typeof makePlan>[1] = {};
  for (const signal of SIGNALS) if (files[signal]) summaries[signal] = files[signal].summary;
  return makePlan(settings, summaries, begins?.share ?? replica, begins?.rate);
}
