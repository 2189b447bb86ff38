/** A resource that reports metrics, and what the metrics on it need to know. */
import type { Attributes } from "../../attributes.ts";
import type { DimensionValue, LibraryRole, Scope } from "../definition.ts";

export interface Carrier {
  readonly attributes: Attributes;
  /** Empty: none. */
  readonly schemaUrl: string;
  /** What `only` of a metric may name. */
  readonly subjects: readonly string[];
  /** Dimensions whose values differ from one resource to the next, by the names that metrics give them. */
  readonly lists: Readonly<Record<string, readonly DimensionValue[]>>;
  /** Of services: the libraries that measure. */
  readonly libraries: Readonly<Partial<Record<LibraryRole, Scope>>>;
  /** What the metrics' readings read: of one type for each kind of carrier. */
  readonly vitals: unknown;
}

/** A carrier that needs no more than is said. */
export function carrier(attributes: Attributes, vitals: unknown, more: Partial<Carrier> = {}): Carrier {
  return { attributes, schemaUrl: "", subjects: [], lists: {}, libraries: {}, vitals, ...more };
}

/** A carrier whose vitals are made when a metric first reads them: many resources go by without reporting anything. */
export function lazyCarrier(
  attributes: Attributes,
  make: () => unknown,
  { schemaUrl = "", subjects = [], lists = {}, libraries = {} }: Partial<Omit<Carrier, "vitals">>,
): Carrier {
  let vitals: unknown;
  return {
    attributes,
    schemaUrl,
    subjects,
    lists,
    libraries,
    get vitals() {
      vitals ??= make();
      return vitals;
    },
  };
}
