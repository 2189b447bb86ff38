/**
 * Rates of one replayer process, by its own clock. Its snapshots arrive when they arrive, some late under load, so rates are
 * differences of what it counted over the time that passed between its own looks; the sum over processes is then exact.
 */
import { addCounts, type Counts, newCounts } from "../ledger/counts.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { type PerSignal, perSignal, SIGNALS } from "../otlp/signal.ts";

/** Long enough not to see single requests, short enough to see a change. */
const RATE_MS = 1000;
/** Refusals come in lumps. */
const ANSWER_RATE_MS = 5000;
/** A process that has said nothing new for so long has ended or hangs. */
const SILENT_MS = 3000;

/** What a process does per second. */
export interface Rates {
  /** Every counter, per second. */
  counts: PerSignal<Counts>;
  /** 1 = one core. */
  cpu: number;
  /** Requests answered, by address. */
  targets: Map<string, number>;
  /** Refusals by code. */
  answers: Map<string, number>;
  /** The time that they are means over. */
  overMs: number;
}

type Mark = Omit<Snapshot, "latencies">;

export class ProcessRates {
  #marks: Mark[] = [];
  #newsAtMs = 0;

  /**
   * Rates up to this snapshot; the first are means since the process began.
   *
   * nowMs  on the clock of whoever looks; only for telling silence
   */
  ratesAt({ latencies: _, ...now }: Snapshot, nowMs: number): Rates {
    const latest = this.#marks.at(-1);
    if (latest === undefined || latest.elapsedMs < now.elapsedMs) {
      this.#newsAtMs = nowMs;
      this.#marks = this.#marks.filter(({ elapsedMs }) => elapsedMs >= now.elapsedMs - 2 * ANSWER_RATE_MS);
      this.#marks.push(now);
    }
    if (nowMs - this.#newsAtMs > SILENT_MS) return noRates();
    const earlier = this.#markAt(now.elapsedMs - RATE_MS, now);
    const longAgo = this.#markAt(now.elapsedMs - ANSWER_RATE_MS, now);
    const perSecond = perSecondSince(now, earlier);
    const answersThen = new Map(longAgo?.answers.map(({ code, count }) => [code, count]));
    const perSecondLong = perSecondSince(now, longAgo);
    return {
      counts: perSignal((signal) =>
        now.counts[signal].map((count, index) => perSecond(count - (earlier?.counts[signal][index] ?? 0))),
      ),
      cpu: perSecond(now.cpuSeconds - (earlier?.cpuSeconds ?? 0)),
      targets: new Map(
        Object.entries(now.targets).map(([address, { requests }]) => [
          address,
          perSecond(requests - (earlier?.targets[address]?.requests ?? 0)),
        ]),
      ),
      answers: new Map(
        now.answers.map(({ code, count }) => [code, perSecondLong(count - (answersThen.get(code) ?? 0))]),
      ),
      overMs: now.elapsedMs - (earlier?.elapsedMs ?? 0),
    };
  }

  /** The newest mark that is as old (timers are not exact), else the oldest; undefined for the start of the run. */
  #markAt(atMs: number, now: Mark): Mark | undefined {
    if (atMs < 0) return undefined;
    return (
      this.#marks.findLast(({ elapsedMs }) => elapsedMs <= atMs + 50) ??
      this.#marks.find(({ elapsedMs }) => elapsedMs < now.elapsedMs)
    );
  }
}

/** Rates of several processes together. */
export function sumOfRates(parts: readonly Rates[]): Rates {
  const sum = noRates();
  for (const part of parts) {
    for (const signal of SIGNALS) addCounts(sum.counts[signal], part.counts[signal]);
    sum.cpu += part.cpu;
    addTo(sum.targets, part.targets);
    addTo(sum.answers, part.answers);
    sum.overMs = Math.max(sum.overMs, part.overMs);
  }
  return sum;
}

function noRates(): Rates {
  return { counts: perSignal(newCounts), cpu: 0, targets: new Map(), answers: new Map(), overMs: 0 };
}

function addTo(sums: Map<string, number>, parts: ReadonlyMap<string, number>): void {
  for (const [key, value] of parts) sums.set(key, (sums.get(key) ?? 0) + value);
}

function perSecondSince(now: Mark, earlier: Mark | undefined): (amount: number) => number {
  const seconds = (now.elapsedMs - (earlier?.elapsedMs ?? 0)) / 1000;
  return (amount) => (seconds > 0 ? Math.max(0, amount) / seconds : 0);
}
