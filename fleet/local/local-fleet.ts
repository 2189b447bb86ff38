/**
 * The replayer processes of one command: this one alone, or several children that share its rate and its work.
 */
import { type ChildProcess, fork } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { COUNTER_INDEX } from "../../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../../ledger/snapshot.ts";
import { perSignal, SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import type { FromWorker, JobError, ToWorker } from "./protocol.ts";

/** Running replayers. */
export interface LocalFleet {
  readonly processes: number;
  /** The latest state of each; empty before the first. */
  snapshots(): Snapshot[];
  /** End all as if their duration were over. */
  stop(): void;
  /** Each one's result, when all have ended. Rejects with what made a process refuse the job. */
  readonly ended: Promise<Snapshot[]>;
  /** Processes that died: their results are not complete. */
  deaths(): number;
}

/** Replay in this process; the returned fleet runs at once. */
export async function runInProcess(job: ReplayJob): Promise<LocalFleet> {
  const { replay, transport } = await openReplay(job);
  const ended = replay.run().then(async () => {
    await transport.close();
    return [replay.snapshot()];
  });
  return {
    processes: 1,
    snapshots: () => [replay.snapshot()],
    stop: () => replay.stop(),
    ended,
    deaths: () => 0,
  };
}

/** Replay in `processes` children, each a replica of its own within this one's share. */
export function runInChildren(job: ReplayJob, processes: number): LocalFleet {
  const workers = Array.from({ length: processes }, (_, n) => startWorker(shareOf(job, n, processes)));
  return {
    processes,
    snapshots: () => workers.flatMap((worker) => worker.latest() ?? []),
    stop: () => {
      for (const worker of workers) worker.stop();
    },
    ended: Promise.all(workers.map((worker) => worker.ended)),
    deaths: () => workers.filter((worker) => worker.isDead()).length,
  };
}

function shareOf(job: ReplayJob, n: number, processes: number): ReplayJob {
  const { index, count } = job.replica;
  const { concurrency, maxInFlightBytes, deferred } = job.settings;
  return {
    ...job,
    replica: { index: index * processes + n, count: count * processes },
    settings: {
      ...job.settings,
      // Never more together than was asked for, as long as each has one.
      concurrency: Math.max(1, Math.floor((concurrency + n) / processes)),
      maxInFlightBytes: Math.max(job.settings.maxRequestBytes, Math.floor(maxInFlightBytes / processes)),
      deferred: { ...deferred, maxPending: Math.floor((deferred.maxPending + n) / processes) },
    },
  };
}

interface Worker {
  latest(): Snapshot | undefined;
  stop(): void;
  isDead(): boolean;
  ended: Promise<Snapshot>;
}

function startWorker(job: ReplayJob): Worker {
  const child = fork(new URL("./worker.ts", import.meta.url), [], {
    serialization: "advanced",
    env: cachedEnv(),
  });
  let latest: Snapshot | undefined;
  let isComplete = false;
  let isDead = false;
  const ended = new Promise<Snapshot>((resolve, reject) => {
    child.on("message", (message: FromWorker) => {
      if ("error" in message) return reject(errorOf(message.error));
      latest = message.snapshot;
      isComplete = message.isFinal;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (isComplete) return resolve(latest!);
      isDead = true;
      latest = mourn(latest ?? blankSnapshot(), job, signal ?? `code ${code}`);
      resolve(latest);
    });
  });
  tell(child, { job });
  return { latest: () => latest, stop: () => tell(child, { stop: true }), isDead: () => isDead, ended };
}

function errorOf({ message, code }: JobError): Error {
  return code === undefined ? new Error(message) : Object.assign(new Error(message), { code });
}

/** The result of a process that died: what it had in flight at its last word is in doubt, and what came after is not known. */
function mourn(latest: Snapshot, { replica }: ReplayJob, cause: string): Snapshot {
  for (const signal of SIGNALS) {
    const counts = latest.counts[signal];
    const of = (name: keyof typeof COUNTER_INDEX) => counts[COUNTER_INDEX[name]]!;
    counts[COUNTER_INDEX.inDoubt] = of("sent") - of("accepted") - of("rejected") - of("failed");
  }
  latest.inFlight = 0;
  latest.notes.push(
    `replayer process ${replica.index} of ${replica.count} ended with ${cause}; what it sent after ${(latest.elapsedMs / 1000).toFixed(1)} s is not in this report`,
  );
  return latest;
}

/** Of a process that died before its first word. */
function blankSnapshot(): Snapshot {
  return { ...mergeSnapshots([]), latencies: perSignal(() => []) };
}

/** Children load what this process has compiled already. */
function cachedEnv(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  // Node puts a directory per version into the one that it is told.
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(directory) };
}

function tell(child: ChildProcess, message: ToWorker): void {
  // It may die while it is told: its exit says so.
  if (child.connected) child.send(message, () => {});
}
