/**
 * Stamp: write a batch's slots. A pure function of the record and the stamp key; it allocates nothing per item.
 *
 * The record (template/slots.ts) must be fresh from the frozen file: span ids are xored in place.
 */
import { type IdKey, spanKeyHigh, spanKeyLow, traceIdWords } from "../../template/ids.ts";
import {
  DELTA_MARK,
  HEADER,
  HEADER_INTS,
  ID_GROUP_INTS,
  INSTANCE_TEXT_BYTES,
  instanceText,
} from "../../template/slots.ts";
import { weaveGzip } from "./gzip.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { type StampKey, secondsBetween } from "./stamp-key.ts";
import { TimeTexts } from "./time-texts.ts";
import { stampValues } from "./values.ts";

const words = new Int32Array(4);
const timeTexts = new TimeTexts();
const instanceBytes = Buffer.alloc(INSTANCE_TEXT_BYTES);

/** Stamp the record in `buffer`: afterwards its body is the request of this key. */
export function stamp(buffer: SendBuffer, idKey: IdKey, key: StampKey): void {
  const { ints } = buffer;
  const isCompressed = ints[HEADER.plainBytes]! > 0;
  let at = isCompressed
    ? stampTimesApart(buffer, HEADER_INTS, key.baseSteps)
    : stampTimes(buffer, HEADER_INTS, ints[HEADER.timeSlots]!, key.baseSteps);
  at = stampIds(buffer, at, ints[HEADER.idGroups]!, idKey, key);
  at = timeTexts.stamp(buffer, at, ints[HEADER.textTimes]!, key.baseSteps);
  at = stampStartTimes(buffer, at, ints[HEADER.startTimes]!, key);
  stampInstances(buffer, at, ints[HEADER.instances]!, key);
  if (ints[HEADER.valueGroups]! > 0) {
    const now = secondsBetween(key.runSteps, key.baseSteps);
    const previous = secondsBetween(key.runSteps, key.previousSteps);
    stampValues(
      buffer,
      ints[HEADER.valuesOffset]!,
      ints[HEADER.valueGroups]!,
      now,
      previous,
      instanceSeed(key),
    );
  }
  if (ints[HEADER.gzipTable]! > 0) weaveGzip(buffer, key.baseSteps);
}

/** Bytes 3 to 7 of every time: base + steps. The low three are in the body already. */
function stampTimes({ ints, view }: SendBuffer, from: number, count: number, baseSteps: number): number {
  const high = Math.floor(baseSteps / 0x1_0000);
  const low = baseSteps % 0x1_0000;
  const end = from + count * 2;
  for (let at = from; at < end; at += 2) {
    const offset = ints[at]!;
    const steps = low + ints[at + 1]!;
    view.setUint8(offset + 3, steps);
    view.setInt32(offset + 4, ((steps >> 8) & 0xff) | ((high + (steps >> 16)) << 8), true);
  }
  return end;
}

/** The same of a compressed record: bytes 3 and 4 of each time, bytes 5 to 7 where they stand, all of them equal. */
function stampTimesApart({ ints, view }: SendBuffer, from: number, baseSteps: number): number {
  const low = baseSteps % 0x1_0000;
  let at = from;
  for (const end = at + ints[HEADER.timeSlots]! * 2; at < end; at += 2) {
    view.setInt16(ints[at]!, low + ints[at + 1]!, true);
  }
  const high = Math.floor(baseSteps / 0x1_0000);
  for (const end = at + ints[HEADER.highTimes]!; at < end; at++) {
    view.setInt16(ints[at]!, high, true);
    view.setInt8(ints[at]! + 2, high >> 16);
  }
  return at;
}

function stampIds(
  { ints, view, bytes }: SendBuffer,
  from: number,
  groups: number,
  idKey: IdKey,
  key: StampKey,
): number {
  let at = from;
  for (let group = 0; group < groups; group++) {
    const ordinal = ints[at + 1]! * 0x1_0000_0000 + (ints[at]! >>> 0);
    traceIdWords(idKey, key.incarnation, key.pass, ordinal, words);
    const [w0, w1, w2, w3] = [words[0]!, words[1]!, words[2]!, words[3]!];
    const low = spanKeyLow(words);
    const high = spanKeyHigh(words, low);
    const traceIds = at + ID_GROUP_INTS;
    const spanIds = traceIds + ints[at + 2]!;
    const traceIdTexts = spanIds + ints[at + 3]!;
    const spanIdTexts = traceIdTexts + ints[at + 4]!;
    const end = spanIdTexts + ints[at + 5]!;
    for (let i = traceIds; i < spanIds; i++) {
      const offset = ints[i]!;
      view.setInt32(offset, w0, true);
      view.setInt32(offset + 4, w1, true);
      view.setInt32(offset + 8, w2, true);
      view.setInt32(offset + 12, w3, true);
    }
    for (let i = spanIds; i < traceIdTexts; i++) {
      const offset = ints[i]!;
      view.setInt32(offset, view.getInt32(offset, true) ^ low, true);
      view.setInt32(offset + 4, view.getInt32(offset + 4, true) ^ high, true);
    }
    for (let i = traceIdTexts; i < spanIdTexts; i++) {
      const offset = ints[i]!;
      writeHex(view, offset, w0);
      writeHex(view, offset + 8, w1);
      writeHex(view, offset + 16, w2);
      writeHex(view, offset + 24, w3);
    }
    for (let i = spanIdTexts; i < end; i++) {
      const offset = ints[i]!;
      writeHex(view, offset, readHex(bytes, offset) ^ low);
      writeHex(view, offset + 8, readHex(bytes, offset + 8) ^ high);
    }
    at = end;
  }
  return at;
}

/** Series that count from the start of the run say so; points of differences cover the time since the previous one. */
function stampStartTimes({ ints, view }: SendBuffer, from: number, count: number, key: StampKey): number {
  const runLow = key.runSteps % 0x100;
  const runHigh = Math.floor(key.runSteps / 0x100) | 0;
  const previousLow = key.previousSteps % 0x100;
  const previousHigh = Math.floor(key.previousSteps / 0x100) | 0;
  for (let at = from; at < from + count; at++) {
    const slot = ints[at]!;
    const isDelta = slot < 0;
    const offset = slot & ~DELTA_MARK;
    view.setUint8(offset + 3, isDelta ? previousLow : runLow);
    view.setInt32(offset + 4, isDelta ? previousHigh : runHigh, true);
  }
  return from + count;
}

function stampInstances({ ints, bytes }: SendBuffer, from: number, count: number, key: StampKey): void {
  if (count === 0) return;
  instanceBytes.write(instanceText(key.block, key.instance), "latin1");
  for (let at = from; at < from + count; at++) bytes.set(instanceBytes, ints[at]!);
}

/** What tells the series of one instance from those of another. */
function instanceSeed(key: StampKey): number {
  return (
    (key.block ^ Math.imul(key.block / 0x1_0000_0000, 0x9e3779b1) ^ Math.imul(key.instance + 1, 0x85ebca6b)) |
    0
  );
}

/** The two hex digits of each byte, as they stand in memory. */
const HEX_PAIRS = Int16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, "0"), "latin1").readInt16LE(),
);

/** What a character is worth as a hex digit. */
const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 0 : digit;
});

/** A word as the 8 hex digits of its bytes in memory order (little-endian). */
function writeHex(view: DataView, offset: number, word: number): void {
  view.setInt16(offset, HEX_PAIRS[word & 0xff]!, true);
  view.setInt16(offset + 2, HEX_PAIRS[(word >>> 8) & 0xff]!, true);
  view.setInt16(offset + 4, HEX_PAIRS[(word >>> 16) & 0xff]!, true);
  view.setInt16(offset + 6, HEX_PAIRS[word >>> 24]!, true);
}

function readHex(bytes: Buffer, offset: number): number {
  let word = 0;
  for (let byte = 3; byte >= 0; byte--) {
    const at = offset + byte * 2;
    word = (word << 8) | (HEX_DIGITS[bytes[at]!]! << 4) | HEX_DIGITS[bytes[at + 1]!]!;
  }
  return word;
}
