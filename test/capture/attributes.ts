/** Attributes: one type per key over everything that was captured, how they are read, and a text by which series are told apart. */
import type { AnyValue, Attribute, Attributed } from "./requests.ts";
import type { Violations } from "./violations.ts";

export class AttributeTypes {
  readonly #types = new Map<string, string>();
  readonly #violations: Violations;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  get keys(): number {
    return this.#types.size;
  }

  /** Check the attributes of one resource, scope, span, event, link, point or record. */
  check({ attributes }: Attributed, where: () => string): void {
    if (!attributes) return;
    const keys = new Set<string>();
    for (const { key, value } of attributes) {
      if (keys.has(key)) this.#violations.add("an attribute key stands twice", () => `${key} in ${where()}`);
      keys.add(key);
      const type = typeOf(value);
      const known = this.#types.get(key);
      if (known === undefined) this.#types.set(key, type);
      else if (known !== type) {
        const example = () => `${key} is ${type} in ${where()}, ${known} elsewhere`;
        this.#violations.add("an attribute key has two types", example);
      }
    }
  }
}

/** As the oneof's field is called; of an array, with its elements' type. */
function typeOf(value: AnyValue): string {
  const type = Object.keys(value)[0] ?? "empty";
  const first = value.arrayValue?.values?.[0];
  return first ? `${type} of ${typeOf(first)}` : type;
}

/** Equal for equal sets of attributes, whatever their order. */
export function attributesText(attributes: readonly Attribute[] = []): string {
  return attributes
    .map(({ key, value }) => `${key}=${JSON.stringify(value)}`)
    .sort()
    .join("\u0001");
}

/** Text of a string attribute; undefined when it is absent or no string. */
export function stringAttribute({ attributes }: Attributed, key: string): string | undefined {
  return attributes?.find((attribute) => attribute.key === key)?.value.stringValue;
}

/** The values of one resource, span, event, point or record by their keys. */
export function valuesByKey({ attributes = [] }: Attributed): Map<string, AnyValue> {
  return new Map(attributes.map(({ key, value }) => [key, value]));
}

/** The same as texts. */
export function textsByKey({ attributes = [] }: Attributed): Map<string, string> {
  return new Map(attributes.map(({ key, value }) => [key, scalarText(value)]));
}

/** The first of these attributes that is there, as text. */
export function textOf(attributes: ReadonlyMap<string, AnyValue>, ...keys: string[]): string {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value) return scalarText(value);
  }
  return "";
}

/** A scalar as text; other values as JSON. */
export function scalarText(value: AnyValue): string {
  const scalar = value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue;
  return scalar === undefined ? JSON.stringify(value) : String(scalar);
}

/** All texts in a value, nested ones too. */
export function* textsOf(value: AnyValue | undefined): Generator<string> {
  if (!value) return;
  if (value.stringValue !== undefined) yield value.stringValue;
  for (const item of value.arrayValue?.values ?? []) yield* textsOf(item);
  for (const item of value.kvlistValue?.values ?? []) yield* textsOf(item.value);
}
