/**
 * Metrics beyond the catalogue, as many as are asked for: of services by what they are about, of everything else by the
 * software that every cluster runs.
 */

import { mix } from "../../../template/mix.ts";
import type { MetricType } from "../../config.ts";
import type { Service } from "../../scenario/services.ts";
import { contribScope } from "../catalogue/scopes.ts";
import type { CarrierKind, Dimension, MetricDefinition, Scope } from "../definition.ts";
import { by } from "../dimension.ts";
import { type MetricsOf, metricsOf } from "../metrics-of.ts";
import type { Sort } from "./aspects.ts";
import { type Component, STACKS } from "./components.ts";
import { type Idea, ideasAbout, ideasOf } from "./domain-things.ts";

/** Splits by who reports: kernels count by core, programs by worker and priority. */
const OF_KERNELS: readonly (readonly Dimension[])[] = [
  [],
  [
    by(
      "cpu",
      Array.from({ length: 8 }, (_, core) => `cpu${core}`),
    ),
  ],
];
const OF_PROGRAMS: readonly (readonly Dimension[])[] = [
  [],
  [by("work.priority", { low: 0.2, normal: 0.7, high: 0.1 })],
  [by("worker", ["0", "1", "2", "3"])],
];

const COMMERCIAL: readonly (readonly Dimension[])[] = [
  [by("sales.channel", { web: 0.37, mobile: 0.5, partner: 0.08, store: 0.05 })],
  [by("customer.tier", { free: 0.6, pro: 0.3, enterprise: 0.1 })],
  [by("sales.region", { emea: 0.34, amer: 0.42, apac: 0.24 })],
];

/** Who reports what services measure of themselves, under the types that have no software of their own. */
const REPORTERS: Readonly<Partial<Record<MetricType, { carrier: CarrierKind; scope: Scope }>>> = {
  application: { carrier: "service", scope: { name: "com.example.platform.metrics", version: "2.4.1" } },
  k8s_pod: { carrier: "pod", scope: contribScope("prometheusreceiver") },
};

/** What things are done to everywhere: when all that is usual has been named. */
const MODIFIERS =
  "import export sync archive audit backfill reindex migration replay cleanup webhook report retention search preview approval batch draft feed quota ranking routing scoring sharing translation merge split rollback warmup rotation".split(
    " ",
  );
const SORTS: readonly Sort[] = ["batch", "queue", "cache", "pool", "store"];

/** Metrics of a type without end, their names all different. */
export function inventedMetrics(type: MetricType, services: readonly Service[]): Generator<MetricDefinition> {
  const stack = STACKS[type];
  const reporter = REPORTERS[type];
  if (stack) {
    const of = metricsOf({ type, carrier: stack.carrier, scope: stack.scope }) as MetricsOf<never>;
    const { kernel, program } = Object.groupBy(stack.components, ({ inKernel }) =>
      inKernel ? "kernel" : "program",
    );
    const source = (components: readonly Component[], splits: Source["splits"]): Source => ({
      of,
      ideas: components.flatMap(ideasOfComponent),
      names: components.map(({ name }) => name),
      splits,
    });
    return endless([source(program ?? [], OF_PROGRAMS), ...(kernel ? [source(kernel, OF_KERNELS)] : [])]);
  }
  // Many services may be about the same.
  const ideas = new Map(
    [...new Set(services.map(({ domain }) => domain))].map((each) => [each, ideasOf(each)]),
  );
  const sources = services.map((service) => ({
    of: metricsOf({ type, ...reporter!, only: service.name }) as MetricsOf<never>,
    ideas: ideas.get(service.domain)!,
    names: [service.domain.entity, ...service.domain.tables.map(({ name }) => name)],
    splits: COMMERCIAL,
  }));
  return endless(sources);
}

interface Source {
  readonly of: MetricsOf<never>;
  readonly ideas: readonly Idea[];
  /** What further names begin with. */
  readonly names: readonly string[];
  readonly splits: readonly (readonly Dimension[])[];
}

/** The ideas of all sources in turns, then further ones. */
function* endless(sources: readonly Source[]): Generator<MetricDefinition> {
  const seen = new Set<string>();
  for (let round = 0; ; round++) {
    const lists = sources.map((source) => (round === 0 ? source.ideas : furtherIdeas(source, round)));
    const longest = Math.max(...lists.map(({ length }) => length));
    for (let place = 0; place < longest; place++) {
      for (const [index, { of, splits }] of sources.entries()) {
        const list = lists[index]!;
        if (place >= list.length) continue;
        const { thing, aspect } = list[scattered(place, list.length)]!;
        const metric = aspect({ ...thing, of, choice: choiceOf(thing.stem), splits });
        if (seen.has(metric.name)) continue;
        seen.add(metric.name);
        yield metric;
      }
    }
  }
}

function ideasOfComponent({ name, parts }: Component): Idea[] {
  const component = name.slice(name.lastIndexOf(".") + 1).replaceAll("_", " ");
  return parts.flatMap(({ name: part, sort }) =>
    ideasAbout(
      {
        stem: `${name}.${part}`,
        part: part.replaceAll("_", " "),
        whole: component,
        unit: sort === "pool" || sort === "store" ? part : unitOf(sort),
      },
      sort,
    ),
  );
}

/** Round `round` of names for what is not usual: two things that are done, with a number when even those have run out. */
function furtherIdeas({ names }: Source, round: number): Idea[] {
  const first = MODIFIERS[(round - 1) % MODIFIERS.length]!;
  const again = Math.floor((round - 1) / MODIFIERS.length);
  const stemOf = (name: string): string => `${name}.${first}${again === 0 ? "" : `_v${again + 1}`}`;
  return names.flatMap((name) =>
    SORTS.flatMap((sort) =>
      ideasAbout(
        {
          stem: stemOf(name),
          part: first,
          whole: name.slice(name.lastIndexOf(".") + 1).replaceAll("_", " "),
          unit: unitOf(sort),
        },
        sort,
      ),
    ),
  );
}

function unitOf(sort: Sort): string {
  return {
    work: "operation",
    batch: "item",
    request: "request",
    queue: "item",
    cache: "entry",
    pool: "connection",
    store: "entry",
  }[sort];
}

/** Another order of the places of a list, each once: neighbours are far apart. */
function scattered(place: number, length: number): number {
  // A prime larger than most lists; where it divides the length, the next one does not.
  const step = length % 197 === 0 ? 199 : 197;
  return (place * step) % length;
}

/** The same number for the same stem, so that the metrics of one thing fit each other. */
function choiceOf(stem: string): number {
  let hash = 0;
  for (let at = 0; at < stem.length; at++) hash = mix(hash ^ stem.charCodeAt(at));
  return hash >>> 1;
}
