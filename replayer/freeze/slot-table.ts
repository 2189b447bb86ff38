/**
 * Collects the slots of one batch while its body is searched, then lays out the record: tables in front, body behind.
 * template/slots.ts describes the layout; replayer/stamp/ reads it.
 */
import {
  DELTA_MARK,
  HEADER,
  HEADER_INTS,
  ID_GROUP_INTS,
  TIME_STEP_NS,
  TIME_TEXTS,
  textCharacters,
} from "../../template/slots.ts";
import { ValueTable } from "./value-table.ts";

interface IdGroup {
  traceIds: number[];
  spanIds: number[];
  traceIdTexts: number[];
  spanIdTexts: number[];
}

/** Offsets given to the methods are bytes of the body; the record's own are computed when it is laid out. */
export class SlotTable {
  readonly values = new ValueTable();
  readonly #times: number[] = [];
  readonly #groups = new Map<number, IdGroup>();
  readonly #textTimes: number[] = [];
  readonly #startTimes: number[] = [];
  readonly #instances: number[] = [];
  #lowestSteps = 0;

  reset(): void {
    this.values.reset();
    this.#times.length = 0;
    this.#groups.clear();
    this.#textTimes.length = 0;
    this.#startTimes.length = 0;
    this.#instances.length = 0;
    this.#lowestSteps = 0;
  }

  /**
   * A fixed64 that is to hold base + `fromBase` nanoseconds. Its low three bytes are written into the body now.
   * fromBase <= 0, since nothing lies in the future.
   */
  time(body: Uint8Array, offset: number, fromBase: number): void {
    const steps = Math.floor(fromBase / TIME_STEP_NS);
    let remainder = fromBase - steps * TIME_STEP_NS;
    for (let byte = 0; byte < 8; byte++) {
      body[offset + byte] = byte < 3 ? remainder & 0xff : 0;
      remainder >>>= 8;
    }
    this.#times.push(offset, steps);
    if (steps < this.#lowestSteps) this.#lowestSteps = steps;
  }

  /** The same moment as text, in the format TIME_TEXTS[format]. */
  timeText(offset: number, format: number, fromBase: number): void {
    const steps = Math.floor(fromBase / TIME_STEP_NS);
    const characters = textCharacters(format, 0, TIME_TEXTS[format]!.zero.length);
    this.#textTimes.push(offset, characters, steps, fromBase - steps * TIME_STEP_NS);
    if (steps < this.#lowestSteps) this.#lowestSteps = steps;
  }

  /** The batch's base time is to suit times this far before it too, which are in another record. */
  reach(steps: number): void {
    if (steps < this.#lowestSteps) this.#lowestSteps = steps;
  }

  traceId(ordinal: number, offset: number): void {
    this.#group(ordinal).traceIds.push(offset);
  }

  /** A span id of the trace: its frozen form stands in the body already. */
  spanId(ordinal: number, offset: number): void {
    this.#group(ordinal).spanIds.push(offset);
  }

  traceIdText(ordinal: number, offset: number): void {
    this.#group(ordinal).traceIdTexts.push(offset);
  }

  /** A span id as 16 hex digits; the frozen form stands there, in hex. */
  spanIdText(ordinal: number, offset: number): void {
    this.#group(ordinal).spanIdTexts.push(offset);
  }

  /** A fixed64 that is to hold the start of its series, or for points of differences the time of the previous point. */
  startTime(offset: number, isDelta: boolean): void {
    this.#startTimes.push(offset, isDelta ? DELTA_MARK : 0);
  }

  /** Block and instance in a service.instance.id. */
  instance(offset: number): void {
    this.#instances.push(offset);
  }

  /** The earliest time so far, in steps from the base. */
  get lowestSteps(): number {
    return this.#lowestSteps;
  }

  /** Lay out the record of a body. The result is a new buffer, padded to a multiple of 8 bytes. */
  layOut(body: Uint8Array): Buffer {
    let groupInts = 0;
    for (const group of this.#groups.values()) groupInts += ID_GROUP_INTS + countOf(group);
    const ints =
      HEADER_INTS +
      this.#times.length +
      groupInts +
      this.#textTimes.length +
      this.#startTimes.length / 2 +
      this.#instances.length;
    const valuesOffset = roundUp(ints * 4);
    const bodyOffset = roundUp(valuesOffset + this.values.byteLength);
    const record = Buffer.alloc(roundUp(bodyOffset + body.length));
    const table = new Int32Array(record.buffer, record.byteOffset, ints);
    table[HEADER.bodyOffset] = bodyOffset;
    table[HEADER.bodyBytes] = body.length;
    table[HEADER.timeSlots] = this.#times.length / 2;
    table[HEADER.idGroups] = this.#groups.size;
    table[HEADER.textTimes] = this.#textTimes.length / 4;
    table[HEADER.startTimes] = this.#startTimes.length / 2;
    table[HEADER.instances] = this.#instances.length;
    table[HEADER.valueGroups] = this.values.groupCount;
    table[HEADER.valuesOffset] = valuesOffset;
    table[HEADER.lowestSteps] = this.#lowestSteps;
    let at = HEADER_INTS;
    for (let i = 0; i < this.#times.length; i += 2) {
      table[at++] = this.#times[i]! + bodyOffset;
      table[at++] = this.#times[i + 1]!;
    }
    for (const [ordinal, group] of this.#groups) {
      table[at++] = ordinal | 0;
      table[at++] = Math.floor(ordinal / 2 ** 32);
      for (const offsets of offsetsOf(group)) table[at++] = offsets.length;
      for (const offsets of offsetsOf(group)) for (const offset of offsets) table[at++] = offset + bodyOffset;
    }
    for (let i = 0; i < this.#textTimes.length; i += 4) {
      table[at++] = this.#textTimes[i]! + bodyOffset;
      for (let rest = 1; rest < 4; rest++) table[at++] = this.#textTimes[i + rest]!;
    }
    for (let i = 0; i < this.#startTimes.length; i += 2) {
      table[at++] = (this.#startTimes[i]! + bodyOffset) | this.#startTimes[i + 1]!;
    }
    for (const offset of this.#instances) table[at++] = offset + bodyOffset;
    this.values.layOut(record, valuesOffset, bodyOffset);
    record.set(body, bodyOffset);
    return record;
  }

  #group(ordinal: number): IdGroup {
    let group = this.#groups.get(ordinal);
    if (!group) {
      group = { traceIds: [], spanIds: [], traceIdTexts: [], spanIdTexts: [] };
      this.#groups.set(ordinal, group);
    }
    return group;
  }
}

function offsetsOf(group: IdGroup): number[][] {
  return [group.traceIds, group.spanIds, group.traceIdTexts, group.spanIdTexts];
}

function countOf(group: IdGroup): number {
  return offsetsOf(group).reduce((sum, offsets) => sum + offsets.length, 0);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
