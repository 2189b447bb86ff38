/**
 * Taking over the job of a replayer process that died: what is left of it.
 *
 * The next process keeps the share, the law and the limits, and goes on at the position where the last one stopped, so that the
 * gap is lag. Its passes begin anew, for its ids have an incarnation of their own.
 */
import { perSignal } from "../otlp/signal.ts";
import type { FrozenSummary } from "./freeze/frozen-file.ts";
import type { ReplayJob, TakeOver } from "./job.ts";
import type { ScheduleLimits } from "./pace/schedule.ts";
import type { LanePlan } from "./plan.ts";
import type { JournalEntry } from "./send/journal.ts";

/** Of a job that nobody has begun. */
export const UNTOUCHED: TakeOver = { lanes: perSignal(() => ({ position: 0, through: 0 })), lives: 0 };

/** The job for the next process, from the last note of the one that died. Without a note it had not begun, and the job is what it was. */
export function nextJob(job: ReplayJob, entry: JournalEntry | undefined): ReplayJob {
  if (!entry) return job;
  const before = job.takeOver ?? UNTOUCHED;
  const lanes = perSignal((signal) => ({
    position: entry.lanes[signal].position,
    through: before.lanes[signal].through + entry.lanes[signal].through,
  }));
  const { steered } = entry;
  return { ...job, takeOver: { lanes, lives: before.lives + 1, ...(steered && { steered }) } };
}

/** Where a lane ends. */
export interface LaneEnd {
  limits: ScheduleLimits;
  /** Passes after which it is done; Infinity where its items say so. */
  passes: number;
}

/** The end of a lane by its plan. What is left of passes that another process began is counted in items, for passes begin anew. */
export function laneEnd(
  { settings, takeOver }: ReplayJob,
  lane: LanePlan,
  { signal, items }: FrozenSummary,
): LaneEnd {
  const { durationMs } = settings;
  const { items: laneItems, endsWithItems, totalItems, laterByItems } = lane;
  const isRandom = settings.poisson;
  const limits = { durationMs, items: laneItems, endsWithItems, totalItems, laterByItems, isRandom };
  if (!takeOver || !Number.isFinite(lane.passes)) return { limits, passes: lane.passes };
  // The state of its schedule has them.
  if (takeOver.steered) return { limits, passes: Number.POSITIVE_INFINITY };
  const { position, through } = takeOver.lanes[signal];
  const end = position + Math.max(0, lane.passes * items - through);
  limits.totalItems = Math.min(totalItems, end);
  if (end <= limits.items) Object.assign(limits, { items: end, endsWithItems: true });
  return { limits, passes: Number.POSITIVE_INFINITY };
}
