/**
 * Keeping a run's share of the fleet's rate at what its fleet is: at the start, and whenever replicas come or go.
 */
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import type { Membership } from "../fleet/membership.ts";
import type { ReplayJob } from "../replayer/job.ts";
import type { Plan } from "../replayer/plan.ts";
import type { Replica } from "../replayer/settings.ts";
import type { LiveView } from "../terminal/view.ts";
import { CliError, EXIT } from "./exit.ts";
import { onInterrupt } from "./interrupts.ts";

/** Replicas that began together end together: who goes so shortly before this one's own end leaves nothing to others. */
const ENDING_MS = 10_000;

/** The job as one of its fleet. A replica that was given an index of its own keeps it: only its share is the fleet's. */
export async function joined(job: ReplayJob, membership: Membership, view: LiveView): Promise<ReplayJob> {
  const interrupted = Promise.withResolvers<never>();
  const release = onInterrupt(view, () => {
    interrupted.reject(new CliError("interrupted while waiting for the fleet", EXIT.unreachable));
  });
  const share = await Promise.race([membership.join(), interrupted.promise]).finally(release);
  return job.isIndexLasting ? { ...job, begins: { share, rate: "config" } } : { ...job, replica: share };
}

/** Tell the run every later share, until it is about to end. */
export function followFleet(
  membership: Membership,
  fleet: LocalFleet,
  plan: Plan,
  view: LiveView,
  onShare: (share: Replica) => void,
): void {
  membership.follow(
    (share) => {
      const elapsedMs = Math.max(0, ...fleet.snapshots().map((snapshot) => snapshot.elapsedMs));
      if (plan.endMs - elapsedMs < ENDING_MS) return;
      fleet.steer({ share });
      onShare(share);
      const size = share.count === 1 ? "alone" : `one of ${share.count}`;
      view.note(`the fleet has changed: this replica is ${size} now, and sends that part of its rate`);
    },
    (text) => view.note(text),
    () => fleet.isPaused(),
  );
}
