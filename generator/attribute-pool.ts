/**
 * The values that one attribute can have, encoded once: end to end in one array, as thousands of small ones would cost
 * several times their content.
 */
import { ProtoWriter } from "../otlp/message/writer.ts";
import type { AttributeValue } from "./attribute-value.ts";
import { attributeKey, encodeAttributes, writeText } from "./attributes.ts";
import { type Naming, stableNames } from "./semconv/naming.ts";

export class AttributePool {
  readonly #bytes: Uint8Array;
  /** Value n stands from #starts[n] up to #starts[n + 1]. */
  readonly #starts: Uint32Array;
  /** How many values there are. */
  readonly size: number;

  /**
   * field    of the message that the attribute will stand in: 9 in a span
   * size     number of values, at least 1
   * valueAt  the value of a place, 0 <= place < size; called once for each, in order
   */
  constructor(
    field: number,
    name: string,
    size: number,
    valueAt: (place: number) => AttributeValue,
    naming: Naming = stableNames,
  ) {
    const writer = new ProtoWriter();
    const key = naming(name).some(({ render }) => render) ? undefined : attributeKey(name, naming);
    this.size = size;
    this.#starts = new Uint32Array(size + 1);
    for (let place = 0; place < size; place++) {
      const value = valueAt(place);
      if (key && typeof value === "string") writeText(writer, field, key, value);
      else writer.raw(encodeAttributes(field, { [name]: value }, naming));
      this.#starts[place + 1] = writer.length;
    }
    this.#bytes = writer.finish().slice();
  }

  /** Write the attribute with the value of this place. */
  write(writer: ProtoWriter, place: number): void {
    writer.rawPart(this.#bytes, this.#starts[place]!, this.#starts[place + 1]!);
  }
}
