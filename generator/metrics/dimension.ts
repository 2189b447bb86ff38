/** Ways to split a metric. */
import type { AttributeValue } from "../attributes.ts";
import type { DimensionValue } from "./definition.ts";

/** Split along one attribute: values with their weights, or values that weigh the same. */
export function by(
  key: string,
  values: Readonly<Record<string, number>> | readonly AttributeValue[],
): DimensionValue[] {
  const weighted = isList(values)
    ? values.map((value) => [value, 1] as const)
    : Object.entries(values).map(([value, weight]) => [value, weight] as const);
  return weighted.map(([value, weight]) => ({ attributes: { [key]: value }, weight }));
}

function isList(values: object): values is readonly AttributeValue[] {
  return Array.isArray(values);
}

/** One array for equal lists, so that what is made of its values is made once. */
const sharedLists = new Map<string, readonly DimensionValue[]>();

/** The same as `by` for values of equal weight, one array for equal values. For lists of which there are few. */
export function sharedBy(key: string, values: readonly string[]): readonly DimensionValue[] {
  const name = `${key} ${values.join(" ")}`;
  let list = sharedLists.get(name);
  if (!list) {
    list = by(key, values);
    sharedLists.set(name, list);
  }
  return list;
}
