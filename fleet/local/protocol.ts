/**
 * What a replayer process and the one that started it tell each other.
 */
import type { Snapshot } from "../../ledger/snapshot.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import type { Steering } from "../../replayer/steering.ts";

/**
 * To a process: first the job; when all are ready, since when the run has been going on, by the clock that is the same for all processes
 * of the machine; at any time how to go on; later perhaps the wish that it ends as if its duration were over.
 */
export type ToWorker = { job: ReplayJob } | { beganMs: number } | { steering: Steering } | { stop: true };

/** From a process: its state, from the moment it is ready, and its result at the end; or why it cannot do the job. */
export type FromWorker = { snapshot: Snapshot; isFinal: boolean } | { error: JobError };

/** An error that crosses process borders: what to say, and the code that tells whose it is, if it has one. */
export interface JobError {
  message: string;
  code: string | undefined;
}

/** Time between two snapshots of a process. */
export const SNAPSHOT_INTERVAL_MS = 500;

/** Descriptor that a process finds its journal file under, behind stdin, stdout, stderr and the channel. */
export const JOURNAL_FD = 4;
