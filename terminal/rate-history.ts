/** The rates of the last minutes, sent and planned, for the chart. */

/** A stretch of the history: events per second, means over it; NaN where no sample came. */
export interface RateColumn {
  rate: number;
  /** 0 = as fast as the target takes it */
  planned: number;
}

/** Seconds that a column of the chart may stand for. A fresh run fills its chart quickly, an old one shows minutes. */
const STEPS = [1, 2, 5];
/** As many columns as the widest chart has. */
const KEPT_SECONDS = 240 * STEPS.at(-1)!;

const UNKNOWN: RateColumn = { rate: Number.NaN, planned: Number.NaN };

export class RateHistory {
  readonly #seconds: number;
  #rates: RateColumn[] = [];
  #latestSecond = -1;

  /** seconds  how far back the history goes */
  constructor(seconds = KEPT_SECONDS) {
    this.#seconds = seconds;
  }

  /** Several samples in one second: the latest counts. A sample older than the latest is ignored. */
  add(elapsedMs: number, rate: number, planned: number): void {
    const second = Math.floor(elapsedMs / 1000);
    if (second < this.#latestSecond) return;
    if (second === this.#latestSecond) this.#rates.pop();
    else if (this.#latestSecond >= 0) {
      const missed = Math.min(second - this.#latestSecond - 1, this.#seconds);
      for (let n = 0; n < missed; n++) this.#rates.push(UNKNOWN);
    }
    this.#rates.push({ rate, planned });
    if (this.#rates.length > this.#seconds) this.#rates.splice(0, this.#rates.length - this.#seconds);
    this.#latestSecond = second;
  }

  /**
   * The latest stretches, oldest first, at most `count` of them: as many seconds each as it takes to show all, up to five.
   * They begin at whole multiples of that, so that a column keeps its height until it leaves.
   */
  columns(count: number): { seconds: number; columns: RateColumn[] } {
    const rates = this.#rates;
    const seconds = STEPS.find((step) => rates.length <= step * (count - 1)) ?? STEPS.at(-1)!;
    const first = this.#latestSecond - rates.length + 1;
    const columns: RateColumn[] = [];
    for (let from = Math.floor(first / seconds) * seconds; from <= this.#latestSecond; from += seconds) {
      columns.push(meanOf(rates.slice(Math.max(0, from - first), from - first + seconds)));
    }
    return { seconds, columns: count > 0 ? columns.slice(-count) : [] };
  }
}

function meanOf(rates: readonly RateColumn[]): RateColumn {
  const known = rates.filter(({ rate }) => Number.isFinite(rate));
  if (known.length === 0) return UNKNOWN;
  const mean = (of: (column: RateColumn) => number) =>
    known.reduce((sum, column) => sum + of(column), 0) / known.length;
  return { rate: mean(({ rate }) => rate), planned: mean(({ planned }) => planned) };
}
