/**
 * The steps of a run's history, in bounded memory: the latest as they came, a second each, older ones merged until they are few enough.
 *
 *   |  older: up to 600 steps of up to 2^n seconds  |  recent: the latest 600, a second each  |
 *
 * A step that leaves the recent ones joins the last older one as long as both together are no longer than 2^n seconds. Where there are too many
 * older ones, n rises by one, and neighbours are merged.
 */
import type { CollectorsStep, HistoryPoint, SignalStep, StepLatency } from "../../../ledger/history.ts";
import { LatencySum } from "../../../ledger/latency-sum.ts";
import { SIGNALS, type Signal } from "../../../otlp/signal.ts";

/** A step of time with what merging needs. Plain data. */
export interface Step {
  point: HistoryPoint;
  /** Points that came to be one. */
  seconds: number;
  /** Coarse latencies of each signal with their counts behind them. */
  latencyUs: Partial<Record<Signal, number[]>>;
}

/** Of each kind. */
export const MOST_STEPS = 600;

export class HistorySteps {
  #older: Step[] = [];
  readonly #recent: Step[] = [];
  #widestSeconds = 1;

  /** step  begins where the last one ends */
  append(step: Step): void {
    this.#recent.push(step);
    if (this.#recent.length <= MOST_STEPS) return;
    join(this.#older, this.#recent.shift()!, this.#widestSeconds);
    while (this.#older.length > MOST_STEPS) {
      this.#widestSeconds *= 2;
      const older: Step[] = [];
      for (const one of this.#older) join(older, one, this.#widestSeconds);
      this.#older = older;
    }
  }

  /** Oldest first. Not to be changed. */
  all(): Step[] {
    return [...this.#older, ...this.#recent];
  }

  /** Points after the one with this id, each as it came; undefined where they cannot be told: merged since, or never here. */
  since(id: number): HistoryPoint[] | undefined {
    const first = this.#recent[0];
    if (!first || id < first.point.id - first.seconds || id > this.#recent.at(-1)!.point.id) return undefined;
    return this.#recent.filter(({ point }) => point.id > id).map(({ point }) => point);
  }
}

/** Add a step to a list, as a part of its last one where both together are short enough. */
function join(steps: Step[], step: Step, widestSeconds: number): void {
  const last = steps.at(-1);
  if (last && last.seconds + step.seconds <= widestSeconds) steps[steps.length - 1] = merge(last, step);
  else steps.push(step);
}

/** Two steps, one after the other, as one. */
function merge(a: Step, b: Step): Step {
  const latencyUs: Step["latencyUs"] = {};
  for (const signal of SIGNALS) {
    const flats = [a.latencyUs[signal], b.latencyUs[signal]].filter((flat) => flat !== undefined);
    if (flats.length > 0) latencyUs[signal] = sumOf(flats).flat();
  }
  return { point: mergePoints(a.point, b.point, latencyUs), seconds: a.seconds + b.seconds, latencyUs };
}

function mergePoints(a: HistoryPoint, b: HistoryPoint, latencyUs: Step["latencyUs"]): HistoryPoint {
  const stepMs = a.stepMs + b.stepMs;
  const mean = (one: number, other: number) => (one * a.stepMs + other * b.stepMs) / stepMs;
  const signals: HistoryPoint["signals"] = {};
  for (const signal of SIGNALS) {
    const [one, other] = [a.signals[signal], b.signals[signal]];
    if (!one && !other) continue;
    const step = { ...(one ?? other!) };
    for (const name of Object.keys(step) as (keyof SignalStep)[])
      if (name !== "latencyMs" && one && other) step[name] = one[name] + other[name];
    step.latencyMs = latencyOf(latencyUs[signal] ?? []);
    signals[signal] = step;
  }
  return {
    id: b.id,
    atMs: b.atMs,
    stepMs,
    plannedPerSecond: both(a.plannedPerSecond, b.plannedPerSecond, mean),
    signals,
    latencyMs: latencyOf(...Object.values(latencyUs)),
    answers: addedAnswers(a.answers, b.answers),
    replicas: b.replicas,
    lagMs: Math.max(a.lagMs, b.lagMs),
    cores: mean(a.cores, b.cores),
    rssBytes: Math.max(a.rssBytes, b.rssBytes),
    collectors: both(a.collectors, b.collectors, (one, other) => mergeCollectors(one, other, mean)),
    received: both(a.received, b.received, (one, other) => one + other),
  };
}

function mergeCollectors(
  a: CollectorsStep,
  b: CollectorsStep,
  mean: (one: number, other: number) => number,
): CollectorsStep {
  return {
    up: b.up,
    gone: b.gone,
    accepted: a.accepted + b.accepted,
    refused: a.refused + b.refused,
    exported: a.exported + b.exported,
    failed: a.failed + b.failed,
    notQueued: a.notQueued + b.notQueued,
    queued: Math.max(a.queued, b.queued),
    queueCapacity: b.queueCapacity ?? a.queueCapacity,
    cores: both(a.cores, b.cores, mean),
    rssBytes: both(a.rssBytes, b.rssBytes, Math.max),
  };
}

/** A kind of answer may be called like what every object has: `constructor`. */
export const answersOf = (answers: Readonly<Record<string, number>>, code: string): number =>
  Object.hasOwn(answers, code) ? answers[code]! : 0;

/** Sums by kind. */
export function addedAnswers(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const codes = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...codes].map((code) => [code, answersOf(a, code) + answersOf(b, code)]));
}

/** Of both where both are known, else the one that is. */
function both<T>(a: T | null, b: T | null, merged: (a: T, b: T) => T): T | null {
  return a === null || b === null ? (a ?? b) : merged(a, b);
}

function sumOf(flats: readonly (readonly number[])[]): LatencySum {
  const sum = new LatencySum();
  for (const flat of flats) sum.add(flat);
  return sum;
}

/** Percentiles of latencies of several signals together; null for none. */
export function latencyOf(...flats: readonly (readonly number[])[]): StepLatency | null {
  if (flats.every((flat) => flat.length === 0)) return null;
  const { p50, p90, p99, max } = sumOf(flats).summary();
  return { p50, p90, p99, max };
}
