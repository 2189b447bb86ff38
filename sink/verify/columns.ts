/** A column that grows; `data` is replaced when it does, so fetch it anew after growing. */
export class IntColumn {
  data: Int32Array;

  constructor(capacity = 1024) {
    this.data = new Int32Array(capacity);
  }

  /** Sets row `index`, which may be the first beyond the end. */
  set(index: number, value: number): void {
    if (index >= this.data.length) this.#grow();
    this.data[index] = value;
  }

  #grow(): void {
    const larger = new Int32Array(this.data.length * 2);
    larger.set(this.data);
    this.data = larger;
  }
}
