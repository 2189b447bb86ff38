/**
 * The replayer processes of one command: this one alone, or several children that share its rate and its work.
 */
import { type ChildProcess, fork } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { COUNTER_INDEX } from "../../ledger/counts.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** Running replayers. */
export interface LocalFleet {
  readonly processes: number;
  /** The latest state of each; empty before the first. */
  snapshots(): Snapshot[];
  /** End all as if their duration were over. */
  stop(): void;
  /** Each one's result, when all have ended. */
  readonly ended: Promise<Snapshot[]>;
}

/** Replay in this process; the returned fleet runs at once. */
export async function runInProcess(job: ReplayJob): Promise<LocalFleet> {
  const { replay, transport } = await openReplay(job);
  const ended = replay.run().then(async () => {
    await transport.close();
    return [replay.snapshot()];
  });
  return { processes: 1, snapshots: () => [replay.snapshot()], stop: () => replay.stop(), ended };
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
    ended: Promise.all(workers.map((worker) => worker.ended)).then((results) =>
      results.flatMap((one) => one ?? []),
    ),
  };
}

function shareOf(job: ReplayJob, n: number, processes: number): ReplayJob {
  const { index, count } = job.replica;
  const { concurrency, maxInFlightBytes } = job.settings;
  return {
    ...job,
    replica: { index: index * processes + n, count: count * processes },
    settings: {
      ...job.settings,
      concurrency: Math.max(1, Math.round(concurrency / processes)),
      maxInFlightBytes: Math.max(job.settings.maxRequestBytes, Math.round(maxInFlightBytes / processes)),
    },
  };
}

interface Worker {
  latest(): Snapshot | undefined;
  stop(): void;
  ended: Promise<Snapshot | undefined>;
}

function startWorker(job: ReplayJob): Worker {
  const child = fork(new URL("./worker.ts", import.meta.url), [], {
    serialization: "advanced",
    env: cachedEnv(),
  });
  let latest: Snapshot | undefined;
  let isComplete = false;
  const ended = new Promise<Snapshot | undefined>((resolve) => {
    child.on("message", (message: FromWorker) => {
      if (!("snapshot" in message)) return;
      latest = message.snapshot;
      isComplete = message.isFinal;
    });
    child.on("exit", (code, signal) => {
      resolve(isComplete ? latest : mourn(latest, job, signal ?? `code ${code}`));
    });
  });
  tell(child, { job });
  return { latest: () => latest, stop: () => tell(child, { stop: true }), ended };
}

/** The result of a process that died: what it had in flight at its last word is in doubt, and what came after is not known. */
function mourn(latest: Snapshot | undefined, { replica }: ReplayJob, cause: string): Snapshot | undefined {
  if (!latest)
    throw new Error(
      `replayer process ${replica.index} of ${replica.count} ended with ${cause} before it sent anything`,
    );
  for (const signal of SIGNALS) {
    const counts = latest.counts[signal];
    const of = (name: keyof typeof COUNTER_INDEX) => counts[COUNTER_INDEX[name]]!;
    counts[COUNTER_INDEX.inDoubt] = of("sent") - of("accepted") - of("rejected") - of("failed");
  }
  latest.notes.push(
    `replayer process ${replica.index} of ${replica.count} ended with ${cause}; what it sent after ${(latest.elapsedMs / 1000).toFixed(1)} s is not in this report`,
  );
  return latest;
}

/** Children load what this process has compiled already. */
function cachedEnv(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  // Node puts a directory per version into the one that it is told.
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(directory) };
}

function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message);
}
