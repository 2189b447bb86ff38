/** The rates of the last minute, one a second, for the sparkline. */
export class RateHistory {
  readonly #seconds: number;
  #rates: number[] = [];
  #latestSecond = -1;

  /** seconds  how far back the history goes */
  constructor(seconds = 60) {
    this.#seconds = seconds;
  }

  /** Oldest first, at most one per second of the history; NaN for seconds in which no sample came. */
  get rates(): readonly number[] {
    return this.#rates;
  }

  /** Several samples in one second: the latest counts. A sample older than the latest is ignored. */
  add(elapsedMs: number, rate: number): void {
    const second = Math.floor(elapsedMs / 1000);
    if (second < this.#latestSecond) return;
    if (second === this.#latestSecond) {
      this.#rates[this.#rates.length - 1] = rate;
      return;
    }
    const gap = this.#latestSecond < 0 ? 0 : Math.min(second - this.#latestSecond - 1, this.#seconds);
    for (let missed = 0; missed < gap; missed++) this.#rates.push(Number.NaN);
    this.#rates.push(rate);
    this.#rates = this.#rates.slice(-this.#seconds);
    this.#latestSecond = second;
  }
}
