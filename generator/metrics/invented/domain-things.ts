/**
 * What can be measured of a service, by what the service is about: its steps, requests, events, and what programs of its
 * kind keep and queue.
 */
import { GATEWAY } from "../../scenario/domains/gateway.ts";
import type { Domain } from "../../scenario/domains.ts";
import { COUNT_BOUNDS, SLOW_BOUNDS } from "../bounds.ts";
import { by } from "../dimension.ts";
import { whole } from "../number-shape.ts";
import { ASPECTS, type Aspect, type Sort } from "./aspects.ts";

/** Something to measure. */
export interface Thing {
  readonly stem: string;
  /** What it is and whose, for descriptions. */
  readonly part: string;
  readonly whole: string;
  readonly unit: string;
}

/** Something to measure, and one way to measure it: a thousand services have hundreds of thousands, which share things. */
export interface Idea {
  readonly thing: Thing;
  readonly aspect: Aspect;
}

/** All ways to measure a thing of this sort. */
export function ideasAbout(thing: Thing, sort: Sort): Idea[] {
  return ASPECTS[sort].map((aspect) => ({ thing, aspect }));
}

/** Parts that programs about things have, by sort. */
const PARTS: readonly (readonly [Sort, string])[] = [
  ["queue", "outbox notification export webhook retry"],
  ["cache", "summary permission list_view reference_data"],
  ["pool", "worker"],
  ["batch", "import export reconciliation archival indexing projection cleanup bulk_update audit replay"],
  ["store", "draft history attachment snapshot"],
];

/** The same for what stands in front of the others. */
const PARTS_OF_ENTRANCES: readonly (readonly [Sort, string])[] = [
  [
    "work",
    "routing authentication rate_limiting transformation compression tls_handshake upstream_retry cors_check",
  ],
  ["cache", "response token route certificate"],
  ["pool", "upstream websocket"],
  ["queue", "pending access_log"],
  ["store", "circuit_breaker rate_limit_bucket"],
];

/** Everything to measure of one domain, business first. */
export function ideasOf(domain: Domain): Idea[] {
  const { entity, collection } = domain;
  const whole = readable(collection);
  const parts = domain === GATEWAY ? PARTS_OF_ENTRANCES : PARTS;
  const thing = (stem: string, part: string, unit: string, sort: Sort): Idea[] =>
    ideasAbout({ stem, part, whole, unit }, sort);
  return [
    ...businessOf(domain),
    ...domain.steps.flatMap(({ name }) =>
      thing(`${entity}.${without(snake(name), entity)}`, name, entity, "work"),
    ),
    ...domain.endpoints.flatMap(({ verb }) =>
      thing(`${entity}.${without(snake(verb), entity)}`, `${verb} requests`, "request", "request"),
    ),
    ...thing(entity, readable(entity), entity, "cache"),
    ...parts.flatMap(([sort, names]) =>
      names
        .split(" ")
        .flatMap((name) => thing(`${entity}.${name}`, readable(name), unitOf(sort, entity), sort)),
    ),
  ];
}

/** What is counted of a part: workers in pools, things elsewhere. */
function unitOf(sort: Sort, entity: string): string {
  return sort === "pool" ? "worker" : entity;
}

function businessOf({ entity, collection, events, failures, states, tables }: Domain): Idea[] {
  const things = readable(collection);
  const common = { stem: entity, part: readable(entity), whole: things, unit: entity };
  const unit = `{${entity}}`;
  const state = by(`${entity}.state`, states);
  const reason = by(
    "error.type",
    failures.map(({ name }) => name),
  );
  const hasAmounts = tables.some(({ columns }) => columns.some((column) => column.endsWith("_cents")));
  const collections = by(
    "db.collection.name",
    tables.map(({ name }) => name),
  );
  const idea = (aspect: Aspect): Idea => ({ thing: common, aspect });
  return [
    ...events.map((event) => {
      const past = event.slice(event.lastIndexOf(".") + 1);
      return idea(({ of, splits, choice }) =>
        of.counter(
          event,
          unit,
          whole([60, 4000]),
          `${capitalised(things)} that were ${readable(past)}.`,
          ...splits[choice % splits.length]!,
        ),
      );
    }),
    idea(({ of }) =>
      of.upDown(
        `${entity}.active`,
        unit,
        whole([20, 900], { spread: 0.1 }),
        `${capitalised(things)} by state.`,
        state,
      ),
    ),
    idea(({ of }) =>
      of.counter(
        `${entity}.rejected`,
        unit,
        whole([4, 160]),
        `${capitalised(things)} that were refused, by reason.`,
        reason,
      ),
    ),
    idea(({ of, splits }) =>
      of.histogram(
        `${entity}.processing.duration`,
        "s",
        { bounds: SLOW_BOUNDS, rate: [60, 900], median: [0.4, 6], steepness: 2 },
        `Time from a request to its ${readable(entity)} being settled.`,
        ...splits[0]!,
      ),
    ),
    idea(({ of }) =>
      of.upDown(
        `${entity}.storage.rows`,
        "{row}",
        whole([4000, 9e6], { spread: 0.002 }),
        `Rows that hold ${things}.`,
        collections,
      ),
    ),
    idea(({ of }) =>
      of.histogram(
        `${entity}.page.size`,
        unit,
        { bounds: COUNT_BOUNDS, rate: [300, 3000], median: [8, 24] },
        `How many ${things} one page of a list has.`,
      ),
    ),
    ...(hasAmounts
      ? [
          idea(({ of, splits }) =>
            of.histogram(
              `${entity}.amount`,
              "{EUR}",
              {
                bounds: [5, 10, 25, 50, 100, 250, 500, 1000, 2500],
                rate: [60, 900],
                median: [18, 90],
                steepness: 2,
              },
              `Amounts of ${things}.`,
              ...splits[1]!,
            ),
          ),
        ]
      : []),
  ];
}

/** PlaceOrder and `compute totals` as identifiers. */
function snake(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

/** list_order_items of order: list_items; a name that says nothing else stays. */
function without(name: string, entity: string): string {
  const padded = `_${name}_`;
  const plain = padded
    .replace(`_${entity}s_`, "_")
    .replace(`_${entity}_`, "_")
    .replace(/^_+|_+$/g, "");
  return plain || name;
}

function readable(name: string): string {
  return name.replace(/[_-]+/g, " ");
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
