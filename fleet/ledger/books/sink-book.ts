/**
 * What sinks received during the account, over all their lives: a sink that is started again counts from zero.
 */
import { type PerSignal, perSignal, SIGNALS } from "../../../otlp/signal.ts";
import { beginGrowth, currentOf, type Growth, grow, type Numbers, sumOf } from "./growth.ts";

export const SINK_COUNTERS = ["received", "rejected", "refused", "repeated"] as const;
export type SinkItems = Record<(typeof SINK_COUNTERS)[number], number>;

/** What the sink has found so far: whether all ids, times and links are as they should be. */
export interface SinkVerdict {
  ok: boolean;
  /** Traces that certainly were sent and did not come, and kinds of findings. */
  missingTraces: number;
  findings: string[];
}

/** One reading of a sink, as its `GET /ledger` answers. */
export interface SinkReading {
  /** Names its life. */
  startedAt: string;
  signals: PerSignal<SinkItems>;
  /** Absent where nothing is verified, or nobody asked for it. */
  verdict?: SinkVerdict;
}

/** Plain data. */
export interface SinkEntry {
  address: string;
  startedAt: string;
  growth: Growth;
  readAtMs: number;
  isUp: boolean;
  trouble: string;
  verdict?: SinkVerdict;
}

export class SinkBook {
  readonly #entries: Map<string, SinkEntry>;

  constructor(entries: readonly SinkEntry[] = []) {
    this.#entries = new Map(entries.map((entry) => [entry.address, entry]));
  }

  entries(): SinkEntry[] {
    return [...this.#entries.values()];
  }

  /** isFromZero  whether all that a sink received which was never read before belongs to the account */
  read(address: string, reading: SinkReading, nowMs: number, isFromZero: boolean): void {
    const numbers: Numbers = {};
    for (const signal of SIGNALS) {
      for (const counter of SINK_COUNTERS) numbers[`${signal} ${counter}`] = reading.signals[signal][counter];
    }
    const { startedAt, verdict } = reading;
    const known = this.#entries.get(address);
    const growth = known?.growth ?? beginGrowth(numbers, isFromZero);
    if (known) grow(growth, numbers, known.startedAt !== startedAt);
    const kept = verdict ?? known?.verdict;
    this.#entries.set(address, {
      address,
      startedAt,
      growth,
      readAtMs: nowMs,
      isUp: true,
      trouble: "",
      ...(kept === undefined ? {} : { verdict: kept }),
    });
  }

  miss(address: string, trouble: string): void {
    const entry = this.#entries.get(address);
    if (entry) Object.assign(entry, { isUp: false, trouble: trouble.slice(0, 200) });
  }

  /** Sums of all; undefined when none was read. */
  sums(): PerSignal<SinkItems> | undefined {
    if (this.#entries.size === 0) return undefined;
    let numbers: Numbers = {};
    for (const { growth } of this.#entries.values())
      numbers = sumOf(numbers, sumOf(growth.earlier, currentOf(growth)));
    return perSignal(
      (signal) =>
        Object.fromEntries(
          SINK_COUNTERS.map((counter) => [counter, numbers[`${signal} ${counter}`] ?? 0]),
        ) as SinkItems,
    );
  }
}
