/** Attribute keys of a file: where they stand, their types, how often, how many values. */
import { encodeMessage } from "../../otlp/message/encode.ts";
import type { Message } from "../../otlp/message/schema.ts";
import { DistinctCounter } from "./distinct.ts";

/** Keys that are told apart; a file that makes keys up without end is cut off here. */
const MAX_KEYS = 5000;

export interface AttributeSummary {
  /** OTLP's names of the value types: string, int, double, bool, array, kvlist, bytes, empty. More than one is a fault. */
  types: string[];
  /** Resources, scopes, items, events and links that carry the key. */
  items: number;
  distinct: number;
  /** Whether `distinct` is an estimate. */
  approximate: boolean;
}

const TYPE_OF_FIELD = {
  stringValue: "string",
  boolValue: "bool",
  intValue: "int",
  doubleValue: "double",
  arrayValue: "array",
  kvlistValue: "kvlist",
  bytesValue: "bytes",
} as const;

export class AttributeCounter {
  readonly #keys = new Map<string, { types: Set<string>; items: number; values: DistinctCounter }>();
  /** Attributes whose keys found no room. */
  uncounted = 0;

  add(attributes: readonly Message<"KeyValue">[] | undefined): void {
    for (const { key = "", value } of attributes ?? []) {
      let known = this.#keys.get(key);
      if (known === undefined) {
        if (this.#keys.size >= MAX_KEYS) {
          this.uncounted++;
          continue;
        }
        known = { types: new Set(), items: 0, values: new DistinctCounter(200) };
        this.#keys.set(key, known);
      }
      known.items++;
      known.types.add(typeOf(value));
      known.values.add(textOf(value));
    }
  }

  /** By key, those on most items first. */
  result(): Record<string, AttributeSummary> {
    const sorted = [...this.#keys].sort(([a, x], [b, y]) => y.items - x.items || (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([key, { types, items, values }]) => [
        key,
        {
          types: [...types].sort(),
          items,
          distinct: Math.min(values.count, items),
          approximate: values.isApproximate,
        },
      ]),
    );
  }
}

function typeOf(value: Message<"AnyValue"> | undefined): string {
  for (const [field, type] of Object.entries(TYPE_OF_FIELD)) {
    if (value?.[field as keyof typeof TYPE_OF_FIELD] !== undefined) return type;
  }
  return "empty";
}

/** A text that differs for different values of a type; not for printing. */
function textOf(value: Message<"AnyValue"> | undefined): string {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.intValue !== undefined) return `${value.intValue.high},${value.intValue.low}`;
  if (value?.doubleValue !== undefined) return String(value.doubleValue);
  return Buffer.from(encodeMessage("AnyValue", value ?? {})).toString("latin1");
}
