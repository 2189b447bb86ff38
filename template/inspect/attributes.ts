/** Attribute keys of a file: where they stand, their types, how often, how many values. */
import { encodeMessage } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import { DistinctCounter } from "./distinct.ts";

/** Keys that are told apart; a file that makes keys up without end is cut off here. */
const MAX_KEYS = 5000;

/** What carries attributes. */
export type Carrier = "resource" | "scope" | "span" | "event" | "link" | "point" | "record";

export interface AttributeSummary {
  /** OTLP's names of the value types: string, int, double, bool, array, kvlist, bytes, empty. More than one is a fault. */
  types: string[];
  /** Resources, scopes, items, events and links that carry the key. */
  items: number;
  /** The same, by what it is that carries it. A resource and a scope count once in each request. */
  on: Partial<Record<Carrier, number>>;
  distinct: number;
  /** Whether `distinct` is an estimate. */
  approximate: boolean;
}

interface Known {
  types: Set<string>;
  items: number;
  on: Partial<Record<Carrier, number>>;
  values: DistinctCounter;
}

export class AttributeCounter {
  readonly #keys = new Map<string, Known>();
  /** Attributes whose keys found no room. */
  uncounted = 0;

  add(carrier: Carrier, attributes: readonly Message<"KeyValue">[] | undefined): void {
    if (attributes === undefined) return;
    for (const { key = "", value } of attributes) {
      const known = this.#keys.get(key) ?? this.#meet(key);
      if (known === undefined) continue;
      known.items++;
      known.on[carrier] = (known.on[carrier] ?? 0) + 1;
      known.types.add(typeOf(value));
      known.values.add(textOf(value));
    }
  }

  #meet(key: string): Known | undefined {
    if (this.#keys.size >= MAX_KEYS) {
      this.uncounted++;
      return undefined;
    }
    const known = { types: new Set<string>(), items: 0, on: {}, values: new DistinctCounter(1000) };
    this.#keys.set(key, known);
    return known;
  }

  /** By key, those on most items first. */
  result(): Record<string, AttributeSummary> {
    const sorted = [...this.#keys].sort(([a, x], [b, y]) => y.items - x.items || (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([key, { types, items, on, values }]) => [
        key,
        {
          types: [...types].sort(),
          items,
          on,
          distinct: Math.min(values.count, items),
          approximate: values.isApproximate,
        },
      ]),
    );
  }
}

function typeOf(value: Message<"AnyValue"> | undefined): string {
  if (value === undefined) return "empty";
  if (value.stringValue !== undefined) return "string";
  if (value.intValue !== undefined) return "int";
  if (value.doubleValue !== undefined) return "double";
  if (value.boolValue !== undefined) return "bool";
  if (value.arrayValue !== undefined) return "array";
  if (value.kvlistValue !== undefined) return "kvlist";
  return value.bytesValue === undefined ? "empty" : "bytes";
}

/** A text that differs for different values of a type; not for printing. */
function textOf(value: Message<"AnyValue"> | undefined): string {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.intValue !== undefined) return `${value.intValue.high},${value.intValue.low}`;
  if (value?.doubleValue !== undefined) return String(value.doubleValue);
  if (value?.boolValue !== undefined) return String(value.boolValue);
  return Buffer.from(encodeMessage("AnyValue", value ?? {})).toString("latin1");
}
