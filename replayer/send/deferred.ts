/**
 * Late roots that wait for their moment: which record leaves when, and under which stamp key.
 *
 * A heap by due time in one array of numbers: adding and taking allocate nothing, except where the array doubles.
 */
import type { StampKey } from "../stamp/stamp-key.ts";

/** Doubles of an entry: due time, then what its request is made from. */
const DUE = 0;
const RECORD = 1;
const ITEMS = 2;
const INCARNATION = 3;
const PASS = 4;
const BASE_STEPS = 5;
const COLUMNS = 6;

export class Deferred {
  readonly #maxPending: number;
  /** Entry n lies at n * COLUMNS; it is due no later than entries 2n + 1 and 2n + 2. */
  #entries = new Float64Array(64 * COLUMNS);
  #length = 0;
  /** Items that wait. */
  pending = 0;
  /** Items that found no room. */
  dropped = 0;
  /** Items that were given up at the end. */
  unsent = 0;

  /** maxPending  items that may wait at one time */
  constructor(maxPending: number) {
    this.#maxPending = maxPending;
  }

  /** When the next one is due, ms since the run began; Infinity when none waits. */
  get dueMs(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : this.#entries[DUE]!;
  }

  /** The record that is due next. Only while one waits. */
  get record(): number {
    return this.#entries[RECORD]!;
  }

  /**
   * Let a record wait, to be stamped with this key but for its batch. False when there is no room: it is dropped then.
   * items  of the record, or fewer when the end of the run cuts it
   */
  add(dueMs: number, record: number, items: number, key: Readonly<StampKey>): boolean {
    if (this.pending + items > this.#maxPending) {
      this.dropped += items;
      return false;
    }
    this.pending += items;
    const at = this.#length++ * COLUMNS;
    if (at === this.#entries.length) this.#grow();
    const entries = this.#entries;
    entries[at + DUE] = dueMs;
    entries[at + RECORD] = record;
    entries[at + ITEMS] = items;
    entries[at + INCARNATION] = key.incarnation;
    entries[at + PASS] = key.pass;
    entries[at + BASE_STEPS] = key.baseSteps;
    this.#rise(this.#length - 1);
    return true;
  }

  /** Take the record that is due next: fills its key and returns its items. Only while one waits. */
  take(key: StampKey): number {
    const entries = this.#entries;
    const items = entries[ITEMS]!;
    key.batch = entries[RECORD]!;
    key.incarnation = entries[INCARNATION]!;
    key.pass = entries[PASS]!;
    key.baseSteps = entries[BASE_STEPS]!;
    this.pending -= items;
    this.#length--;
    entries.copyWithin(0, this.#length * COLUMNS, (this.#length + 1) * COLUMNS);
    this.#sink();
    return items;
  }

  /** The run is over: what still waits is unsent. */
  giveUp(): void {
    this.unsent += this.pending;
    this.pending = 0;
    this.#length = 0;
  }

  #rise(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (this.#entries[parent * COLUMNS]! <= this.#entries[child * COLUMNS]!) return;
      this.#swap(parent, child);
      child = parent;
    }
  }

  #sink(): void {
    for (let parent = 0; ; ) {
      const left = parent * 2 + 1;
      const right = left + 1;
      if (left >= this.#length) return;
      const entries = this.#entries;
      const isRight = right < this.#length && entries[right * COLUMNS]! < entries[left * COLUMNS]!;
      const child = isRight ? right : left;
      if (entries[parent * COLUMNS]! <= entries[child * COLUMNS]!) return;
      this.#swap(parent, child);
      parent = child;
    }
  }

  #swap(one: number, other: number): void {
    const entries = this.#entries;
    for (let column = 0; column < COLUMNS; column++) {
      const kept = entries[one * COLUMNS + column]!;
      entries[one * COLUMNS + column] = entries[other * COLUMNS + column]!;
      entries[other * COLUMNS + column] = kept;
    }
  }

  #grow(): void {
    const larger = new Float64Array(this.#entries.length * 2);
    larger.set(this.#entries);
    this.#entries = larger;
  }
}
