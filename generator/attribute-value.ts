/**
 * What an attribute can hold.
 */

/** A value that is a double even when it is whole: one key must have one type everywhere. */
export interface DoubleValue {
  readonly double: number;
}

/** A text, a whole number, a truth value, a double, or a list of texts. */
export type AttributeValue = string | number | boolean | DoubleValue | readonly string[];

/** Attributes by name, in the order in which they go out. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
