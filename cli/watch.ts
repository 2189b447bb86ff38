/** Watching a run until it ends: looks at its processes, and what the live view is told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import { mergeSnapshots, type Snapshot } from "../ledger/snapshot.ts";
import { SIGNALS } from "../otlp/signal.ts";
import type { Plan } from "../replayer/plan.ts";
import { type MergedSnapshot, sampleOf } from "../terminal/sample-of.ts";
import type { LiveView } from "../terminal/view.ts";

/** Time between two pictures of the live view, and between two looks at the run where there is no terminal. */
const FRAME_MS = 500;
const LOOK_MS = 1000;

/**
 * Show the run until all its processes have ended; resolves with their results.
 *
 * told  notes that were shown already; those that come up meanwhile are shown and added
 */
export async function watch(
  fleet: LocalFleet,
  view: LiveView,
  plan: Plan,
  told: Set<string>,
): Promise<Snapshot[]> {
  const lookMs = process.stderr.isTTY ? FRAME_MS : LOOK_MS;
  const recent: MergedSnapshot[] = [];
  let isRunning = true;
  const ended = fleet.ended.finally(() => {
    isRunning = false;
  });
  const show = (snapshots: readonly Snapshot[]) => {
    if (snapshots.length === 0) return;
    const merged = mergeSnapshots(snapshots);
    for (const note of merged.notes) {
      if (!told.has(note)) view.note(note);
      told.add(note);
    }
    recent.push(merged);
    // Rates over about a second: short enough to see a change, long enough not to see single requests.
    const earlier = recent.length > 1 ? recent[0] : undefined;
    if (recent.length > Math.ceil(LOOK_MS / lookMs)) recent.shift();
    view.show(
      sampleOf(merged, earlier, {
        signals: SIGNALS.filter((signal) => plan.lanes[signal]),
        targetRate: plan.eventsPerSecond,
        ...(Number.isFinite(plan.endMs) ? { remainingMs: Math.max(0, plan.endMs - merged.elapsedMs) } : {}),
        processes: fleet.alive(),
      }),
    );
  };
  try {
    while (isRunning) {
      // The last look is not waited for.
      await Promise.race([ended, sleep(lookMs, undefined, { ref: false })]);
      if (isRunning) show(fleet.snapshots());
    }
    return await ended;
  } finally {
    view.close();
  }
}
