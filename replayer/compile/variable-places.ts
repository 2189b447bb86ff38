/**
 * The places of a frozen body that change per send, as a compressor sees them: how many bytes each has, and which of them hold the
 * same bytes as each other under every stamp.
 *
 * Of a time, bytes 3 and 4 depend on how many steps it lies before the base; bytes 5 to 7 are the same for all times of a request, as
 * its base is chosen so that no carry passes between them (stamp-key.ts, settleBase). The low three are constant.
 */

import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../../template/ids.ts";
import {
  DELTA_MARK,
  HEADER,
  HEADER_INTS,
  ID_GROUP_INTS,
  INSTANCE_TEXT_BYTES,
  TEXT_FORMAT_MASK,
} from "../../template/slots.ts";
import { TIME_TEXT_PARTS } from "./time-text-parts.ts";
import type { VariablePlaces } from "./zstd/tokens.ts";

/** First of the bytes of a fixed64 time that depend on its steps, and how many there are. */
export const TIME_LOW = { from: 3, bytes: 2 } as const;

/** First of the bytes of a fixed64 time that all times of a request share, and how many there are. */
export const TIME_HIGH = { from: 5, bytes: 3 } as const;

/** A time's bytes 5 to 7 are one for all times of a request as long as it is shorter than this: 2^40 ns. */
export const CARRY_STEPS = 2 ** 16;

/** Starts are sorted together with the place's number: one double holds both. */
const PLACE_LIMIT = 2 ** 21;

/** Collects places in any order and hands them out in the order of the body. Used again for each body. */
export class PlaceList implements VariablePlaces {
  count = 0;
  starts = new Int32Array(1 << 12);
  lengths = new Int32Array(1 << 12);
  variables = new Int32Array(1 << 12);
  #order = new Float64Array(1 << 12);
  #unsorted = new Int32Array(3 << 12);
  #variableCount = 0;

  reset(): void {
    this.count = 0;
    this.#variableCount = 0;
  }

  /** The number of a variable that has no place yet. */
  newVariable(): number {
    return this.#variableCount++;
  }

  /** The number of the variable of this key; a new one the first time. */
  variableOf<K>(known: Map<K, number>, key: K): number {
    let variable = known.get(key);
    if (variable === undefined) {
      variable = this.newVariable();
      known.set(key, variable);
    }
    return variable;
  }

  add(start: number, length: number, variable: number): void {
    if (this.count === this.#order.length) this.#grow();
    const at = this.count * 3;
    this.#unsorted[at] = start;
    this.#unsorted[at + 1] = length;
    this.#unsorted[at + 2] = variable;
    this.#order[this.count] = start * PLACE_LIMIT + this.count++;
  }

  /** Bring all places into the order of the body. */
  sort(): void {
    const order = this.#order.subarray(0, this.count).sort();
    for (let place = 0; place < this.count; place++) {
      const at = (order[place]! % PLACE_LIMIT) * 3;
      this.starts[place] = this.#unsorted[at]!;
      this.lengths[place] = this.#unsorted[at + 1]!;
      this.variables[place] = this.#unsorted[at + 2]!;
    }
  }

  #grow(): void {
    const { length } = this.#order;
    const order = new Float64Array(length * 2);
    order.set(this.#order);
    this.#order = order;
    const unsorted = new Int32Array(length * 6);
    unsorted.set(this.#unsorted);
    this.#unsorted = unsorted;
    this.starts = new Int32Array(length * 2);
    this.lengths = new Int32Array(length * 2);
    this.variables = new Int32Array(length * 2);
  }
}

/** Add the places of all slots of a frozen record but its values. `ints` is the record, `body` the body in it. */
export function placeSlots(ints: Int32Array, body: Buffer, places: PlaceList): void {
  const base = ints[HEADER.bodyOffset]!;
  let at = HEADER_INTS;
  const bySteps = new Map<number, number>();
  const high = places.newVariable();
  for (let slot = 0; slot < ints[HEADER.timeSlots]!; slot++, at += 2) {
    const offset = ints[at]! - base;
    places.add(offset + TIME_LOW.from, TIME_LOW.bytes, places.variableOf(bySteps, ints[at + 1]!));
    places.add(offset + TIME_HIGH.from, TIME_HIGH.bytes, high);
  }
  for (let group = 0; group < ints[HEADER.idGroups]!; group++) at = placeIds(ints, at, body, base, places);
  const byPart = new Map<string, number>();
  for (let slot = 0; slot < ints[HEADER.textTimes]!; slot++, at += 4) {
    const moment = `${ints[at + 2]} ${ints[at + 3]}`;
    for (const { letter, from, length, isOfRequest } of TIME_TEXT_PARTS[ints[at + 1]! & TEXT_FORMAT_MASK]!) {
      const variable = places.variableOf(byPart, isOfRequest ? letter : `${letter} ${moment}`);
      places.add(ints[at]! - base + from, length, variable);
    }
  }
  const [start, previous] = [places.newVariable(), places.newVariable()];
  for (let slot = 0; slot < ints[HEADER.startTimes]!; slot++, at++) {
    const offset = (ints[at]! & ~DELTA_MARK) - base;
    const variable = ints[at]! < 0 ? previous : start;
    places.add(offset + TIME_LOW.from, TIME_LOW.bytes + TIME_HIGH.bytes, variable);
  }
  const instance = places.newVariable();
  for (let slot = 0; slot < ints[HEADER.instances]!; slot++) {
    places.add(ints[at++]! - base, INSTANCE_TEXT_BYTES, instance);
  }
}

/** The places of one trace's ids, in bytes and in hex; returns the index behind its group. */
function placeIds(ints: Int32Array, group: number, body: Buffer, base: number, places: PlaceList): number {
  let at = group + ID_GROUP_INTS;
  const placeAll = (count: number, bytes: number, variableAt: (offset: number) => number): void => {
    for (const end = at + count; at < end; at++)
      places.add(ints[at]! - base, bytes, variableAt(ints[at]! - base));
  };
  const [trace, traceText] = [places.newVariable(), places.newVariable()];
  const [bySpan, bySpanText] = [new Map<bigint, number>(), new Map<string, number>()];
  placeAll(ints[group + 2]!, TRACE_ID_BYTES, () => trace);
  placeAll(ints[group + 3]!, SPAN_ID_BYTES, (offset) =>
    places.variableOf(bySpan, body.readBigInt64LE(offset)),
  );
  placeAll(ints[group + 4]!, 2 * TRACE_ID_BYTES, () => traceText);
  placeAll(ints[group + 5]!, 2 * SPAN_ID_BYTES, (offset) =>
    places.variableOf(bySpanText, body.toString("latin1", offset, offset + 2 * SPAN_ID_BYTES)),
  );
  return at;
}
