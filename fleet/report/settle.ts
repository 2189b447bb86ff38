/** Waiting at the end of a run until Collectors have sent on what they took. */
import { SIGNALS } from "../../otlp/signal.ts";
import type { Books } from "./balance.ts";
import type { Collectors } from "./collectors.ts";
import { pause } from "./pause.ts";

const LOOK_MS = 500;

/** Read the Collectors into the books until all is balanced, or `settleMs` have passed: their exporters may lag behind. */
export async function settle(
  books: Books,
  collectors: Collectors,
  settleMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + settleMs;
  for (;;) {
    await collectors.read();
    books.collectors = { count: collectors.tally.collectors, items: collectors.tally.items() };
    if (signal.aborted || performance.now() > deadlineMs || hasArrived(books, collectors.queued)) return;
    await pause(LOOK_MS, signal);
  }
}

/** Nothing more is to be expected: all that replicas know of was taken, sent on or given up, and the queues are empty. */
function hasArrived({ replicaItems, collectors }: Books, queued: number): boolean {
  return (
    queued === 0 &&
    SIGNALS.every((signal) => {
      const { accepted, exporters } = collectors!.items[signal];
      const done = [...exporters.values()].every(({ sent, lost }) => sent + lost >= accepted);
      return accepted >= replicaItems[signal].accepted && done;
    })
  );
}
