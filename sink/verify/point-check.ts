import type { FindingName, Findings } from "./findings.ts";
import { timeMs } from "./nanos.ts";
import { CUMULATIVE, DELTA, MISMATCH, MONOTONIC, PointTable } from "./point-table.ts";
import { SeriesTable } from "./series-table.ts";
import type { TimeCheck } from "./time-check.ts";

/**
 * Judges data points: times, buckets, and each point against the one before it in its series.
 *
 * Requests may overtake each other, so a point older than the last one is late, not wrong; it must still fit: no
 * sum may fall as time goes on.
 */
export class PointCheck {
  /** Points older than the last one of their series. */
  late = 0;
  /** Series that began again with a later start time. */
  restarts = 0;
  /** Points of series beyond the number that is tracked: only their times and buckets were checked. */
  untracked = 0;

  readonly #table = new PointTable();
  readonly #series: SeriesTable;
  readonly #times: TimeCheck;
  readonly #findings: Findings;

  constructor(maxSeries: number, times: TimeCheck, findings: Findings) {
    this.#series = new SeriesTable(maxSeries);
    this.#times = times;
    this.#findings = findings;
  }

  /** Series that are tracked. */
  get seriesCount(): number {
    return this.#series.size;
  }

  /** Judge one ExportMetricsServiceRequest at `now`, milliseconds since the epoch. Throws WireError as for spans. */
  check(body: Uint8Array, now: number): void {
    const table = this.#table;
    table.fill(body);
    for (let row = 0; row < table.length; row++) this.#checkPoint(body, row, now);
  }

  #checkPoint(body: Uint8Array, row: number, now: number): void {
    const table = this.#table;
    const traits = table.traits.data[row]!;
    const timeAt = table.time.data[row]!;
    if ((traits & MISMATCH) !== 0) this.#found("bucketMismatches", body, row);
    this.#times.check(timeMs(body, timeAt), now, "a data point");
    const start = timeMs(body, table.start.data[row]!) * 1e6;
    const time = timeMs(body, timeAt) * 1e6;
    if (start > time) this.#found("invertedTimes", body, row);

    const series = this.#series;
    const slot = series.slotOf(table.seriesA.data[row]!, table.seriesB.data[row]!);
    if (slot < 0) {
      this.untracked++;
      return;
    }
    if (!series.isNew && !this.#follows(body, row, slot, start, time)) return;
    series.starts[slot] = start;
    series.times[slot] = time;
    series.values[slot] = table.values[row]!;
  }

  /** Judges a point by the last one of its series; false when that one stays the last. */
  #follows(body: Uint8Array, row: number, slot: number, start: number, time: number): boolean {
    const traits = this.#table.traits.data[row]!;
    const value = this.#table.values[row]!;
    const { starts, times, values } = this.#series;
    const [lastStart, lastTime, lastValue] = [starts[slot]!, times[slot]!, values[slot]!];
    const grows = (traits & CUMULATIVE) !== 0 && (traits & MONOTONIC) !== 0 && start === lastStart;
    if (time === lastTime) {
      this.#found(Object.is(value, lastValue) ? "duplicatePoints" : "collidingPoints", body, row);
      return false;
    }
    if (time < lastTime) {
      this.late++;
      if (grows && value > lastValue) this.#found("fallingSums", body, row);
      // It fills the gap that it left when its successor overtook it.
      if ((traits & DELTA) !== 0) this.#findings.takeBack("deltaGaps");
      return false;
    }
    if (grows && value < lastValue) this.#found("fallingSums", body, row);
    if ((traits & CUMULATIVE) !== 0 && start !== lastStart) {
      if (start < lastStart) this.#found("startsMovedBack", body, row);
      else this.restarts++;
    }
    if ((traits & DELTA) !== 0 && start !== lastTime) {
      this.#found(start > lastTime ? "deltaGaps" : "deltaOverlaps", body, row);
    }
    return true;
  }

  #found(name: FindingName, body: Uint8Array, row: number): void {
    this.#findings.add(name, () => {
      const at = this.#table.nameAt.data[row]!;
      const metric = Buffer.from(body.subarray(at, at + this.#table.nameLength.data[row]!)).toString();
      return `metric "${metric}", value ${this.#table.values[row]}`;
    });
  }
}
