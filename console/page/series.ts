/**
 * The columns that charts draw, made of the points of the history. Pure. Times in seconds since 1970, as uPlot wants them; null where nothing
 * is known, so that lines have gaps there.
 */
import type { HistoryPoint, StepLatency } from "../../ledger/history.ts";
import type { Signal } from "../../otlp/signal.ts";
import { SIGNALS } from "./signals.ts";

/** One value a point. */
export type Column = (number | null)[];

export interface RateColumns {
  times: number[];
  planned: Column;
  /** Items a second of each signal that is sent. */
  sent: { signal: Signal; values: Column }[];
}

/** Points that end after `sinceMs`. They are in order: found from the end. */
export function pointsSince(points: readonly HistoryPoint[], sinceMs: number): readonly HistoryPoint[] {
  let first = points.length;
  while (first > 0 && points[first - 1]!.atMs > sinceMs) first--;
  return first === 0 ? points : points.slice(first);
}

export function rateColumns(points: readonly HistoryPoint[]): RateColumns {
  const signals = SIGNALS.filter((signal) => points.some((point) => point.signals[signal]));
  return {
    times: timesOf(points),
    planned: points.map(({ plannedPerSecond }) => plannedPerSecond),
    sent: signals.map((signal) => ({
      signal,
      values: points.map(({ signals: steps, stepMs }) => perSecond(steps[signal]?.sent ?? 0, stepMs)),
    })),
  };
}

/** Each column on top of those before it. */
export function stacked(columns: readonly Column[]): Column[] {
  const sums: Column[] = [];
  for (const column of columns) {
    const below = sums.at(-1);
    sums.push(column.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return sums;
}

export const LATENCIES = ["p50", "p90", "p99"] as const satisfies readonly (keyof StepLatency)[];

export function latencyColumns(points: readonly HistoryPoint[]): { times: number[]; values: Column[] } {
  return {
    times: timesOf(points),
    // The axis is logarithmic: below what is measured there is no zero.
    values: LATENCIES.map((name) =>
      points.map(({ latencyMs }) => (latencyMs ? Math.max(0.05, latencyMs[name]) : null)),
    ),
  };
}

/** Kinds that have a colour of their own; what is beyond is one kind. */
export const MAX_KINDS = 5;
export const OTHER_KINDS = "other";

/** Answers of one kind. */
export interface Kind {
  name: string;
  values: Column;
  /** How many of a point's answers are of it. */
  countOf(answers: HistoryPoint["answers"]): number;
}

/**
 * Answers a second by kind, most frequent kinds first.
 *
 * known  kinds in the order in which they were met before: a kind keeps its place, and with it its colour. New ones are added to it
 */
export function errorColumns(
  points: readonly HistoryPoint[],
  known: string[],
): { times: number[]; kinds: Kind[] } {
  const counts = new Map<string, number>();
  for (const { answers } of points)
    for (const [name, count] of Object.entries(answers)) counts.set(name, (counts.get(name) ?? 0) + count);
  const frequent = [...counts].sort(([, a], [, b]) => b - a);
  for (const [name] of frequent) if (!known.includes(name) && known.length < MAX_KINDS) known.push(name);
  const shown = known.filter((name) => counts.has(name));
  const kind = (name: string, countOf: Kind["countOf"]): Kind => ({
    name,
    countOf,
    values: points.map(({ answers, stepMs }) => perSecond(countOf(answers), stepMs)),
  });
  // A kind may be called like what every object has.
  const kinds = shown.map((name) =>
    kind(name, (answers) => (Object.hasOwn(answers, name) ? answers[name]! : 0)),
  );
  if (frequent.length > shown.length)
    kinds.push(
      kind(OTHER_KINDS, (answers) =>
        Object.entries(answers).reduce((sum, [name, count]) => sum + (shown.includes(name) ? 0 : count), 0),
      ),
    );
  return { times: timesOf(points), kinds };
}

/** Count in a step of time, as a rate. */
export function perSecond(count: number, stepMs: number): number {
  return stepMs > 0 ? (count * 1000) / stepMs : 0;
}

function timesOf(points: readonly HistoryPoint[]): number[] {
  return points.map(({ atMs }) => atMs / 1000);
}
