/** Counting by name, and what the counters of all signals share. */
import { ENUMS, type Message, type RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import type { AttributeCounter } from "./attributes.ts";

/** Names are told apart up to this many; more are counted as "(other)". */
const MAX_NAMES = 2000;

/** How often each name occurs. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : "(other)";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** Most frequent first. */
  result(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
  }
}

/** What every signal's counter adds to. */
export interface Shared {
  attributes: AttributeCounter;
  /** Items by `service.name`, and by name of the scope. */
  services: Tally;
  scopes: Tally;
}

/** Numbers of one signal. */
export interface SignalCounter<S extends Signal, Summary> {
  /** Count a request; returns how many items it has. */
  add(request: RequestOf<S>): number;
  /** Ends the counting. */
  result(): Summary;
}

/**
 * Count a request's resources and scopes; returns the sum of what `countItems` returns for each scope.
 *
 * scopesOf  the scopes of a resource
 */
export function countEnvelopes<
  R extends { resource?: Message<"Resource"> | undefined },
  P extends { scope?: Message<"InstrumentationScope"> | undefined },
>(
  { attributes, services, scopes }: Shared,
  resources: readonly R[] | undefined,
  scopesOf: (resource: R) => readonly P[] | undefined,
  countItems: (scope: P, resource: R) => number,
): number {
  let sum = 0;
  for (const resource of resources ?? []) {
    let items = 0;
    for (const scoped of scopesOf(resource) ?? []) {
      const count = countItems(scoped, resource);
      attributes.add("scope", scoped.scope?.attributes);
      if (count > 0) scopes.add(scoped.scope?.name || "(no name)", count);
      items += count;
    }
    attributes.add("resource", resource.resource?.attributes);
    if (items > 0) services.add(serviceOf(resource.resource), items);
    sum += items;
  }
  return sum;
}

/** A resource's `service.name`, or words for its absence. */
export function serviceOf(resource: Message<"Resource"> | undefined): string {
  const attribute = resource?.attributes?.find(({ key }) => key === "service.name");
  return attribute?.value?.stringValue ?? "(no service.name)";
}

/** Short lower-case name of an enum's number: 3 of SpanKind is `client`. */
export function nameOf(type: keyof typeof ENUMS, number = 0): string {
  const found = NAMES[type].get(number);
  return found ?? String(number);
}

const PREFIXES = {
  SpanKind: "SPAN_KIND_",
  StatusCode: "STATUS_CODE_",
  AggregationTemporality: "AGGREGATION_TEMPORALITY_",
  SeverityNumber: "SEVERITY_NUMBER_",
};

const namesOf = (type: keyof typeof ENUMS): Map<number, string> =>
  new Map(
    Object.entries(ENUMS[type]).map(([name, number]) => [
      number,
      name.replace(PREFIXES[type], "").toLowerCase(),
    ]),
  );

const NAMES = {
  SpanKind: namesOf("SpanKind"),
  StatusCode: namesOf("StatusCode"),
  AggregationTemporality: namesOf("AggregationTemporality"),
  SeverityNumber: namesOf("SeverityNumber"),
};
