/**
 * Times in the text of log records. Their jitters come from a small pool, so a base time has few distinct moments and
 * formats: each is formatted once, and copied from then on.
 *
 * The texts lie in rows of one array, found by a hash: a Map of numbers beyond 2^31 costs 20 times as much.
 */
import {
  TEXT_FORMAT_MASK,
  TEXT_FROM_BITS,
  TEXT_LENGTH_BITS,
  TIME_STEP_NS,
  TIME_TEXTS,
} from "../../template/slots.ts";
import { formatTime } from "../../template/time-text.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** A template of ours has at most 64 jitters; a foreign one may have more, and pays by formatting again. */
const ROWS_PER_FORMAT = 256;
const ROWS = ROWS_PER_FORMAT * TIME_TEXTS.length;
const PROBES = 16;
const ROW_BYTES = 32;

export class TimeTexts {
  #baseSteps = -1;
  /** The texts, and the moment that each is of. */
  readonly #view = new DataView(new ArrayBuffer(ROWS * ROW_BYTES));
  readonly #bytes = Buffer.from(this.#view.buffer);
  readonly #steps = new Int32Array(ROWS);
  readonly #remainders = new Int32Array(ROWS).fill(-1);

  /** Overwrite `count` text slots from ints[from] on; returns the index behind them. */
  stamp({ ints, bytes, view }: SendBuffer, from: number, count: number, baseSteps: number): number {
    if (count > 0 && baseSteps !== this.#baseSteps) {
      this.#remainders.fill(-1);
      this.#baseSteps = baseSteps;
    }
    const texts = this.#view;
    const end = from + count * 4;
    for (let at = from; at < end; at += 4) {
      let target = ints[at]!;
      const characters = ints[at + 1]!;
      const row = this.#row(characters & TEXT_FORMAT_MASK, ints[at + 2]!, ints[at + 3]!);
      const last = target + (characters >> TEXT_LENGTH_BITS);
      let from = row * ROW_BYTES + ((characters >> TEXT_FROM_BITS) & 0xff);
      for (; target + 4 <= last; target += 4, from += 4) view.setInt32(target, texts.getInt32(from));
      while (target < last) bytes[target++] = this.#bytes[from++]!;
    }
    return end;
  }

  /** The row that holds the text of base + steps and remainder. Formats have rows of their own. */
  #row(format: number, steps: number, remainderNs: number): number {
    const hash = Math.imul(remainderNs ^ Math.imul(steps, 0x9e3779b1), 0x85ebca6b) >>> 24;
    const first = format * ROWS_PER_FORMAT;
    let row = first + hash;
    for (let probe = 1; probe < PROBES && this.#remainders[row] !== -1; probe++) {
      if (this.#remainders[row] === remainderNs && this.#steps[row] === steps) return row;
      row = first + ((hash + probe) % ROWS_PER_FORMAT);
    }
    this.#remainders[row] = remainderNs;
    this.#steps[row] = steps;
    const text = formatMoment(format, this.#baseSteps + steps, remainderNs);
    this.#bytes.write(text, row * ROW_BYTES, "latin1");
    return row;
  }
}

/** A step is 32,768 and a second 1,953,125 times 512 ns: in this unit, doubles hold all moments until 2116 exactly. */
const UNIT_NS = 512;
const STEP_UNITS = TIME_STEP_NS / UNIT_NS;
const SECOND_UNITS = 1_000_000_000 / UNIT_NS;

function formatMoment(format: number, steps: number, remainderNs: number): string {
  const units = steps * STEP_UNITS;
  const seconds = Math.floor(units / SECOND_UNITS);
  const ns = (units - seconds * SECOND_UNITS) * UNIT_NS + remainderNs;
  return ns < 1_000_000_000
    ? formatTime(format, seconds, ns)
    : formatTime(format, seconds + 1, ns - 1_000_000_000);
}
