/** Watching a run until it ends: looks at its processes, and what the live view is told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import { COUNTER_INDEX } from "../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../ledger/snapshot.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { meanRate } from "../replayer/pace/rate-law.ts";
import type { Plan } from "../replayer/plan.ts";
import { type RunPlan, Sampler } from "../terminal/sampler.ts";
import type { LiveView } from "../terminal/view.ts";
import { LagWords } from "./lag-words.ts";

/** Time between two pictures of the live view, and between two looks at the run where there is no terminal. */
const FRAME_MS = 500;
const LOOK_MS = 1000;
/** Looks at a paused run by which its rates have come to 0. */
const QUIET_LOOKS = 5;
/** Between two looks whether a run that is paused goes on. */
const IDLE_LOOK_MS = 3000;

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
  const asked = { rate: 0 };
  const sampler = new Sampler(runPlanOf(plan, fleet, asked));
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
  let quietLooks = 0;
  const ended = fleet.ended.finally(() => {
    isRunning = false;
  });
  // The shell has written below the picture while this process was stopped.
  const redraw = () => view.redraw();
  process.on("SIGCONT", redraw);
  try {
    while (isRunning) {
      // The last look is not waited for. Forty that are idle on one machine are to cost next to nothing, and there is nothing to be seen.
      const isIdle = quietLooks > QUIET_LOOKS;
      await Promise.race([ended, sleep(isIdle ? IDLE_LOOK_MS : lookMs, undefined, { ref: false })]);
      if (isRunning && isIdle && fleet.isPaused()) continue;
      const snapshots = isRunning ? fleet.snapshots() : [];
      if (snapshots.length === 0) continue;
      const isQuiet = snapshots.every(
        ({ isPaused, share, inFlight }) => (isPaused || share === 0) && inFlight === 0,
      );
      quietLooks = fleet.isPaused() && isQuiet ? quietLooks + 1 : 0;
      tellNotes(snapshots);
      asked.rate = snapshots.reduce((sum, { plannedRate }) => sum + plannedRate, 0);
      const elapsedMs = Math.max(...snapshots.map((snapshot) => snapshot.elapsedMs));
      if (view.wants(elapsedMs)) view.show(sampler.sample(snapshots, fleet.alive()));
    }
    const results = await ended;
    asked.rate = intendedRate(results);
    view.close(sampler.lastSample(results));
    return results;
  } finally {
    process.off("SIGCONT", redraw);
    view.close();
  }
}

/**
 * What a run is to do: by its plan as long as nobody tells it otherwise, then by what its processes say.
 *
 * asked  items per second that they are asked for together now, and in the end those of all the run
 */
function runPlanOf({ lanes, law, endMs, endsBy }: Plan, fleet: LocalFleet, asked: { rate: number }): RunPlan {
  const items = SIGNALS.reduce((sum, signal) => sum + (lanes[signal]?.items ?? 0), 0);
  const isAsPlanned = () => !fleet.isSteered() || endsBy === "duration";
  return {
    signals: SIGNALS.filter((signal) => lanes[signal]),
    plannedRate: (fromMs, toMs) => {
      if (fleet.isSteered()) return asked.rate;
      // Over the time that the rates beside it are of, so that like is held against like.
      return law ? meanRate(law, fromMs, Math.min(toMs, endMs)) : 0;
    },
    // How far a total is from its end nobody knows any more.
    get endMs() {
      return isAsPlanned() ? endMs : Number.POSITIVE_INFINITY;
    },
    endsBy,
    get items() {
      return isAsPlanned() ? items : Number.POSITIVE_INFINITY;
    },
  };
}

function intendedRate(results: readonly Snapshot[]): number {
  const { counts, elapsedMs } = mergeSnapshots(results);
  const intended = SIGNALS.reduce((sum, signal) => sum + counts[signal][COUNTER_INDEX.intended]!, 0);
  return elapsedMs > 0 ? (intended / elapsedMs) * 1000 : 0;
}
