/**
 * Sums of coarse latencies: those of thousands of replicas a second, for which a histogram would look up too much.
 */
import type { LatencyMs } from "./latency.ts";

export class LatencySum {
  readonly #counts = new Map<number, number>();

  /** flat  latencies in microseconds, each with its count behind it */
  add(flat: readonly number[]): void {
    for (let n = 0; n < flat.length; n += 2)
      this.#counts.set(flat[n]!, (this.#counts.get(flat[n]!) ?? 0) + flat[n + 1]!);
  }

  /** What was added since this sum was `earlier`. */
  since(earlier: LatencySum): LatencySum {
    const grown = new LatencySum();
    for (const [us, count] of this.#counts) {
      const more = count - (earlier.#counts.get(us) ?? 0);
      if (more > 0) grown.#counts.set(us, more);
    }
    return grown;
  }

  /** Ascending, as `add` takes it. */
  flat(): number[] {
    return this.#ascending().flat();
  }

  /** All 0 when nothing was measured. */
  summary(): LatencyMs {
    const counts = this.#ascending();
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const at = (share: number): number => {
      let seen = 0;
      for (const [us, count] of counts) {
        seen += count;
        if (seen >= share * total) return us / 1000;
      }
      return 0;
    };
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  }

  #ascending(): [us: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
