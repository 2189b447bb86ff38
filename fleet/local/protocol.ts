/**
 * What a replayer process and the one that started it tell each other.
 */
import type { Snapshot } from "../../ledger/snapshot.ts";
import type { ReplayJob } from "../../replayer/job.ts";

/** To a process: first the job, later perhaps the wish that it ends as if its duration were over. */
export type ToWorker = { job: ReplayJob } | { stop: true };

/** From a process: that it is ready, its state now and then, its result at the end. */
export type FromWorker = { ready: true } | { snapshot: Snapshot; isFinal: boolean };

/** Time between two snapshots of a process. */
export const SNAPSHOT_INTERVAL_MS = 500;
