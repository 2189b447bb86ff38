/** From costs to processes: how many of one kind a rate needs, and what each of them then does. */
import { type CostCurve, coresAt, memoryAt, rateWithin } from "./cost-curve.ts";

/** Processes of one kind that share a rate evenly. */
export interface Group {
  processes: number;
  eventsPerSecondEach: number;
  /** CPU-seconds a second, of each and of all. */
  coresEach: number;
  cores: number;
  /** Cores to have for them, so that none is used above the limit. */
  coresToHave: number;
  memoryBytesEach: number;
  memoryBytes: number;
}

export interface Demand {
  /** Of all of them. */
  eventsPerSecond: number;
  /** The part of a core that may be used, 0 to 1. */
  utilisation: number;
  /** Cores that one process can use. */
  coresPerProcess: number;
  /** Asked for: at least so many, more if it takes more. */
  atLeast?: number | undefined;
}

/** The processes that it takes. */
export function groupFor(
  curve: CostCurve,
  { eventsPerSecond, utilisation, coresPerProcess, atLeast = 1 }: Demand,
): Group {
  const limit = utilisation * coresPerProcess;
  // Not one more for what rounding leaves over.
  const processes = Math.max(atLeast, Math.ceil(eventsPerSecond / rateWithin(curve, limit) - 1e-9));
  const eventsPerSecondEach = eventsPerSecond / processes;
  const coresEach = coresAt(curve, eventsPerSecondEach);
  const memoryBytesEach = memoryAt(curve, eventsPerSecondEach);
  return {
    processes,
    eventsPerSecondEach,
    coresEach,
    cores: coresEach * processes,
    coresToHave: (coresEach * processes) / utilisation,
    memoryBytesEach,
    memoryBytes: memoryBytesEach * processes,
  };
}

/** A curve of processes that spend so much more on each event. */
export function dearer(curve: CostCurve, secondsPerEvent: number): CostCurve {
  return curve.map((point) => ({ ...point, cores: point.cores + point.eventsPerSecond * secondsPerEvent }));
}
