/** Attribute keys against the conventions: known, in their place, of their type, with the values that are allowed, none missing. */
import { scalarText } from "./attributes.ts";
import { requiredAt, ruleOf } from "./conventions/registry.ts";
import { type KeyRule, type Place, SPAN_ROLES } from "./conventions/tables.ts";
import type { DataRules } from "./data-rules.ts";
import { within } from "./map-within.ts";
import type { AnyValue, Attributed } from "./requests.ts";
import type { Violations } from "./violations.ts";

const TYPES: Record<string, string> = {
  stringValue: "string",
  intValue: "int",
  doubleValue: "double",
  boolValue: "boolean",
};
const SPAN_PLACES: ReadonlySet<string> = new Set(SPAN_ROLES);

export class KeyCheck {
  /** How often each key stood at each place. */
  readonly uses = new Map<Place, { items: number; keys: Map<string, number> }>();
  readonly #rules: DataRules;
  readonly #violations: Violations;
  readonly #required = new Map<Place, readonly string[]>();

  constructor(rules: DataRules, violations: Violations) {
    this.#rules = rules;
    this.#violations = violations;
  }

  /** Check all attributes of one thing. */
  check({ attributes = [] }: Attributed, place: Place, where: () => string): void {
    const use = within(this.uses, place, () => ({ items: 0, keys: new Map<string, number>() }));
    use.items++;
    for (const { key, value } of attributes) {
      use.keys.set(key, (use.keys.get(key) ?? 0) + 1);
      if (!this.#isCustom(key, place)) this.#checkKey(key, value, place, where);
      if (value.stringValue === "") {
        this.#violations.add("an attribute is empty", () => `${key} of ${where()}`);
      }
    }
    for (const key of this.#requiredAt(place)) {
      if (attributes.some((attribute) => attribute.key === key)) continue;
      this.#violations.add(`a required key is missing: ${key} (${place})`, where);
    }
  }

  #checkKey(key: string, value: AnyValue, place: Place, where: () => string): void {
    const example = () => `${key} = ${scalarText(value).slice(0, 100)} in ${where()}`;
    const rule = ruleOf(key);
    if (!rule?.places.has(place)) {
      const fault = rule ? "out of place" : "not known";
      this.#violations.add(`a key is ${fault}: ${key} (${place})`, example);
      return;
    }
    if (this.#isOfAnotherAge(rule, place)) {
      this.#violations.add(`a key of the ${rule.age} conventions: ${key} (${place})`, example);
    }
    const type = typeName(value);
    if (type !== rule.type)
      this.#violations.add(`a key's type is not ${rule.type}: ${key} (${type})`, example);
    if (rule.values && !isAllowed(rule, scalarText(value))) {
      this.#violations.add(`a value is not one of the allowed: ${key}`, example);
    }
  }

  #isCustom(key: string, place: Place): boolean {
    return SPAN_PLACES.has(place) && this.#rules.customPrefixes.some((prefix) => key.startsWith(prefix));
  }

  #isOfAnotherAge({ age }: KeyRule, place: Place): boolean {
    if (age === "always") return false;
    return !ages(this.#rules, place).includes(age);
  }

  #requiredAt(place: Place): readonly string[] {
    return within(this.#required, place, () => {
      const allowed = ["always", ...ages(this.#rules, place)];
      return requiredAt(place)
        .filter(({ age }) => allowed.includes(age))
        .map(({ key }) => key);
    });
  }
}

/** Which generations of names may be used: only spans, and what belongs to them, follow the configured one. */
function ages({ semconv }: DataRules, place: Place): string[] {
  const ofSpans = SPAN_PLACES.has(place) || place === "event" || place === "link";
  if (!ofSpans || semconv === "stable") return ["new"];
  return semconv === "old" ? ["old"] : ["new", "old"];
}

function isAllowed({ values, openValues }: KeyRule, text: string): boolean {
  return values!.has(text) || openValues!.some((beginning) => text.startsWith(beginning));
}

function typeName(value: AnyValue): string {
  const field = Object.keys(value)[0] ?? "empty";
  if (field !== "arrayValue") return TYPES[field] ?? field;
  const first = value.arrayValue?.values?.[0];
  return `${first ? typeName(first) : "string"}[]`;
}
