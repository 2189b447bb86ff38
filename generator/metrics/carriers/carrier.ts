/** A resource that reports metrics, and what the metrics on it need to know. */
import type { Attributes } from "../../attributes.ts";
import type { Dimension, DimensionValue, LibraryRole, Scope } from "../definition.ts";

/** Dimensions whose values differ from one resource to the next, by the names that metrics give them. */
export type CarrierLists = Readonly<Record<string, readonly DimensionValue[]>>;

export type CarrierLengths = Readonly<Record<string, number>>;

export type CarrierLibraries = Readonly<Partial<Record<LibraryRole, Scope>>>;

export interface Carrier {
  readonly attributes: Attributes;
  /** Empty: none. */
  readonly schemaUrl: string;
  /** What `only` of a metric may name. */
  readonly subjects: readonly string[];
  readonly lists: CarrierLists;
  /** How long those are, where that is known before they are made. */
  readonly lengths: CarrierLengths | undefined;
  /** Of services: the libraries that measure. */
  readonly libraries: CarrierLibraries;
  /** What the metrics' readings read: of one type for each kind of carrier. */
  readonly vitals: unknown;
}

/** A carrier that needs no more than is said. */
export function carrier(attributes: Attributes, vitals: unknown, more: Partial<Carrier> = {}): Carrier {
  return {
    attributes,
    schemaUrl: "",
    subjects: [],
    lists: {},
    lengths: undefined,
    libraries: {},
    vitals,
    ...more,
  };
}

/**
 * How many points a resource can have of a metric with these dimensions; 0: it lacks one. Lists are made only if there is no
 * other way to know their lengths.
 */
export function pointsOn(
  carrier: Pick<Carrier, "lists" | "lengths">,
  dimensions: readonly Dimension[],
): number {
  let points = 1;
  for (const each of dimensions) points *= typeof each === "string" ? lengthOf(each, carrier) : each.length;
  return points;
}

function lengthOf(list: string, carrier: Pick<Carrier, "lists" | "lengths">): number {
  const { lengths } = carrier;
  return lengths ? (lengths[list] ?? 0) : (carrier.lists[list]?.length ?? 0);
}

export function lengthsOf(lists: CarrierLists): CarrierLengths {
  return Object.fromEntries(Object.entries(lists).map(([name, { length }]) => [name, length]));
}

/** How the parts of a carrier come about. */
export interface CarrierParts {
  attributes(): Attributes;
  vitals?(): unknown;
  lists?(): CarrierLists;
  lengths?(): CarrierLengths | undefined;
  libraries?(): CarrierLibraries;
}

/**
 * A carrier of which only the subjects are there at once, the rest when a metric first asks for it: of a thousand services
 * most go by without reporting anything.
 */
export class LazyCarrier implements Carrier {
  readonly subjects: readonly string[];
  readonly schemaUrl: string;
  readonly #parts: CarrierParts;
  #attributes: Attributes | undefined;
  #vitals: unknown;
  #lists: CarrierLists | undefined;
  #libraries: CarrierLibraries | undefined;

  constructor(subjects: readonly string[], parts: CarrierParts, schemaUrl = "") {
    this.subjects = subjects;
    this.schemaUrl = schemaUrl;
    this.#parts = parts;
  }

  get attributes(): Attributes {
    this.#attributes ??= this.#parts.attributes();
    return this.#attributes;
  }

  get vitals(): unknown {
    this.#vitals ??= this.#parts.vitals?.();
    return this.#vitals;
  }

  get lists(): CarrierLists {
    this.#lists ??= this.#parts.lists?.() ?? {};
    return this.#lists;
  }

  get lengths(): CarrierLengths | undefined {
    return this.#parts.lengths?.();
  }

  get libraries(): CarrierLibraries {
    this.#libraries ??= this.#parts.libraries?.() ?? {};
    return this.#libraries;
  }
}
