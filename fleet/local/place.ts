/**
 * A place in a local fleet: one share of the work, done by a process, and by another when that one dies.
 */
import { Latencies } from "../../ledger/latency.ts";
import { mergeSnapshots, type Snapshot } from "../../ledger/snapshot.ts";
import { perSignal, SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { schedulesOf } from "../../replayer/open-replay.ts";
import { SYSTEM_CLOCK } from "../../replayer/send/clock.ts";
import type { Steering } from "../../replayer/steering.ts";
import { nextJob } from "../../replayer/take-over.ts";
import { type Child, type ChildEnd, startChild } from "./child.ts";
import { addUnsent, mourn } from "./mourn.ts";

/** A process that dies more often than so many times within so long is not replaced again. */
const MAX_DEATHS = 5;
const DEATHS_WITHIN_MS = 60_000;

/** Deaths that are told one by one, the latest ones. */
const MAX_DEATH_NOTES = 20;

export interface Place {
  /** Resolves when a process of it can begin, or none ever will. */
  readonly ready: Promise<void>;
  /** What is known of all its processes, the dead ones in one. Empty before the first word. */
  snapshots(): Snapshot[];
  /** Have it go on in another way, whichever process does: now, or from the beginning on where it has not begun. */
  steer(change: Steering): void;
  stop(): void;
  isAlive(): boolean;
  /** Resolves with its snapshots. Rejects with what made its first process refuse the job. */
  readonly ended: Promise<Snapshot[]>;
  /** What the last process died of, if none of them ever began. */
  whyNeverBegan(): string | undefined;
}

type Death = Extract<ChildEnd, { kind: "dead" }>;

/**
 * Have a job done, whatever dies on the way.
 * began  since when the run has been going on, by the clock that is the same for all processes of the machine; resolves when it begins
 */
export function occupy(firstJob: ReplayJob, began: Promise<number>): Place {
  const { index, count } = firstJob.replica;
  const name = `replayer process ${index} of ${count}`;
  const deathsAtMs: number[] = [];
  const notes: string[] = [];
  let deaths = 0;
  let job = firstJob;
  let child: Child | undefined;
  let dead: Snapshot | undefined;
  let result: Snapshot | undefined;
  let beganMs: number | undefined;
  let stoppedMs: number | undefined;
  let told: Steering | undefined;
  let isReady = false;
  let lastCause: string | undefined;
  const ready = Promise.withResolvers<void>();
  void began.then((ms) => {
    beganMs = ms;
  });

  async function work(): Promise<void> {
    for (let isLeft = true; isLeft; ) {
      const end = await nextEnd();
      child = undefined;
      if (end.kind === "done") {
        result = end.result;
        return;
      }
      if (end.kind === "dead") isLeft = bury(end);
      else if (deaths === 0) throw end.error;
      // What one process could do, another can: something has gone meanwhile.
      else isLeft = bury({ kind: "dead", cause: end.error.message, latest: undefined, entry: undefined });
    }
  }

  /** Start a process and wait for its end. One that cannot be started is dead, if another could be before it. */
  async function nextEnd(): Promise<ChildEnd> {
    let started: Child;
    try {
      started = startChild(job);
    } catch (error) {
      return { kind: "refused", error: error as Error };
    }
    child = started;
    void started.ready.then(() => {
      isReady ||= started.latest() !== undefined;
      if (isReady) ready.resolve();
    });
    if (told) started.steer(told);
    void began.then((ms) => started.begin(ms));
    if (stoppedMs !== undefined) started.stop();
    return started.ended;
  }

  /** Close the books of a process that died. Returns whether another is to go on. */
  function bury({ cause, latest, entry }: Death): boolean {
    const nowMs = SYSTEM_CLOCK.monotonicMs();
    const elapsedMs = beganMs === undefined ? 0 : nowMs - beganMs;
    deaths++;
    deathsAtMs.push(nowMs);
    if (deathsAtMs.length > MAX_DEATHS + 1) deathsAtMs.shift();
    const isDeadly = deathsAtMs.length > MAX_DEATHS && nowMs - deathsAtMs[0]! < DEATHS_WITHIN_MS;
    lastCause = cause;
    const { snapshot, inDoubt, lostRoots } = mourn(latest, entry);
    job = nextJob(job, entry);
    const { schedules, trouble } = whatIsLeft(job);
    const isLeft = stoppedMs === undefined && Object.values(schedules).some((one) => one.hasMore(elapsedMs));
    const isReplaced = isLeft && !isDeadly;
    let unsent = 0;
    for (const signal of SIGNALS) {
      const schedule = schedules[signal];
      if (!schedule || isReplaced) continue;
      if (isLeft) schedule.abandon(elapsedMs);
      // What would have been due since the end was asked for nobody wants.
      else schedule.finish(stoppedMs === undefined ? elapsedMs : elapsedMs - (nowMs - stoppedMs));
      addUnsent(snapshot.counts[signal], schedule.unsent);
      unsent += schedule.unsent;
    }
    dead = dead ? addLife(dead, snapshot) : snapshot;
    const when =
      entry && elapsedMs > 0 ? `after ${(elapsedMs / 1000).toFixed(1)} s` : "before it sent anything";
    const consequences = [
      inDoubt > 0 && `${grouped(inDoubt)} items in doubt`,
      lostRoots > 0 && `${grouped(lostRoots)} late roots that waited in it unsent`,
      unsent > 0 && `${grouped(unsent)} items of its share unsent`,
      isLeft && isDeadly && `given up, for ${deathsAtMs.length} died within a minute`,
      trouble !== undefined && `nobody can go on (${trouble})`,
      isReplaced && "another goes on where it stopped",
    ].filter((text) => text !== false);
    notes.push([`${name} ended with ${cause} ${when}`, consequences.join(", ")].filter(Boolean).join(": "));
    if (notes.length > MAX_DEATH_NOTES) notes.shift();
    return isReplaced;
  }

  function snapshots(): Snapshot[] {
    const latest = result ?? child?.latest();
    if (!dead) return latest ? [latest] : [];
    const untold = deaths - notes.length;
    const earlier = untold > 0 ? [`${name} died ${untold} times before that`] : [];
    const buried = { ...dead, notes: [...dead.notes, ...earlier, ...notes] };
    if (!latest) return [buried];
    // They were never there at the same time.
    const more = Math.max(0, latest.maxRssBytes - dead.maxRssBytes);
    return [buried, { ...latest, maxRssBytes: more }];
  }

  return {
    snapshots,
    steer: (change) => {
      told = { ...told, ...change };
      const { share = firstJob.replica, rate = "config" } = told;
      // A process that takes over goes by what the one before it noted; without a note, by how they would have begun.
      if (beganMs === undefined) job = { ...job, begins: { share, rate } };
      child?.steer(change);
    },
    stop: () => {
      stoppedMs ??= SYSTEM_CLOCK.monotonicMs();
      child?.stop();
    },
    isAlive: () => child !== undefined,
    ready: ready.promise,
    ended: work().finally(ready.resolve).then(snapshots),
    whyNeverBegan: () => (isReady || stoppedMs !== undefined ? undefined : lastCause),
  };
}

/** The schedules that are left of a job; none, and why, where its files are gone. */
function whatIsLeft(job: ReplayJob): { schedules: ReturnType<typeof schedulesOf>; trouble?: string } {
  try {
    return { schedules: schedulesOf(job) };
  } catch (error) {
    return { schedules: {}, trouble: (error as Error).message };
  }
}

/** Two lives of one place as one, so that many deaths take no more memory than one. */
function addLife(dead: Snapshot, next: Snapshot): Snapshot {
  const { latencies, ...sums } = mergeSnapshots([dead, next]);
  return {
    ...sums,
    maxRssBytes: Math.max(dead.maxRssBytes, next.maxRssBytes),
    latencies: perSignal((signal) => {
      const sum = new Latencies();
      for (const counts of latencies[signal]) sum.add(counts);
      return sum.counts();
    }),
  };
}

function grouped(items: number): string {
  return items.toLocaleString("en-US");
}
