/**
 * The layout of a compressed record: the tables of a frozen one, made to point at the places that its body's variables have in the
 * compressed body or beside it.
 *
 * A slot whose bytes are copied from an earlier one has no place of its own any more, so the tables shrink as the body does.
 */
import {
  DELTA_MARK,
  HEADER,
  HEADER_INTS,
  ID_GROUP_INTS,
  TEXT_FORMAT_MASK,
  textCharacters,
} from "../../template/slots.ts";
import { compressedValueBytes, layOutCompressedValues, placeValues } from "./compress-values.ts";
import { TIME_TEXT_PARTS } from "./time-text-parts.ts";
import { type PlaceList, placeSlots, TIME_HIGH, TIME_LOW } from "./variable-places.ts";

/** Bring the places of all that a stamp writes into a frozen record's body into `places`, in the order of the body. */
export function placeVariables(ints: Int32Array, body: Buffer, places: PlaceList): void {
  places.reset();
  placeSlots(ints, body, places);
  placeValues(ints, places);
  places.sort();
}

/**
 * Tables that point into the frame, and the frame behind them: a new record, padded to a multiple of 8 bytes.
 *
 * ints         the frozen record
 * bodyBytes    of its body
 * placeAt      place in the frame of what begins at a byte of the body, -1 where nothing is to be stamped; read where variables begin
 * areLiterals  whether the places have the order of the body, see ValuePlaces
 */
export function layOutCompressed(
  ints: Int32Array,
  bodyBytes: number,
  frame: Buffer,
  placeAt: Int32Array,
  areLiterals: boolean,
): Buffer {
  const table = tablesOf(ints, placeAt);
  const valuesOffset = roundUp(table.length * 4);
  const bodyOffset =
    valuesOffset + compressedValueBytes(ints, { placeOf: (offset) => placeAt[offset]!, areLiterals });
  const record = Buffer.alloc(roundUp(bodyOffset + frame.length));
  const target = new Int32Array(record.buffer, record.byteOffset, record.length / 4);
  target.set(table);
  target[HEADER.bodyOffset] = bodyOffset;
  target[HEADER.bodyBytes] = frame.length;
  target[HEADER.plainBytes] = bodyBytes;
  target[HEADER.lowestSteps] = ints[HEADER.lowestSteps]!;
  target[HEADER.valueGroups] = ints[HEADER.valueGroups]!;
  target[HEADER.valuesOffset] = valuesOffset;
  relocate(target, bodyOffset);
  layOutCompressedValues(ints, target, valuesOffset / 4, {
    placeOf: (offset) => placeAt[offset]! + bodyOffset,
    areLiterals,
  });
  record.set(frame, bodyOffset);
  return record;
}

/** The header and all tables, with places that count from the frame's begin. */
function tablesOf(ints: Int32Array, placeAt: Int32Array): number[] {
  const base = ints[HEADER.bodyOffset]!;
  const placeOf = (offset: number) => placeAt[offset - base]!;
  const table: number[] = Array(HEADER_INTS).fill(0);
  const high: number[] = [];
  let at = HEADER_INTS;
  for (let slot = 0; slot < ints[HEADER.timeSlots]!; slot++, at += 2) {
    const low = placeOf(ints[at]! + TIME_LOW.from);
    if (low >= 0) table.push(low, ints[at + 1]!);
    const place = placeOf(ints[at]! + TIME_HIGH.from);
    if (place >= 0) high.push(place);
  }
  table[HEADER.timeSlots] = (table.length - HEADER_INTS) / 2;
  table[HEADER.highTimes] = high.length;
  for (const place of high) table.push(place);
  for (let group = 0; group < ints[HEADER.idGroups]!; group++) {
    const head = table.length;
    for (let int = 0; int < ID_GROUP_INTS; int++) table.push(ints[at + int]!);
    let slot = at + ID_GROUP_INTS;
    for (let kind = 2; kind < ID_GROUP_INTS; kind++) {
      const before = table.length;
      for (const end = slot + ints[at + kind]!; slot < end; slot++) {
        const place = placeOf(ints[slot]!);
        if (place >= 0) table.push(place);
      }
      table[head + kind] = table.length - before;
    }
    at = slot;
    // A trace that another one names by a copied id has nothing to be written.
    if (table.length === head + ID_GROUP_INTS) table.length = head;
    else table[HEADER.idGroups]!++;
  }
  for (let slot = 0; slot < ints[HEADER.textTimes]!; slot++, at += 4) {
    table[HEADER.textTimes]! += pushTextTime(table, ints, at, (from) => placeOf(ints[at]! + from));
  }
  for (let slot = 0; slot < ints[HEADER.startTimes]!; slot++, at++) {
    const place = placeOf((ints[at]! & ~DELTA_MARK) + TIME_LOW.from);
    if (place < 0) continue;
    table.push((place - TIME_LOW.from) | (ints[at]! & DELTA_MARK));
    table[HEADER.startTimes]!++;
  }
  for (let slot = 0; slot < ints[HEADER.instances]!; slot++, at++) {
    const place = placeOf(ints[at]!);
    if (place < 0) continue;
    table.push(place);
    table[HEADER.instances]!++;
  }
  return table;
}

/**
 * Push what of a text time is literal, as many slots as it is runs; returns how many. `placeOf` finds the place of the character that a part
 * begins with, -1 for a copy.
 */
function pushTextTime(
  table: number[],
  ints: Int32Array,
  slot: number,
  placeOf: (from: number) => number,
): number {
  const format = ints[slot + 1]! & TEXT_FORMAT_MASK;
  let runs = 0;
  let first = 0;
  let end = 0;
  let placeOfFirst = -1;
  const push = (): void => {
    if (placeOfFirst < 0) return;
    table.push(placeOfFirst, textCharacters(format, first, end - first), ints[slot + 2]!, ints[slot + 3]!);
    runs++;
  };
  for (const { from, length } of TIME_TEXT_PARTS[format]!) {
    const place = placeOf(from);
    if (place < 0) continue;
    // What never changes between two parts can be written with them, where it is literal too.
    if (placeOfFirst < 0 || place - placeOfFirst !== from - first) {
      push();
      first = from;
      placeOfFirst = place;
    }
    end = from + length;
  }
  push();
  return runs;
}

/** Make places count from the record's begin. */
function relocate(table: Int32Array, bodyOffset: number): void {
  let at = HEADER_INTS;
  const move = (count: number, stride: number): void => {
    for (const end = at + count * stride; at < end; at += stride) table[at]! += bodyOffset;
  };
  move(table[HEADER.timeSlots]!, 2);
  move(table[HEADER.highTimes]!, 1);
  for (let group = 0; group < table[HEADER.idGroups]!; group++) {
    const slots = table[at + 2]! + table[at + 3]! + table[at + 4]! + table[at + 5]!;
    at += ID_GROUP_INTS;
    move(slots, 1);
  }
  move(table[HEADER.textTimes]!, 4);
  move(table[HEADER.startTimes]!, 1);
  move(table[HEADER.instances]!, 1);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
