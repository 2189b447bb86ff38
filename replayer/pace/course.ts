/**
 * A course: the law that a lane follows, and since when. Where the law changes on the way, what was due until then stays due, and the
 * new law counts from there, so nothing comes in a burst and nothing is asked for twice:
 *
 *   N(t) = D + L(t - T)      from T on      L  the law, which counts from 0     T  ms: since when     D  items due by then
 *
 *   N ┤            ╱ L, steeper from T on
 *   D ┤  ‥‥‥‥‥‥‥‥·╱
 *     ┤   o‥‥‥‥‥      what was owed at T: from the item that comes next to item D, in a straight line
 *     └───┴──────┴──── t
 *       owed     T
 *
 * However often the law changes, a course keeps no more of the past than that line.
 */
import type { RateLaw } from "./rate-law.ts";

export interface Course extends CourseState {
  /** Counts from 0 at `sinceMs`. */
  law: RateLaw;
}

/** What of a course is numbers, so that another process can go on with it. */
export interface CourseState {
  /** T, in the law's own time. */
  sinceMs: number;
  /** D, a real number. */
  dueThen: number;
  /** Items from this one on were owed at T, the first of them since `owedSinceMs`. As many as `dueThen`: nothing was. */
  owedFrom: number;
  owedSinceMs: number;
}

/** From the beginning of a run. */
export function courseOf(law: RateLaw): Course {
  return { law, sinceMs: 0, dueThen: 0, owedFrom: 0, owedSinceMs: 0 };
}

/**
 * Another law from now on.
 *
 * course    until now; undefined: there was no law, so nothing is owed
 * nowMs     not before the course's own T
 * position  items that are done with
 */
export function turned(course: Course | undefined, law: RateLaw, nowMs: number, position: number): Course {
  const dueThen = course ? dueBy(course, nowMs) : position;
  const isBehind = course !== undefined && position < dueThen;
  return {
    law,
    sinceMs: nowMs,
    dueThen,
    owedFrom: isBehind ? position : dueThen,
    // The inverse of some laws is numeric.
    owedSinceMs: isBehind ? Math.min(momentOf(course, position), nowMs) : nowMs,
  };
}

/** N(t): items due by this moment. Before T, no more is known than the line. */
export function dueBy({ law, sinceMs, dueThen, owedFrom, owedSinceMs }: Course, atMs: number): number {
  if (atMs >= sinceMs) return dueThen + law.dueItems(atMs - sinceMs);
  if (atMs <= owedSinceMs) return owedFrom;
  return dueThen - ((dueThen - owedFrom) * (sinceMs - atMs)) / (sinceMs - owedSinceMs);
}

/** M(n): when item n is due; Infinity when it never is. */
export function momentOf({ law, sinceMs, dueThen, owedFrom, owedSinceMs }: Course, item: number): number {
  if (item >= dueThen) return sinceMs + law.momentMs(item - dueThen);
  if (item <= owedFrom) return owedSinceMs;
  return sinceMs - ((sinceMs - owedSinceMs) * (dueThen - item)) / (dueThen - owedFrom);
}
