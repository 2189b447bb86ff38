/**
 * What can be measured of a thing, by the sort of thing that it is: a queue has a length, a cache answers look-ups.
 *
 * Names follow the conventions: parts by dots, words by underscores, no unit and no `total` in them.
 */
import { COUNT_BOUNDS, DATABASE_BOUNDS, HTTP_BOUNDS, SLOW_BOUNDS } from "../bounds.ts";
import type { Dimension, MetricDefinition, Range } from "../definition.ts";
import { by } from "../dimension.ts";
import type { MetricsOf } from "../metrics-of.ts";
import { constant, ratio, real, storage, traffic, whole } from "../number-shape.ts";

/** A sort of thing; a request is work that somebody asked for from outside, a batch is work on many things at once. */
export type Sort = "work" | "batch" | "request" | "queue" | "cache" | "pool" | "store";

/** What an aspect is built from. */
export interface Subject {
  readonly of: MetricsOf<never>;
  /** Beginning of the name: `order.compute_totals`. */
  readonly stem: string;
  /** What it is and whose, for descriptions: `compute totals`, `orders`. */
  readonly part: string;
  readonly whole: string;
  /** What one unit of work is called: `order`. */
  readonly unit: string;
  /** Chooses among magnitudes, so that things differ and one thing's metrics agree. */
  readonly choice: number;
  /** Splits that fit whoever reports. */
  readonly splits: readonly (readonly Dimension[])[];
}

export type Aspect = (subject: Subject) => MetricDefinition;

const OUTCOME = by("outcome", { success: 0.985, failure: 0.015 });
const ERROR = by("error.type", { timeout: 0.55, unavailable: 0.3, resource_exhausted: 0.1, _OTHER: 0.05 });
const RESULT = by("cache.result", { hit: 0.88, miss: 0.12 });
const EVICTION = by("cache.eviction.reason", { expired: 0.8, size: 0.2 });
const STATE = by("state", { idle: 0.6, used: 0.4 });
const DIRECTION = by("direction", { read: 0.6, write: 0.4 });

const MEDIANS = [0.0025, 0.006, 0.014, 0.035, 0.09, 0.22, 0.6] as const;
const RATES = [700, 1800, 4200, 9500, 22_000] as const;
const COUNTS = [8, 20, 60, 150, 400] as const;
const SIZES = [2e6, 9e6, 4e7, 1.6e8] as const;

const around = (choices: readonly number[], choice: number, factor = 1): Range => {
  const middle = choices[choice % choices.length]! * factor;
  return [middle * 0.7, middle * 1.6];
};
const rateOf = ({ choice }: Subject, factor = 1): Range => around(RATES, choice, factor);
const medianOf = ({ choice }: Subject, factor = 1): Range => around(MEDIANS, choice >>> 3, factor);
const countOf = ({ choice }: Subject, factor = 1): Range => around(COUNTS, choice >>> 6, factor);
const splitOf = ({ splits, choice }: Subject): readonly Dimension[] =>
  splits[(choice >>> 9) % splits.length]!;

/** Bounds that show where the median lies. */
const boundsFor = (subject: Subject): readonly number[] => {
  const [median] = medianOf(subject);
  return median < 0.01 ? DATABASE_BOUNDS : median < 0.2 ? HTTP_BOUNDS : SLOW_BOUNDS;
};

const nameOf = ({ part, whole }: Subject): string => `${part} (${whole})`;

// biome-ignore format: one aspect a line
const WORK: readonly Aspect[] = [
  (each) => each.of.histogram(`${each.stem}.duration`, "s", { bounds: boundsFor(each), rate: rateOf(each), median: medianOf(each) }, `Duration of ${nameOf(each)}.`, OUTCOME, ...splitOf(each)),
  (each) => each.of.upDown(`${each.stem}.active`, `{${each.unit}}`, whole([1, 9], { spread: 0.5 }), `Runs of ${nameOf(each)} in progress.`, ...splitOf(each)),
  (each) => each.of.counter(`${each.stem}.failures`, "{failure}", whole(rateOf(each, 0.015)), `Failures of ${nameOf(each)}.`, ERROR),
  (each) => each.of.exponential(`${each.stem}.wait.duration`, "s", { rate: rateOf(each), median: around([0.0015, 0.004, 0.02, 0.08], each.choice >>> 4) }, `Time from being asked for ${nameOf(each)} to its beginning.`, ...splitOf(each)),
  (each) => each.of.counter(`${each.stem}.retries`, "{retry}", whole(rateOf(each, 0.02)), `Retries of ${nameOf(each)}.`, ...splitOf(each)),
];

// biome-ignore format: one aspect a line
export const ASPECTS: Readonly<Record<Sort, readonly Aspect[]>> = {
  work: WORK,
  batch: [
    ...WORK,
    (each) => each.of.histogram(`${each.stem}.batch.size`, `{${each.unit}}`, { bounds: COUNT_BOUNDS, rate: rateOf(each), median: around([3, 9, 24, 70], each.choice >>> 5) }, `How much one run of ${nameOf(each)} takes on at once.`, ...splitOf(each)),
  ],
  request: [
    (each) => each.of.histogram(`${each.stem}.duration`, "s", { bounds: boundsFor(each), rate: rateOf(each), median: medianOf(each) }, `Duration of ${nameOf(each)}.`, OUTCOME, ...splitOf(each)),
    (each) => each.of.counter(`${each.stem}.requests`, "{request}", whole(rateOf(each)), `Number of ${nameOf(each)}.`, OUTCOME, ...splitOf(each)),
    (each) => each.of.upDown(`${each.stem}.active`, "{request}", whole([1, 7], { spread: 0.6 }), `${each.part} in progress.`, ...splitOf(each)),
    (each) => each.of.exponential(`${each.stem}.response.size`, "By", { rate: rateOf(each), median: around([220, 900, 2600, 8000], each.choice >>> 4) }, `Size of the answers to ${nameOf(each)}.`, ...splitOf(each)),
  ],
  queue: [
    (each) => each.of.upDown(`${each.stem}.queue.length`, `{${each.unit}}`, whole(countOf(each, 0.3), { spread: 0.8 }), `Length of the ${each.part} queue of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.exponential(`${each.stem}.queue.wait.duration`, "s", { rate: rateOf(each), median: medianOf(each) }, `Time spent in the ${each.part} queue of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.counter(`${each.stem}.queue.enqueued`, `{${each.unit}}`, whole(rateOf(each)), `What was put into the ${each.part} queue of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.gauge(`${each.stem}.queue.oldest.age`, "s", real(medianOf(each, 9), { spread: 0.6 }), `Age of the oldest entry in the ${each.part} queue of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.counter(`${each.stem}.queue.dropped`, `{${each.unit}}`, whole([0, 6]), `What the ${each.part} queue of ${each.whole} had no room for.`, ...splitOf(each)),
    (each) => each.of.upDown(`${each.stem}.queue.capacity`, `{${each.unit}}`, constant([1000, 2048, 5000, 10_000][each.choice % 4]!), `Room in the ${each.part} queue of ${each.whole}.`),
  ],
  cache: [
    (each) => each.of.upDown(`${each.stem}.cache.entries`, "{entry}", whole(countOf(each, 90), { spread: 0.05 }), `Entries in the ${each.part} cache of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.counter(`${each.stem}.cache.lookups`, "{lookup}", whole(rateOf(each, 4)), `Look-ups in the ${each.part} cache of ${each.whole}.`, RESULT, ...splitOf(each)),
    (each) => each.of.gauge(`${each.stem}.cache.hit_ratio`, "1", ratio([0.6, 0.95], { spread: 0.03 }), `Share of look-ups that the ${each.part} cache of ${each.whole} answered.`),
    (each) => each.of.histogram(`${each.stem}.cache.load.duration`, "s", { bounds: boundsFor(each), rate: rateOf(each, 0.5), median: medianOf(each), other: { share: 0.1, ratio: 6 } }, `Time to load a missing entry into the ${each.part} cache of ${each.whole}.`, OUTCOME),
    (each) => each.of.counter(`${each.stem}.cache.evictions`, "{entry}", whole(rateOf(each, 0.1)), `Entries that the ${each.part} cache of ${each.whole} gave up for others.`, EVICTION),
    (each) => each.of.upDown(`${each.stem}.cache.memory.usage`, "By", storage(around(SIZES, each.choice >>> 2)), `Memory of the ${each.part} cache of ${each.whole}.`),
  ],
  pool: [
    (each) => each.of.upDown(`${each.stem}.pool.usage`, `{${each.unit}}`, whole(countOf(each), { spread: 0.2 }), `Members of the ${each.part} pool of ${each.whole} by state.`, STATE, ...splitOf(each)),
    (each) => each.of.exponential(`${each.stem}.pool.wait.duration`, "s", { rate: rateOf(each), median: around([0.0012, 0.003], each.choice >>> 4) }, `Time to get a member of the ${each.part} pool of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.gauge(`${each.stem}.pool.utilization`, "1", ratio([0.15, 0.7], { spread: 0.2 }), `Share of the ${each.part} pool of ${each.whole} that is in use.`, ...splitOf(each)),
    (each) => each.of.counter(`${each.stem}.pool.timeouts`, "{timeout}", whole([0, 8]), `Waits for the ${each.part} pool of ${each.whole} that were given up.`, ...splitOf(each)),
    (each) => each.of.histogram(`${each.stem}.pool.use.duration`, "s", { bounds: boundsFor(each), rate: rateOf(each), median: medianOf(each) }, `Time for which a member of the ${each.part} pool of ${each.whole} was taken.`, ...splitOf(each)),
    (each) => each.of.upDown(`${each.stem}.pool.limit`, `{${each.unit}}`, constant([16, 32, 64, 128, 256][each.choice % 5]!), `Most members that the ${each.part} pool of ${each.whole} may have.`),
  ],
  store: [
    (each) => each.of.upDown(`${each.stem}.entries`, `{${each.unit}}`, whole(countOf(each, 30), { spread: 0.02 }), `Number of ${each.part} entries of ${each.whole}.`, ...splitOf(each)),
    (each) => each.of.upDown(`${each.stem}.size`, "By", storage(around(SIZES, each.choice >>> 2)), `Bytes that the ${each.part} entries of ${each.whole} take.`),
    (each) => each.of.counter(`${each.stem}.io`, "By", traffic(around(SIZES, each.choice >>> 3, 6)), `Bytes of ${each.part} entries of ${each.whole} that were read and written.`, DIRECTION),
    (each) => each.of.histogram(`${each.stem}.operation.duration`, "s", { bounds: DATABASE_BOUNDS, rate: rateOf(each), median: around([0.0007, 0.002, 0.006], each.choice >>> 4) }, `Duration of operations on ${each.part} entries of ${each.whole}.`, DIRECTION, ...splitOf(each)),
    (each) => each.of.gauge(`${each.stem}.utilization`, "1", ratio([0.1, 0.75], { spread: 0.02 }), `Share of the room for ${each.part} entries of ${each.whole} that is in use.`),
    (each) => each.of.counter(`${each.stem}.errors`, "{error}", whole(rateOf(each, 0.002)), `Operations on ${each.part} entries of ${each.whole} that failed.`, ERROR),
  ],
};
