/**
 * The schedule of one signal: how far along its rate law it is, and when the next request is due.
 *
 * Open loop: the law does not wait for the target. Whoever falls behind catches up; what is older than `maxLagMs` by then is
 * given up as unsent. Without a law (rate 0) a request is due whenever one can be sent.
 *
 * The law may change on the way, and may be paused: its own time stands still then, while that of the run, which ends it, goes on.
 */
import { type Course, type CourseState, courseOf, dueBy, momentOf, turned } from "./course.ts";
import type { RateLaw } from "./rate-law.ts";

/** Where a run ends, whichever comes first. */
export interface ScheduleLimits {
  durationMs: number;
  /** Items, sent or given up. */
  items: number;
  /** Whether it is over with the last of its items, or goes on without any until the duration is over. */
  endsWithItems: boolean;
  /** Its part of a total, where the duration comes first as long as the law stays what it is. */
  totalItems?: number;
  /** Items by which its law comes later than its part of the whole's: they belong to it all the same by the end. */
  laterByItems?: number;
  /** Nobody knows ahead how many items the law asks for within the duration. */
  isRandom?: boolean;
}

/** Another law from now on. */
export interface Turn {
  /** The law from a moment of its own time on, counting from 0 there; undefined: as fast as the target takes it. */
  lawFrom: (lawMs: number) => RateLaw | undefined;
  /** How much of the whole is this schedule's from now on, over what it was: what is left of its total grows by as much. */
  restFactor: number;
}

/** How a schedule was steered so far; plain numbers, for whoever goes on with it. */
export interface ScheduleState extends CourseState {
  /** Its part of a total by now. */
  totalItems: number;
  /** Since when it has been paused, ms since the run began, Infinity when it is not; and for how long before that. */
  pausedAtMs: number;
  idleMs: number;
}

/** What was due by the end may still leave so long after it; a larger backlog is unsent, for the run is over. */
const END_GRACE_MS = 1000;
/** What rounding would move behind the end of the duration is due so long before it. */
const LAST_MS = 1;

/** As fast as the target takes it. */
const NO_COURSE: CourseState = {
  sinceMs: Number.NaN,
  dueThen: Number.NaN,
  owedFrom: Number.NaN,
  owedSinceMs: Number.NaN,
};

export class Schedule {
  #course: Course | undefined;
  readonly #limits: ScheduleLimits;
  /** Its part of a total, a real number: what is left of it is divided anew whenever its share changes. */
  #totalItems: number;
  #pausedAtMs = Number.POSITIVE_INFINITY;
  #idleMs = 0;
  readonly #maxLagMs: number;
  /** Items that the law is done with: sent or given up. */
  position: number;
  /** Of these, given up. */
  unsent = 0;
  readonly #start: number;
  /** Whether any of them were unsent for being too late, and whether any for being left at the end. */
  wasTooLate = false;
  wasLeftOver = false;
  /** When the item at the position is due: some laws take a while to say, and are asked several times a request. */
  #momentMs = Number.NaN;
  #momentOf = -1;

  /** start  items that the law was done with before: another schedule stopped there */
  constructor(law: RateLaw | undefined, limits: ScheduleLimits, maxLagMs: number, start = 0) {
    this.#course = law && courseOf(law);
    this.#limits = { ...limits };
    this.#totalItems = limits.totalItems ?? (limits.endsWithItems ? limits.items : Number.POSITIVE_INFINITY);
    this.#maxLagMs = maxLagMs;
    this.#start = start;
    this.position = start;
  }

  /** Items that this schedule itself is done with. */
  get passed(): number {
    return this.position - this.#start;
  }

  /** When the next request is due, ms since the run began: Infinity when none will be. */
  nextMomentMs(nowMs: number): number {
    if (this.position >= this.#limits.items) return Number.POSITIVE_INFINITY;
    if (nowMs > this.#limits.durationMs + END_GRACE_MS || this.isPaused) return Number.POSITIVE_INFINITY;
    const moment = this.#course ? this.#dueMs(this.#course) : nowMs;
    return moment < this.#limits.durationMs ? moment : Number.POSITIVE_INFINITY;
  }

  /** Whether anything is still to come, now or later. */
  hasMore(nowMs: number): boolean {
    if (this.isPaused) return nowMs < this.#limits.durationMs && this.position < Math.round(this.#totalItems);
    return Number.isFinite(this.nextMomentMs(nowMs));
  }

  #dueMs(course: Course): number {
    if (this.#momentOf === this.position) return this.#momentMs;
    const { durationMs, items, endsWithItems } = this.#limits;
    let moment = momentOf(course, this.position) + this.#idleMs;
    // All of its items are due by the end of the duration, however the shares of the rate were rounded.
    if (!endsWithItems && Number.isFinite(items)) moment = Math.min(moment, durationMs - LAST_MS);
    this.#momentOf = this.position;
    this.#momentMs = moment;
    return moment;
  }

  /** When the schedule is over: its duration, or now if it has no items left. */
  get endMs(): number {
    const { endsWithItems } = this.#limits;
    return endsWithItems && this.position >= this.#limits.items ? 0 : this.#limits.durationMs;
  }

  /** Follow another law from this moment on. What was due until now stays due. */
  turn({ lawFrom, restFactor }: Turn, nowMs: number): void {
    const lawMs = this.#lawMs(nowMs);
    const { laterByItems = 0 } = this.#limits;
    const had = this.#course ? dueBy(this.#course, lawMs) + laterByItems : this.position;
    const rest = this.#totalItems - had;
    if (Number.isFinite(rest) && rest > 0) this.#totalItems = had + rest * restFactor;
    const law = lawFrom(lawMs);
    this.#course = law && turned(this.#course, law, lawMs, this.position);
    this.#limit();
  }

  get isPaused(): boolean {
    return this.#pausedAtMs !== Number.POSITIVE_INFINITY;
  }

  /** Nothing is due from now on, backlog and all; the law's time stands still. */
  pause(nowMs: number): void {
    if (this.isPaused) return;
    this.#pausedAtMs = nowMs;
    this.#limit();
  }

  /** Go on from where it was, as far behind or ahead as it was. */
  resume(nowMs: number): void {
    if (!this.isPaused) return;
    this.#idleMs += nowMs - this.#pausedAtMs;
    this.#pausedAtMs = Number.POSITIVE_INFINITY;
    this.#limit();
  }

  /** End after so many items, counted from the start, at the latest. */
  endBy(items: number): void {
    this.#totalItems = Math.min(this.#totalItems, items);
    this.#limit();
  }

  /** How it was steered so far. */
  get state(): ScheduleState {
    const { sinceMs, dueThen, owedFrom, owedSinceMs } = this.#course ?? NO_COURSE;
    const course = { sinceMs, dueThen, owedFrom, owedSinceMs };
    return { ...course, totalItems: this.#totalItems, pausedAtMs: this.#pausedAtMs, idleMs: this.#idleMs };
  }

  /** Go on as another did that was steered. lawFrom: as of the last turn */
  restore(state: ScheduleState, lawFrom: Turn["lawFrom"]): void {
    const { totalItems, pausedAtMs, idleMs, ...course } = state;
    const law = lawFrom(Number.isNaN(course.sinceMs) ? 0 : course.sinceMs);
    this.#course = law && { law, ...course };
    this.#totalItems = totalItems;
    this.#pausedAtMs = pausedAtMs;
    this.#idleMs = idleMs;
    this.#limit();
  }

  /** Set the limits anew, whose law or time is not what they were made for. */
  #limit(): void {
    const asked = this.#askedItems();
    const total = Math.round(this.#totalItems);
    const endsWithItems = Number.isFinite(total) && total <= asked;
    Object.assign(this.#limits, { items: Math.max(this.position, Math.min(total, asked)), endsWithItems });
    this.#momentOf = -1;
  }

  /** Items that the law asks for by the end of the duration, if it is not paused again; Infinity where nobody knows. */
  #askedItems(): number {
    const { durationMs, laterByItems = 0, isRandom = false } = this.#limits;
    if (!this.#course || !Number.isFinite(durationMs) || isRandom) return Number.POSITIVE_INFINITY;
    const due = dueBy(this.#course, this.#lawMs(durationMs));
    return this.isPaused ? Math.floor(due) : Math.round(due + laterByItems);
  }

  /** The law's own time at a moment of the run. */
  #lawMs(atMs: number): number {
    return Math.min(atMs, this.#pausedAtMs) - this.#idleMs;
  }

  /** Items that may still be sent before the limit of items. */
  get itemsLeft(): number {
    return this.#limits.items - this.position;
  }

  /** How far behind the law sending is, ms. */
  lagMs(nowMs: number): number {
    const moment = this.nextMomentMs(nowMs);
    return moment < nowMs ? nowMs - moment : 0;
  }

  /** Items per second that its law asks for now; 0 without a law. */
  rateAt(nowMs: number): number {
    if (!this.#course || this.isPaused || this.position >= this.#limits.items) return 0;
    return this.#course.law.rateAt(this.#lawMs(nowMs) - this.#course.sinceMs);
  }

  /** A request of so many items is on its way. */
  advance(items: number): void {
    this.position += items;
  }

  /** Give up what is overdue by more than maxLagMs. */
  giveUpOverdue(nowMs: number): void {
    if (this.lagMs(nowMs) <= this.#maxLagMs) return;
    if (this.#giveUpTo(nowMs - this.#maxLagMs)) this.wasTooLate = true;
  }

  /** The run is over, at this moment: give up whatever was due by then. */
  finish(nowMs: number): void {
    if (this.#giveUpTo(Math.min(nowMs, this.#limits.durationMs))) this.wasLeftOver = true;
  }

  /** Nobody goes on with it: give up all that is left, or what is due by now where nothing limits that. */
  abandon(nowMs: number): void {
    const { items, durationMs } = this.#limits;
    if (Number.isFinite(items)) this.#giveUpItems(items);
    else this.#giveUpTo(Number.isFinite(durationMs) ? durationMs : nowMs);
  }

  /** Whether there was anything to give up. */
  #giveUpTo(momentMs: number): boolean {
    if (!this.#course) return false;
    const { items, durationMs } = this.#limits;
    const dueItems = Math.min(Math.floor(dueBy(this.#course, this.#lawMs(momentMs))), items);
    // At the end all of its items are due, to the item, however the shares of the rate were rounded.
    const due = momentMs >= durationMs && Number.isFinite(items) ? items : dueItems;
    return this.#giveUpItems(due);
  }

  #giveUpItems(upTo: number): boolean {
    if (upTo <= this.position) return false;
    this.unsent += upTo - this.position;
    this.position = upTo;
    return true;
  }
}
