/** Slots at the start; doubles when seven tenths are in use. */
const FIRST_CAPACITY = 1 << 14;
const FULL = 0.7;

/**
 * The last point of every series, in an open-addressing table of typed arrays: 32 bytes a slot, at most 134 MB for
 * the default of two million series. Times are nanoseconds since the epoch as doubles: equal within 256 ns.
 */
export class SeriesTable {
  /** Series held. */
  size = 0;
  starts = new Float64Array(FIRST_CAPACITY);
  times = new Float64Array(FIRST_CAPACITY);
  values = new Float64Array(FIRST_CAPACITY);
  /** True when the last `slotOf` made the slot. */
  isNew = false;

  readonly #maxSize: number;
  #keysA = new Int32Array(FIRST_CAPACITY);
  #keysB = new Int32Array(FIRST_CAPACITY);

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Slot of a series, made if need be; -1 when the table is full. Valid until the next call. */
  slotOf(a: number, hashB: number): number {
    const b = hashB | 1; // two zero words mean an empty slot
    let slot = this.#find(a, b);
    this.isNew = this.#keysB[slot] === 0;
    if (!this.isNew) return slot;
    if (this.size >= this.#maxSize) return -1;
    if (this.size >= this.#keysA.length * FULL) {
      this.#grow();
      slot = this.#find(a, b);
    }
    this.size++;
    this.#keysA[slot] = a;
    this.#keysB[slot] = b;
    return slot;
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #find(a: number, b: number): number {
    const mask = this.#keysA.length - 1;
    let slot = (a ^ (b >>> 7)) & mask;
    while (this.#keysB[slot] !== 0 && (this.#keysA[slot] !== a || this.#keysB[slot] !== b))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keysA, keysB, starts, times, values] = [
      this.#keysA,
      this.#keysB,
      this.starts,
      this.times,
      this.values,
    ];
    const capacity = keysA.length * 2;
    this.#keysA = new Int32Array(capacity);
    this.#keysB = new Int32Array(capacity);
    this.starts = new Float64Array(capacity);
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    for (let old = 0; old < keysA.length; old++) {
      if (keysB[old] === 0) continue;
      const slot = this.#find(keysA[old]!, keysB[old]!);
      this.#keysA[slot] = keysA[old]!;
      this.#keysB[slot] = keysB[old]!;
      this.starts[slot] = starts[old]!;
      this.times[slot] = times[old]!;
      this.values[slot] = values[old]!;
    }
  }
}
