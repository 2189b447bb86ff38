/**
 * What a process costs at the rates that it was measured at, and what follows for others. No straight line: a sender that wakes up for
 * each request pays ten times as much for one as a sender that is never idle.
 */

/** One process at one rate. */
export interface CostPoint {
  eventsPerSecond: number;
  /** CPU-seconds a second, user and system time of all its threads. */
  cores: number;
  /** Resident. */
  memoryBytes: number;
}

/** Points by rising rate, cores rising too; at least one. */
export type CostCurve = readonly CostPoint[];

/** A curve of measurements, any number of each rate: the medians, for what else the machine did hits some of them. */
export function curveOf(rounds: readonly (readonly CostPoint[])[]): CostCurve {
  const curve: CostPoint[] = [];
  for (let n = 0; n < (rounds[0]?.length ?? 0); n++) {
    const points = rounds.map((round) => round[n]!);
    const median = (of: keyof CostPoint) => medianOf(points.map((point) => point[of]));
    curve.push({
      eventsPerSecond: median("eventsPerSecond"),
      cores: median("cores"),
      // What a process took at a higher rate it keeps, so the first time at a rate says what that needs.
      memoryBytes: Math.min(...points.map(({ memoryBytes }) => memoryBytes)),
    });
  }
  curve.sort((a, b) => a.eventsPerSecond - b.eventsPerSecond);
  // More cannot cost less; where it was measured so, the machine was disturbed at the lower rate.
  for (let n = curve.length - 2; n >= 0; n--) {
    curve[n]!.cores = Math.min(curve[n]!.cores, curve[n + 1]!.cores);
  }
  return curve;
}

/** Of at least one value; of an even number of them the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Cores of one process at a rate: on the line between the points beside it. Below the first point and above the last one an event costs
 * what it costs there, which is too little for rates far below, and rather too much for rates above.
 */
export function coresAt(curve: CostCurve, eventsPerSecond: number): number {
  const [below, above] = beside(curve, eventsPerSecond);
  if (below === above) return below.cores * (eventsPerSecond / below.eventsPerSecond);
  const part = (eventsPerSecond - below.eventsPerSecond) / (above.eventsPerSecond - below.eventsPerSecond);
  return below.cores + part * (above.cores - below.cores);
}

/** Memory of one process at a rate, as at the point above it. */
export function memoryAt(curve: CostCurve, eventsPerSecond: number): number {
  return beside(curve, eventsPerSecond)[1].memoryBytes;
}

/** The highest rate at which one process takes no more than so many cores. */
export function rateWithin(curve: CostCurve, cores: number): number {
  const n = curve.findIndex((point) => point.cores >= cores);
  const [first, last] = [curve[0]!, curve.at(-1)!];
  if (n === 0) return (first.eventsPerSecond * cores) / first.cores;
  if (n < 0) return last.cores === 0 ? Number.POSITIVE_INFINITY : (last.eventsPerSecond * cores) / last.cores;
  const [below, above] = [curve[n - 1]!, curve[n]!];
  const part = (cores - below.cores) / (above.cores - below.cores);
  return below.eventsPerSecond + part * (above.eventsPerSecond - below.eventsPerSecond);
}

function beside(curve: CostCurve, eventsPerSecond: number): [CostPoint, CostPoint] {
  const n = curve.findIndex((point) => point.eventsPerSecond >= eventsPerSecond);
  if (n === 0) return [curve[0]!, curve[0]!];
  if (n < 0) return [curve.at(-1)!, curve.at(-1)!];
  return [curve[n - 1]!, curve[n]!];
}
