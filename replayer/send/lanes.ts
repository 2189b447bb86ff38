/** The lanes of a process taken together: whose turn it is, how late they are, and when they are through. */
import type { Lane } from "./lane.ts";

/** What is asked of a lane here; moments are ms since the run began. */
type Turn = Pick<Lane, "isDone" | "progress"> & {
  schedule: Pick<Lane["schedule"], "nextMomentMs" | "lagMs" | "endMs">;
};

/** The lane whose next request has been due for longest, or will be due first; undefined when all are done. */
export function mostOverdue<One extends Turn>(lanes: readonly One[], now: number): One | undefined {
  let best: One | undefined;
  let bestMoment = Number.POSITIVE_INFINITY;
  let bestPosition = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    if (lane.isDone) continue;
    const moment = lane.schedule.nextMomentMs(now);
    if (moment === Number.POSITIVE_INFINITY) continue;
    // Without a law everything is due now: the lane that is furthest behind in its pass goes first.
    if (moment < bestMoment || (moment === bestMoment && lane.progress < bestPosition)) {
      best = lane;
      bestMoment = moment;
      bestPosition = lane.progress;
    }
  }
  return best;
}

/** When the last lane ends; 0 when all have. */
export function lanesEndMs(lanes: readonly Turn[]): number {
  let end = 0;
  for (const lane of lanes) if (!lane.isDone) end = Math.max(end, lane.schedule.endMs);
  return end;
}

/** How late the lane is that is behind most, ms. */
export function lanesLagMs(lanes: readonly Turn[], now: number): number {
  let worst = 0;
  for (const lane of lanes) if (!lane.isDone) worst = Math.max(worst, lane.schedule.lagMs(now));
  return worst;
}

/** Items per second that they are asked for together now. */
export function lanesPlannedRate(lanes: readonly Lane[], now: number): number {
  let sum = 0;
  for (const lane of lanes) if (!lane.isDone) sum += lane.schedule.rateAt(now);
  return sum;
}
