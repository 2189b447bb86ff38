/**
 * The table of the fields that the peer added (RFC 7541, 2.3.2 and 4), as its decoder keeps it.
 *
 * A ring of slots that fills to the right: the newest field has index 0, and the oldest make room for it.
 *
 *   index     .  4  3  2  1  0  .  .
 *   slot      0  1  2  3  4  5  6  7       of #added = 6 fields the first was dropped
 */
import type { Field } from "./static-table.ts";

/** No field counts for less, which bounds how many there can be. */
const LEAST_FIELD_BYTES = 32;

/** Holds no more than `maxBytes`. Adding a field takes as long as dropping those that it displaces. */
export class DynamicTable {
  /** How many fields there are. */
  length = 0;
  /** Goes up whenever an index may come to mean another field. */
  version = 0;
  readonly #slots: (Field | undefined)[];
  readonly #mask: number;
  #added = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    const most = Math.max(1, Math.floor(maxBytes / LEAST_FIELD_BYTES));
    // A power of two, so that a mask wraps.
    const slots = 2 ** Math.ceil(Math.log2(most));
    this.#slots = new Array(slots).fill(undefined);
    this.#mask = slots - 1;
    this.#maxBytes = maxBytes;
  }

  /** The field of an index, 0 that of the newest; undefined beyond the oldest. */
  get(index: number): Field | undefined {
    return index < this.length ? this.#slots[(this.#added - 1 - index) & this.#mask] : undefined;
  }

  /** A field larger than the table empties it and is not kept (RFC 7541, 4.4). */
  add(field: Field): void {
    this.version++;
    this.#dropAbove(this.#maxBytes - field.bytes);
    if (field.bytes > this.#maxBytes) return;
    this.#slots[this.#added & this.#mask] = field;
    this.#added = (this.#added + 1) | 0;
    this.#bytes += field.bytes;
    this.length++;
  }

  /** maxBytes: no more than the constructor's. */
  resize(maxBytes: number): void {
    this.version++;
    this.#maxBytes = maxBytes;
    this.#dropAbove(maxBytes);
  }

  #dropAbove(bytes: number): void {
    while (this.length > 0 && this.#bytes > bytes) {
      const oldest = (this.#added - this.length) & this.#mask;
      this.#bytes -= this.#slots[oldest]!.bytes;
      this.#slots[oldest] = undefined;
      this.length--;
    }
  }
}
