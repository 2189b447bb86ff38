/**
 * Metrics beyond the catalogue: names made of who measures, what is measured and how, as many as are asked for.
 *
 * Of application and pod metrics the first part is a service, which alone reports them.
 */
import type { MetricType } from "../config.ts";
import {
  constant,
  DATABASE_BOUNDS,
  type Dimension,
  HTTP_BOUNDS,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  storage,
  traffic,
  whole,
  wide,
} from "./definition.ts";
import { VOCABULARIES } from "./vocabulary.ts";

type Build = (
  metrics: ReturnType<typeof metricsOf>,
  name: string,
  what: string,
  ...split: Dimension[]
) => MetricDefinition;

/** How things are measured: the last part of the name, and what follows from it. Kinds take turns. */
// biome-ignore format: one measure a line
const MEASURES: readonly (readonly [suffix: string, build: Build])[] = [
  ["processed", (of, name, what, ...split) => of.counter(name, "{operation}", whole(500, 4e5), `Operations on ${what} that were processed.`, ...split)], 
  ["active", (of, name, what, ...split) => of.upDown(name, "{item}", whole(1, 90), `Active ${what}.`, ...split)], 
  ["utilization", (of, name, what, ...split) => of.gauge(name, "1", ratio(0.02, 0.9), `Share of ${what} that is in use.`, ...split.map(even))], 
  ["duration", (of, name, what, ...split) => of.histogram(name, "s", { bounds: HTTP_BOUNDS, firstLive: 1, rate: perHour(700, 9000) }, `Duration of operations on ${what}.`, ...split)], 
  ["errors", (of, name, what, ...split) => of.counter(name, "{error}", whole(0, 300), `Operations on ${what} that failed.`, ...split)], 
  ["size", (of, name, what, ...split) => of.gauge(name, "By", storage(1e6, 9e8), `Memory that ${what} takes.`, ...split.map(even))], 
  ["wait_time", (of, name, what, ...split) => of.exponential(name, "s", { scale: 3, offset: -64, rate: perHour(700, 20_000) }, `Time spent waiting for ${what}.`, ...split)], 
  ["io", (of, name, what, ...split) => of.counter(name, "By", traffic(1e7, 6e9), `Bytes moved for ${what}.`, ...split)], 
  ["pending", (of, name, what, ...split) => of.upDown(name, "{item}", whole(0, 60), `Operations on ${what} that wait.`, ...split)], 
  ["age", (of, name, what, ...split) => of.gauge(name, "s", wide(4, 900), `Age of the oldest of ${what}.`, ...split.map(even))], 
  ["busy_time", (of, name, what, ...split) => of.counter(name, "s", wide(30, 2500), `Time spent on ${what}.`, ...split)], 
  ["limit", (of, name, what, ...split) => of.upDown(name, "{item}", constant(128, 4096), `Most ${what} that are allowed.`, ...split.map(even))], 
  ["latency", (of, name, what, ...split) => of.histogram(name, "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(700, 20_000) }, `Latency of operations on ${what}.`, ...split)],
];

/** Metrics of a type without end, their names all different. `services`: names of the scenario's services. */
export function* inventedMetrics(type: MetricType, services: readonly string[]): Generator<MetricDefinition> {
  const { carrier, scope, subjects, objects, dimensions } = VOCABULARIES[type];
  const measuring = subjects ?? services;
  const combinations = measuring.length * objects.length;
  for (let number = 0; ; number++) {
    const [suffix, build] = MEASURES[number % MEASURES.length]!;
    const combination = Math.floor(number / MEASURES.length);
    const subject = measuring[combination % measuring.length]!;
    // Shifted by subject, so that neighbours measure different things; for one subject still each object once.
    const shift = 7 * (combination % measuring.length);
    const object = objects[(Math.floor(combination / measuring.length) + shift) % objects.length]!;
    const round = Math.floor(combination / combinations);
    const name = `${subject.replaceAll("-", "_")}.${object}${round === 0 ? "" : `_${round + 1}`}.${suffix}`;
    const first = dimensions[number % dimensions.length]!;
    const second = dimensions[(number + 1 + (combination % (dimensions.length - 1))) % dimensions.length]!;
    yield build(
      metricsOf({ type, carrier, scope, ...(subjects ? {} : { only: subject }) }),
      name,
      `${object.replaceAll("_", " ")} in ${subject}`,
      first,
      second,
    );
  }
}

const evenDimensions = new WeakMap<object, Dimension>();

/** The same split without weights, for what is no part of a whole; one array per dimension, as encodings are kept by it. */
function even(dimension: Dimension): Dimension {
  if (typeof dimension === "string") return dimension;
  let same = evenDimensions.get(dimension);
  if (!same) {
    same = dimension.map(({ attributes }) => ({ attributes, weight: 1 }));
    evenDimensions.set(dimension, same);
  }
  return same;
}
