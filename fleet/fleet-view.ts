/**
 * What a replica makes of the answers that it gets on its fleet's name: which of them it takes for the fleet, and when.
 *
 * Pure: answers and moments go in, the replica's place comes out. Two replicas that see the same addresses take the same view, each
 * within a look after it has stood still for STABLE_MS; until then a replica keeps what it has.
 */
import type { Replica } from "../replayer/settings.ts";

/** A view that has not changed for this long is taken for the fleet; replicas start and stop within a second or two of each other. */
export const STABLE_MS = 2000;
/** A view that never stands still is taken as it is after so long: one replica that dies over and over holds up nobody else. */
export const RESTLESS_MS = 10_000;

export interface FleetView {
  /** The latest answer that this replica was in: addresses, sorted. */
  readonly seen: readonly string[];
  /** Since when it has been that. */
  readonly sinceMs: number;
  /** Since when answers have differed from what was taken last; undefined while they do not. */
  readonly restlessSinceMs: number | undefined;
  /** The view that was taken last, and this replica's place in it; undefined before the first. */
  readonly taken: readonly string[];
  readonly share: Replica | undefined;
  /** Why the latest answer was passed over; undefined when it was not. */
  readonly doubt: "no answer" | "not in it" | undefined;
}

export const NO_VIEW: FleetView = {
  seen: [],
  sinceMs: 0,
  restlessSinceMs: undefined,
  taken: [],
  share: undefined,
  doubt: undefined,
};

/**
 * The view after another look.
 *
 * answer  all addresses of the name, each once, in any order; undefined when there was no answer. Neither that nor an answer without this replica,
 *         which runs after all, changes what is known: the last view is kept
 * own     addresses of this replica
 */
export function look(
  view: FleetView,
  answer: readonly string[] | undefined,
  own: ReadonlySet<string>,
  nowMs: number,
): FleetView {
  if (!answer) return { ...view, doubt: "no answer" };
  const seen = answer.toSorted();
  const index = seen.findIndex((address) => own.has(address));
  if (index < 0) return { ...view, doubt: "not in it" };
  const isNew = !isSame(seen, view.seen);
  const sinceMs = isNew ? nowMs : view.sinceMs;
  if (isSame(seen, view.taken)) {
    return { ...view, seen, sinceMs, restlessSinceMs: undefined, doubt: undefined };
  }
  const restlessSinceMs = view.restlessSinceMs ?? nowMs;
  const isTaken = nowMs - sinceMs >= STABLE_MS || nowMs - restlessSinceMs >= RESTLESS_MS;
  if (!isTaken) return { ...view, seen, sinceMs, restlessSinceMs, doubt: undefined };
  const share = { index, count: seen.length };
  return { seen, sinceMs, restlessSinceMs: undefined, taken: seen, share, doubt: undefined };
}

/** Whether there is something to be seen soon: another look is due earlier than usual. */
export function isRestless({ restlessSinceMs, share }: FleetView): boolean {
  return restlessSinceMs !== undefined || share === undefined;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address, at) => address === b[at]);
}
