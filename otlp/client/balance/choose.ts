/**
 * Which address gets the next request.
 *
 * The one that was given the fewest bytes of the signal so far. By bytes, because batches differ in size in a rhythm of their own,
 * which a plain round would meet: three addresses and a short batch at each third place leave one of them short for ever. By
 * signal, because traces, metrics and logs come in a rhythm too.
 *
 * How fast an address answers does not count: receivers are to have equal loads, which is what a load test is for. But one that has
 * stopped answering must not collect all requests that may be in flight.
 */
import type { Signal } from "../../signal.ts";
import { SIGNALS } from "../../signal.ts";
import type { Member } from "./member.ts";

/** An address may have so many times the requests in flight of the one that has fewest, and so many more. */
const IN_FLIGHT_TIMES = 4;
const IN_FLIGHT_MORE = 16;

/** The member to take; undefined when there is none. avoid: place of one that had better not. */
export function choose(
  members: readonly Member[],
  signal: Signal,
  avoid: string | undefined,
): Member | undefined {
  let fewestInFlight = Number.POSITIVE_INFINITY;
  for (const { inFlight } of members) if (inFlight < fewestInFlight) fewestInFlight = inFlight;
  const most = IN_FLIGHT_TIMES * fewestInFlight + IN_FLIGHT_MORE;
  let best: Member | undefined;
  let spare: Member | undefined;
  let isAnyFull = false;
  for (const member of members) {
    const isFull = member.inFlight > most;
    isAnyFull ||= isFull;
    if (isFull || member.place === avoid) spare = fewerDealt(spare, member, signal);
    else best = fewerDealt(best, member, signal);
  }
  if (isAnyFull && best)
    for (const member of members) if (member.inFlight > most) forgo(member, best, signal);
  return best ?? spare;
}

/** A member that comes in, or comes back, begins where the others are: what it was not there for is not made up for. */
export function joinIn(member: Member, others: readonly Member[]): void {
  for (const signal of SIGNALS) {
    let least: Member | undefined;
    for (const other of others) least = fewerDealt(least, other, signal);
    if (least) forgo(member, least, signal);
  }
}

function fewerDealt(best: Member | undefined, member: Member, signal: Signal): Member {
  return best && best.dealt[signal] <= member.dealt[signal] ? best : member;
}

function forgo(member: Member, others: Member, signal: Signal): void {
  member.dealt[signal] = Math.max(member.dealt[signal], others.dealt[signal]);
}
