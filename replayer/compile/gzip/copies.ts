/** What a body is made of: a run of literal tokens, then so many bytes copied from so far back, again and again; literals at the end. */

export class Copies {
  /** First token of the literals in front of each copy, and the token behind them: where the copy begins. */
  runs = new Int32Array(1 << 14);
  ends = new Int32Array(1 << 14);
  /** Bytes of each copy, 3 to 258. */
  lengths = new Int32Array(1 << 14);
  /** How far back each copy lies, 1 to 32,768 bytes. */
  distances = new Int32Array(1 << 14);
  count = 0;
  /** First token of the literals behind the last copy. */
  rest = 0;

  reset(): void {
    this.count = 0;
    this.rest = 0;
  }

  /** from, to  the literal tokens in front of the copy; next: the token behind it */
  add(from: number, to: number, length: number, distance: number): void {
    if (this.count === this.runs.length) this.#grow();
    this.runs[this.count] = from;
    this.ends[this.count] = to;
    this.lengths[this.count] = length;
    this.distances[this.count++] = distance;
  }

  #grow(): void {
    this.runs = doubled(this.runs);
    this.ends = doubled(this.ends);
    this.lengths = doubled(this.lengths);
    this.distances = doubled(this.distances);
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
