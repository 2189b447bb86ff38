/**
 * The cells of a body: what a stamp writes once each, to be woven into all literals of it (replayer/stamp/gzip-layout.ts). A variable has
 * a cell of its own; the span ids of a trace share one, as all of them change by the same bits.
 */
import { HEADER, HEADER_INTS, ID_GROUP_INTS } from "../../../template/slots.ts";
import { ONE, timesX, timesX4 } from "../../stamp/crc-field.ts";
import { TIME_LOW } from "../variable-places.ts";
import type { VariablePlaces } from "../zstd/tokens.ts";

export interface Cell {
  readonly bytes: number;
  /** Byte of the body at which it stands first. */
  readonly first: number;
  /** It is xored into what the literals hold: they keep their bytes, and it begins as zeros. */
  readonly isMask: boolean;
  /** Of the two bytes of a time: its steps. Undefined for all others. */
  readonly steps: number | undefined;
  /** What its bytes are multiplied with for their part in the CRC. */
  multiplier: number;
}

/** x^(32 + 8n) for n from 0 on, as many as a body has had bytes so far. */
let powers = new Int32Array(0);

export class Cells {
  readonly list: Cell[] = [];
  /** Number of the cell of each variable. */
  cellOf = new Int32Array(0);
  /** Variable that begins at a byte of the body; filled where one does. */
  #variableAt = new Int32Array(0);

  /** The cells of the frozen record `ints`, whose variables lie at `places`. */
  set(ints: Int32Array, bodyBytes: number, places: VariablePlaces): void {
    const { count, starts, lengths, variables } = places;
    if (this.#variableAt.length < bodyBytes) this.#variableAt = new Int32Array(bodyBytes * 2);
    for (let place = 0; place < count; place++) this.#variableAt[starts[place]!] = variables[place]!;
    if (this.cellOf.length <= count) this.cellOf = new Int32Array(count * 2 + 1);
    this.cellOf.fill(-1);
    if (powers.length < bodyBytes) powers = powersOf(bodyBytes * 2);
    const maskOf = this.#masks(ints);
    const stepsOf = this.#steps(ints);
    this.list.length = 0;
    const cellOfMask = new Map<number, number>();
    for (let place = 0; place < count; place++) {
      const variable = variables[place]!;
      const bytes = lengths[place]!;
      if (this.cellOf[variable]! < 0) {
        const mask = maskOf.get(variable);
        const known = mask === undefined ? undefined : cellOfMask.get(mask);
        const cell = known ?? this.list.length;
        this.cellOf[variable] = cell;
        if (mask !== undefined) cellOfMask.set(mask, cell);
        if (known === undefined) {
          this.list.push({
            bytes,
            first: starts[place]!,
            isMask: mask !== undefined,
            steps: stepsOf.get(variable),
            multiplier: 0,
          });
        }
      }
      this.list[this.cellOf[variable]!]!.multiplier ^= powers[bodyBytes - starts[place]! - bytes]!;
    }
  }

  /** For each variable that is a span id: a number that all span ids of its trace have in common. */
  #masks(ints: Int32Array): Map<number, number> {
    const masks = new Map<number, number>();
    const base = ints[HEADER.bodyOffset]!;
    let at = HEADER_INTS + ints[HEADER.timeSlots]! * 2;
    for (let group = 0; group < ints[HEADER.idGroups]!; group++) {
      const spanIds = at + ID_GROUP_INTS + ints[at + 2]!;
      for (let slot = spanIds; slot < spanIds + ints[at + 3]!; slot++)
        masks.set(this.#variableAt[ints[slot]! - base]!, group);
      at = spanIds + ints[at + 3]! + ints[at + 4]! + ints[at + 5]!;
    }
    return masks;
  }

  /** For each variable that is the two lower bytes of a time: its steps. */
  #steps(ints: Int32Array): Map<number, number> {
    const steps = new Map<number, number>();
    const base = ints[HEADER.bodyOffset]!;
    const end = HEADER_INTS + ints[HEADER.timeSlots]! * 2;
    for (let at = HEADER_INTS; at < end; at += 2)
      steps.set(this.#variableAt[ints[at]! - base + TIME_LOW.from]!, ints[at + 1]!);
    return steps;
  }
}

function powersOf(count: number): Int32Array<ArrayBuffer> {
  const result = new Int32Array(count);
  let power = ONE;
  for (let bit = 0; bit < 32; bit++) power = timesX(power);
  for (let n = 0; n < count; n++) {
    result[n] = power;
    power = timesX4(timesX4(power));
  }
  return result;
}
