/** Watching a run until it ends: looks at its processes, and what the live view is told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { meanRate } from "../replayer/pace/rate-law.ts";
import type { Plan } from "../replayer/plan.ts";
import { type RunPlan, Sampler } from "../terminal/sampler.ts";
import type { LiveView } from "../terminal/view.ts";
import { LagWords } from "./lag-words.ts";

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
  const sampler = new Sampler(runPlanOf(plan));
  const lagWords = new LagWords();
  const tellNotes = (snapshots: readonly Snapshot[]) => {
    for (const note of snapshots.flatMap(({ notes }) => notes)) {
      if (!told.has(note)) view.note(note);
      told.add(note);
    }
    const lag = lagWords.look(Math.max(...snapshots.map(({ lagMs }) => lagMs)));
    if (lag !== undefined) view.note(lag);
  };
  let isRunning = true;
  const ended = fleet.ended.finally(() => {
    isRunning = false;
  });
  // The shell has written below the picture while this process was stopped.
  const redraw = () => view.redraw();
  process.on("SIGCONT", redraw);
  try {
    while (isRunning) {
      // The last look is not waited for.
      await Promise.race([ended, sleep(lookMs, undefined, { ref: false })]);
      const snapshots = isRunning ? fleet.snapshots() : [];
      if (snapshots.length === 0) continue;
      tellNotes(snapshots);
      const elapsedMs = Math.max(...snapshots.map((snapshot) => snapshot.elapsedMs));
      if (view.wants(elapsedMs)) view.show(sampler.sample(snapshots, fleet.alive()));
    }
    const results = await ended;
    view.close(sampler.lastSample(results));
    return results;
  } finally {
    process.off("SIGCONT", redraw);
    view.close();
  }
}

function runPlanOf({ lanes, law, endMs, endsBy }: Plan): RunPlan {
  const sending = SIGNALS.flatMap((signal) => lanes[signal] ?? []);
  return {
    signals: SIGNALS.filter((signal) => lanes[signal]),
    // Over the time that the rates beside it are of, so that like is held against like.
    plannedRate: (fromMs, toMs) => (law ? meanRate(law, fromMs, Math.min(toMs, endMs)) : 0),
    endMs,
    endsBy,
    items: sending.reduce((sum, { items }) => sum + items, 0),
  };
}
