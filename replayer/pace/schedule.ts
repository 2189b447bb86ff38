/**
 * The schedule of one signal: how far along its rate law it is, and when the next request is due.
 *
 * Open loop: the law does not wait for the target. Whoever falls behind catches up; what is older than `maxLagMs` by then is
 * given up as unsent. Without a law (rate 0) a request is due whenever one can be sent.
 */
import type { RateLaw } from "./rate-law.ts";

/** Where a run ends, whichever comes first. */
export interface ScheduleLimits {
  durationMs: number;
  /** Items, sent or given up. */
  items: number;
  /** Whether it is over with the last of its items, or goes on without any until the duration is over. */
  endsWithItems: boolean;
}

/** What was due by the end may still leave so long after it; a larger backlog is unsent, for the run is over. */
const END_GRACE_MS = 1000;
/** What rounding would move behind the end of the duration is due so long before it. */
const LAST_MS = 1;

export class Schedule {
  readonly #law: RateLaw | undefined;
  readonly #limits: ScheduleLimits;
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
    this.#law = law;
    this.#limits = limits;
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
    if (nowMs > this.#limits.durationMs + END_GRACE_MS) return Number.POSITIVE_INFINITY;
    const moment = this.#law ? this.#dueMs(this.#law) : nowMs;
    return moment < this.#limits.durationMs ? moment : Number.POSITIVE_INFINITY;
  }

  #dueMs(law: RateLaw): number {
    if (this.#momentOf === this.position) return this.#momentMs;
    const { durationMs, items, endsWithItems } = this.#limits;
    let moment = law.momentMs(this.position);
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

  /** Items that may still be sent before the limit of items. */
  get itemsLeft(): number {
    return this.#limits.items - this.position;
  }

  /** How far behind the law sending is, ms. */
  lagMs(nowMs: number): number {
    const moment = this.nextMomentMs(nowMs);
    return moment < nowMs ? nowMs - moment : 0;
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
    if (!this.#law) return false;
    const { items, durationMs } = this.#limits;
    const dueItems = Math.min(Math.floor(this.#law.dueItems(momentMs)), items);
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
