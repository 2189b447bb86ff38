/**
 * The replayer processes of one command: this one alone, or several children that share its rate and its work.
 */
import type { Snapshot } from "../../ledger/snapshot.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import { SYSTEM_CLOCK } from "../../replayer/send/clock.ts";
import type { Replica } from "../../replayer/settings.ts";
import type { Steering } from "../../replayer/steering.ts";
import { occupy, type Place } from "./place.ts";

/** Running replayers. */
export interface LocalFleet {
  /** Processes that are there now. */
  alive(): number;
  /** Whether all were ready, and the run is on. */
  hasBegun(): boolean;
  /** The latest state of each, dead ones too; empty before the first. */
  snapshots(): Snapshot[];
  /** Have all of them go on in another way from now on; a share is that of all together. The first one that is not paused begins the run. */
  steer(change: Steering): void;
  /** Whether it goes on in another way than it began. */
  isSteered(): boolean;
  /** Whether it was told to pause, and not to go on since. */
  isPaused(): boolean;
  /** End all as if their duration were over. */
  stop(): void;
  /** Each one's result, when all have ended. Rejects with what made a process refuse the job, or kept all of them from starting. */
  readonly ended: Promise<Snapshot[]>;
}

/** Replay in this process; the returned fleet runs at once, or, where it is to be paused first, as soon as it is told to go on. */
export async function runInProcess(job: ReplayJob, isPaused = false): Promise<LocalFleet> {
  const { replay, transport, steer } = await openReplay(job);
  const start = Promise.withResolvers<void>();
  steer({ isPaused });
  if (!isPaused) start.resolve();
  // Nothing else keeps a process that waits.
  const stay = setInterval(() => {}, 2 ** 31 - 1);
  let isRunning = true;
  let isSteered = false;
  let isIdle = isPaused;
  const ended = start.promise
    .then(() => {
      clearInterval(stay);
      return replay.run();
    })
    .then(async () => {
      await transport.close();
      isRunning = false;
      return [replay.snapshot()];
    });
  return {
    alive: () => (isRunning ? 1 : 0),
    hasBegun: () => replay.isBegun,
    snapshots: () => [replay.snapshot()],
    steer: (change) => {
      isSteered ||= replay.isBegun;
      isIdle = change.isPaused ?? isIdle;
      steer(change);
      if (change.isPaused === false) start.resolve();
    },
    isSteered: () => isSteered,
    isPaused: () => isIdle,
    stop: () => {
      replay.stop();
      start.resolve();
    },
    ended,
  };
}

/**
 * Replay in `processes` children, each a replica of its own within this one's share. They begin together, when all are ready: by one
 * clock they take turns, and what a rate law asks for comes from all at the same time. One that dies is replaced.
 */
export function runInChildren(job: ReplayJob, processes: number, isPaused = false): LocalFleet {
  const began = Promise.withResolvers<number>();
  const places = Array.from({ length: processes }, (_, n) =>
    occupy(shareOf(job, n, processes), began.promise),
  );
  const start = Promise.withResolvers<void>();
  let isBegun = false;
  let isSteered = false;
  let isIdle = isPaused;
  const steer = (change: Steering) => {
    isSteered ||= isBegun;
    isIdle = change.isPaused ?? isIdle;
    for (const [n, place] of places.entries()) {
      place.steer({ ...change, ...(change.share && { share: ofProcess(change.share, n, processes) }) });
    }
    if (change.isPaused === false) start.resolve();
  };
  if (isPaused) steer({ isPaused });
  else start.resolve();
  void Promise.all([start.promise, ...places.map((place) => place.ready)]).then(() => {
    isBegun = true;
    began.resolve(SYSTEM_CLOCK.monotonicMs());
  });
  const stop = () => {
    for (const place of places) place.stop();
  };
  const ended = endOf(places);
  // Where one refuses the job, nobody goes on with the rest of it.
  ended.catch(stop);
  return {
    alive: () => places.filter((place) => place.isAlive()).length,
    hasBegun: () => isBegun,
    snapshots: () => places.flatMap((place) => place.snapshots()),
    steer,
    isSteered: () => isSteered,
    isPaused: () => isIdle,
    stop,
    ended,
  };
}

async function endOf(places: readonly Place[]): Promise<Snapshot[]> {
  const results = await Promise.all(places.map((place) => place.ended));
  const reasons = places.map((place) => place.whyNeverBegan());
  if (reasons.every((reason) => reason !== undefined)) {
    const message = `no replayer process began to send: each ended with ${reasons[0]}; what keeps this one from starting others may be NODE_OPTIONS, or memory`;
    throw Object.assign(new Error(message), { code: "no_process" });
  }
  return results.flat();
}

/** The job of process n of so many, 0 <= n < processes. */
export function shareOf(job: ReplayJob, n: number, processes: number): ReplayJob {
  const { concurrency, maxInFlightBytes, deferred } = job.settings;
  return {
    ...job,
    replica: ofProcess(job.replica, n, processes),
    ...(job.begins && { begins: { ...job.begins, share: ofProcess(job.begins.share, n, processes) } }),
    settings: {
      ...job.settings,
      // Never more together than was asked for, as long as each has one.
      concurrency: Math.max(1, Math.floor((concurrency + n) / processes)),
      maxInFlightBytes: Math.max(job.settings.maxRequestBytes, Math.floor(maxInFlightBytes / processes)),
      deferred: { ...deferred, maxPending: Math.floor((deferred.maxPending + n) / processes) },
    },
  };
}

/** The part of one process in a replica's. */
function ofProcess({ index, count }: Replica, n: number, processes: number): Replica {
  return { index: index * processes + n, count: count * processes };
}
