/**
 * All that one replica counts, as one row of numbers, so that rates and steps of time are differences: the counters of each signal, then the
 * seconds of CPU.
 */
import { COUNTER_INDEX, COUNTERS, type Counter } from "../../../ledger/counts.ts";
import type { Statement } from "../../../ledger/statement-schema.ts";
import { SIGNALS, type Signal } from "../../../otlp/signal.ts";

export type ReplicaNumbers = Float64Array;

/** Of the seconds of CPU. */
export const CPU_INDEX = SIGNALS.length * COUNTERS.length;

export const newReplicaNumbers = (): ReplicaNumbers => new Float64Array(CPU_INDEX + 1);

/** Of a counter of a signal. */
export const numberIndex = (signal: Signal, counter: Counter): number =>
  SIGNALS.indexOf(signal) * COUNTERS.length + COUNTER_INDEX[counter];

export function numbersOf({ signals, cpuSeconds }: Statement): ReplicaNumbers {
  const numbers = newReplicaNumbers();
  for (let signal = 0, index = 0; signal < SIGNALS.length; signal++) {
    const said = signals[SIGNALS[signal]!];
    for (let counter = 0; counter < COUNTERS.length; counter++, index++)
      if (said) numbers[index] = said[COUNTERS[counter]!];
  }
  numbers[CPU_INDEX] = cpuSeconds;
  return numbers;
}

/** What was known at a moment, ms by the service's clock. */
export interface Reading {
  atMs: number;
  numbers: ReplicaNumbers;
}

/** Add to `sum` what stood at `atMs`, which is between two readings: as if everything had grown evenly. */
export function addBetween(sum: ReplicaNumbers, from: Reading, to: Reading, atMs: number): void {
  const span = to.atMs - from.atMs;
  const share = span > 0 ? Math.min(1, Math.max(0, (atMs - from.atMs) / span)) : 1;
  for (let index = 0; index < sum.length; index++)
    sum[index]! += from.numbers[index]! + share * (to.numbers[index]! - from.numbers[index]!);
}
