/**
 * Carrying out what a replay is told: new plans for its lanes, and the note for whoever takes over.
 */
import type { BeginsBy } from "./job.ts";
import type { Plan } from "./plan.ts";
import type { Journal } from "./send/journal.ts";
import type { Lane } from "./send/lane.ts";
import type { Replay } from "./send/replay.ts";
import type { SteeredRate, Steering } from "./steering.ts";

/** A replay that can be steered. */
export interface Steered {
  lanes: readonly Lane[];
  replay: Replay;
  journal: Journal | undefined;
  /** The plan for a share and a rate. */
  planFor: (by: BeginsBy) => Plan;
  /** The highest rate that it takes, items per second. */
  maxRate: number;
  /** Have a lane begin by a plan, none of whose items was taken yet. */
  begin: (lane: Lane, plan: Plan, by: BeginsBy) => void;
}

/** All that it was told, the latest of each. */
export type SteeredBy = BeginsBy & { isPaused: boolean };

/** How to tell it: from `now` on, which is what it goes by already. */
export function makeSteer(
  { lanes, replay, journal, planFor, maxRate, begin }: Steered,
  now: SteeredBy,
): (change: Steering) => void {
  return (change) => {
    const before = now;
    const { share = now.share, isPaused = now.isPaused } = change;
    const rate = limited(change.rate ?? now.rate, maxRate, replay);
    if (share.index === now.share.index && share.count === now.share.count) {
      if (isSameRate(rate, now.rate) && isPaused === now.isPaused) return;
    }
    now = { share, rate, isPaused };
    const restFactor = before.share.count / share.count;
    const hasOtherLaw = restFactor !== 1 || !isSameRate(rate, before.rate);
    const plan = planFor(now);
    replay.turn(
      (nowMs) => {
        for (const lane of lanes) {
          const lanePlan = plan.lanes[lane.signal]!;
          if (!replay.isBegun) begin(lane, plan, now);
          else if (hasOtherLaw) lane.turn({ ...lanePlan, restFactor }, nowMs);
          if (isPaused) lane.schedule.pause(nowMs);
          else lane.schedule.resume(nowMs);
        }
        if (replay.isBegun) journal?.steer(share, rate, lanes);
      },
      1 / share.count,
      isPaused,
    );
  };
}

/** A rate that nobody has said yes to is as high as it may be without, and a note says so. */
function limited(rate: SteeredRate, most: number, replay: Replay): SteeredRate {
  if (rate === "config") return rate;
  const { eventsPerSecond } = rate;
  if (eventsPerSecond > 0 ? eventsPerSecond <= most : most === Number.POSITIVE_INFINITY) return rate;
  replay.note(
    `told to send faster than ${most} events a second to a target that may bill them: it sends no more than that; start it with --yes (or sending.confirm: true) if it may`,
  );
  return { eventsPerSecond: most };
}

function isSameRate(a: SteeredRate, b: SteeredRate): boolean {
  if (a === "config" || b === "config") return a === b;
  return a.eventsPerSecond === b.eventsPerSecond;
}
