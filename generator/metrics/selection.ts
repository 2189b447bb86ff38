/**
 * Which metrics a run has: exactly as many names as the config asks for, of the types it asks for, every kind among them.
 */
import type { MetricType } from "../config.ts";
import { type Carrier, lengthsOf, pointsOn } from "./carriers/carrier.ts";
import { carriersOf } from "./carriers/carriers-of.ts";
import { CATALOGUE } from "./catalogue/catalogue.ts";
import type { CarrierKind, MetricDefinition } from "./definition.ts";
import type { Estate } from "./estate.ts";
import { inventedMetrics } from "./invented/invented-metrics.ts";

/** Kinds in the order in which a run that is too small for all of them has them. */
const KINDS = ["gauge", "counter", "histogram", "exponentialHistogram", "upDownCounter"] as const;

/**
 * Choose `count` metrics with different names: first one of each kind, then the catalogue in turns over the types, then
 * invented ones in turns.
 */
export function selectMetrics(
  types: readonly MetricType[],
  count: number,
  estate: Estate,
): MetricDefinition[] {
  const wanted = [...new Set(types)];
  const isCarried = carriedBy(estate);
  const lists = wanted.map((type) => CATALOGUE[type].filter(isCarried));
  const chosen = new Map<string, MetricDefinition>();
  for (const [turn, kind] of KINDS.entries()) {
    const inTurn = lists.flatMap((_, index) => lists[(turn + index) % lists.length]!);
    const first = inTurn.find((metric) => metric.kind === kind);
    if (first && chosen.size < count) chosen.set(first.name, first);
  }
  const { services } = estate.scenario;
  const sources = [
    inTurns(lists.map((list) => list[Symbol.iterator]())),
    inTurns(wanted.map((type) => inventedMetrics(type, services))),
  ];
  for (const source of sources) {
    for (const metric of source) {
      if (chosen.size >= count) break;
      if (!chosen.has(metric.name)) chosen.set(metric.name, metric);
    }
  }
  return [...chosen.values()];
}

/** Whether resources of these subjects report a metric. */
function isCarriedBy({ only }: MetricDefinition, subjects: readonly string[]): boolean {
  return only === undefined || subjects.includes(only);
}

/** Whether a metric is reported at all: what depends on languages, databases or calls may not be, in a given scenario. */
function carriedBy(estate: Estate): (metric: MetricDefinition) => boolean {
  const { services, databaseCalls } = estate.scenario;
  // Resources of these kinds come in rounds of different ones; of all others, one is like the next.
  const rounds: Partial<Record<CarrierKind, number>> = {
    service: services.length,
    database: new Set(databaseCalls.map(({ address }) => address)).size,
  };
  const rows = new Map<CarrierKind, SampleRow>();
  return (metric) => {
    let row = rows.get(metric.carrier);
    if (!row) {
      const round = rounds[metric.carrier] ?? 1;
      row = new SampleRow(carriersOf(metric.carrier, estate, { errorRate: 0 }).take(round));
      rows.set(metric.carrier, row);
    }
    return row.hasOneFor(metric);
  };
}

/** What of a resource tells which metrics it reports. */
type Sample = Pick<Carrier, "subjects" | "lists" | "lengths">;

const NO_LISTS = {};

/** One round of a kind of resource, looked at as far as is necessary; of each resource, no more is kept than counts. */
class SampleRow {
  readonly #carriers: Iterator<Carrier>;
  readonly #seen: Sample[] = [];

  constructor(carriers: Iterator<Carrier>) {
    this.#carriers = carriers;
  }

  hasOneFor(metric: MetricDefinition): boolean {
    const fits = (sample: Sample): boolean =>
      isCarriedBy(metric, sample.subjects) && pointsOn(sample, metric.dimensions) > 0;
    if (this.#seen.some(fits)) return true;
    for (let next = this.#carriers.next(); !next.done; next = this.#carriers.next()) {
      const { subjects, lists } = next.value;
      const sample = { subjects, lists: NO_LISTS, lengths: lengthsOf(lists) };
      this.#seen.push(sample);
      if (fits(sample)) return true;
    }
    return false;
  }
}

/** One from each source in turn, until all are at their end. */
function* inTurns<T>(sources: readonly Iterator<T>[]): Generator<T> {
  let open = [...sources];
  while (open.length > 0) {
    const still: Iterator<T>[] = [];
    for (const source of open) {
      const next = source.next();
      if (next.done) continue;
      still.push(source);
      yield next.value;
    }
    open = still;
  }
}
