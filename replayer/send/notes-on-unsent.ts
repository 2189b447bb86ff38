import type { Lane } from "./lane.ts";

/** Why items did not leave, so far, for whoever reads the ledger. Without numbers: a note is shown once, and those of all processes are one. */
export function notesOnUnsent(lanes: readonly Lane[]): string[] {
  const notes: string[] = [];
  if (lanes.some(({ schedule }) => schedule.wasTooLate)) {
    notes.push(
      "unsent: events were more than sending.max_lag late, so they were given up; the target, the network or this machine does not keep up with the rate",
    );
  }
  if (lanes.some(({ schedule }) => schedule.wasLeftOver)) {
    notes.push("unsent: the run was over before all that was due could leave");
  }
  if (lanes.some(({ deferred }) => deferred && deferred.dropped > 0)) {
    notes.push(
      "traces: late roots were dropped, for more would have waited than sending.deferred.max_pending allows",
    );
  }
  if (lanes.some(({ deferred }) => deferred && deferred.unsent > 0)) {
    notes.push(
      "traces: late roots are unsent: the run was stopped, or their moment lay beyond sending.deferred.drain_timeout",
    );
  }
  return notes;
}
