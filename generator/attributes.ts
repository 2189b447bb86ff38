/**
 * Attributes as bytes: what never changes is encoded once and copied from then on.
 */
import { ProtoWriter } from "../otlp/message/writer.ts";
import type { Attributes, AttributeValue } from "./attribute-value.ts";
import { type Naming, stableNames } from "./semconv/naming.ts";

export type { Attributes, AttributeValue } from "./attribute-value.ts";

/** The encoded `key` fields of an attribute: one per name that the conventions in use give it; none leaves it out. */
export type AttributeKey = readonly Uint8Array[];

/** Used for one result at a time; results are copied out of it. */
const scratch = new ProtoWriter();

/** Encode the names of an attribute, for `writeText` and `writeInteger`. Its value must be the same under all of them. */
export function attributeKey(name: string, naming: Naming = stableNames): AttributeKey {
  return naming(name).map((rendering) => {
    if (rendering.render) throw new Error(`${name} has another value as ${rendering.name}`);
    scratch.reset();
    scratch.string(1, rendering.name);
    return scratch.finish().slice();
  });
}

/**
 * Encode attributes as `field`s of the message that holds them (9 in a span, 6 in a log record, 1 in a resource).
 * The result is the caller's.
 */
export function encodeAttributes(
  field: number,
  attributes: Attributes,
  naming: Naming = stableNames,
): Uint8Array {
  scratch.reset();
  for (const [name, value] of Object.entries(attributes)) {
    for (const rendering of naming(name)) {
      const rendered = rendering.render ? rendering.render(value) : value;
      if (rendered === undefined) continue;
      scratch.begin(field);
      scratch.string(1, rendering.name);
      scratch.begin(2);
      writeValue(scratch, rendered);
      scratch.end();
      scratch.end();
    }
  }
  return scratch.finish().slice();
}

/** Write one attribute with a text. */
export function writeText(writer: ProtoWriter, field: number, key: AttributeKey, text: string): void {
  for (let index = 0; index < key.length; index++) writer.keyedString(field, key[index]!, 2, 1, text);
}

/** Write one attribute with a whole number, 0 <= value <= 2^53. */
export function writeInteger(writer: ProtoWriter, field: number, key: AttributeKey, value: number): void {
  for (let index = 0; index < key.length; index++) writer.keyedVarint(field, key[index]!, 2, 3, value);
}

/** Write the content of an AnyValue. */
function writeValue(writer: ProtoWriter, value: AttributeValue): void {
  if (typeof value === "string") writer.string(1, value);
  else if (typeof value === "boolean") writer.varint(2, value ? 1 : 0);
  else if (typeof value === "number") writer.int64(3, value);
  else if ("double" in value) writer.double(4, value.double);
  else {
    writer.begin(5);
    for (const text of value) {
      writer.begin(1);
      writer.string(1, text);
      writer.end();
    }
    writer.end();
  }
}
