/**
 * The books of a process that died, closed by the one that started it, to the item.
 *
 * Its journal tells what it had sent. Of that, what it had no answer to at its last note is in doubt, and what had been sent after
 * its last word is without latencies and addresses. Late roots that waited in it are unsent.
 */
import { COUNTER_INDEX, type Counter, type Counts } from "../../ledger/counts.ts";
import { mergeSnapshots, type Snapshot } from "../../ledger/snapshot.ts";
import { perSignal, SIGNALS } from "../../otlp/signal.ts";
import { formatIncarnation } from "../../replayer/incarnation.ts";
import type { JournalEntry } from "../../replayer/send/journal.ts";

/** A snapshot of what is known, with nothing in flight; and how much of it is in doubt, or waited in vain. */
export interface Mourned {
  snapshot: Snapshot;
  inDoubt: number;
  lostRoots: number;
}

/** latest  its last word, if it had one; entry: its last note, if it sent anything */
export function mourn(latest: Snapshot | undefined, entry: JournalEntry | undefined): Mourned {
  const snapshot = latest ?? { ...mergeSnapshots([]), latencies: perSignal(() => []) };
  Object.assign(snapshot, { inFlight: 0, share: 0, isPaused: false, plannedRate: 0, lagMs: 0, rssBytes: 0 });
  let inDoubt = 0;
  let lostRoots = 0;
  if (entry) {
    snapshot.elapsedMs = entry.elapsedMs;
    snapshot.worstLagMs = entry.worstLagMs;
    for (const signal of SIGNALS) {
      const { counts, waiting, incarnation } = entry.lanes[signal];
      const doubtful = closeCounts(counts, waiting);
      snapshot.counts[signal] = counts;
      inDoubt += doubtful;
      lostRoots += waiting;
      const name = formatIncarnation(incarnation);
      if (counts[COUNTER_INDEX.sent]! > 0 && !snapshot.incarnations.includes(name)) {
        snapshot.incarnations.push(name);
      }
    }
  }
  return { snapshot, inDoubt, lostRoots };
}

/** Items that nobody will send any more are unsent. */
export function addUnsent(counts: Counts, items: number): void {
  counts[COUNTER_INDEX.intended]! += items;
  counts[COUNTER_INDEX.unsent]! += items;
}

/** Nothing is in flight any more. Returns what is in doubt. */
function closeCounts(counts: Counts, waiting: number): number {
  const of = (name: Counter) => counts[COUNTER_INDEX[name]]!;
  const inDoubt = of("sent") - of("accepted") - of("rejected") - of("failed");
  counts[COUNTER_INDEX.inDoubt] = inDoubt;
  addUnsent(counts, waiting);
  return inDoubt;
}
