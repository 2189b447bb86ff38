/**
 * Times in the text of log records. Their jitters come from a small pool, so a format has few distinct moments per base
 * time: each is formatted once per second and copied from then on.
 */
import { TIME_STEP_NS } from "../../template/slots.ts";
import { formatTime } from "../../template/time-text.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** Distinct (format, jitter) of a template are at most 6 x 64; a foreign one may have more and is then formatted oftener. */
const MOST_TEXTS = 1024;

export class TimeTexts {
  #baseSteps = -1;
  readonly #texts = new Map<number, Buffer>();

  /** Overwrite `count` text slots from ints[from] on; returns the index behind them. */
  stamp({ ints, bytes }: SendBuffer, from: number, count: number, baseSteps: number): number {
    if (count > 0 && baseSteps !== this.#baseSteps) {
      this.#texts.clear();
      this.#baseSteps = baseSteps;
    }
    const end = from + count * 4;
    for (let at = from; at < end; at += 4) {
      bytes.set(this.#text(ints[at + 1]!, ints[at + 2]!, ints[at + 3]!), ints[at]!);
    }
    return end;
  }

  #text(format: number, steps: number, remainderNs: number): Buffer {
    // Exact in a double: steps lie within minutes of the base, the remainder is below 2^24.
    const moment = (-steps * TIME_STEP_NS + remainderNs) * 8 + format;
    let text = this.#texts.get(moment);
    if (!text) {
      if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
      text = Buffer.from(formatMoment(format, this.#baseSteps + steps, remainderNs), "latin1");
      this.#texts.set(moment, text);
    }
    return text;
  }
}

function formatMoment(format: number, steps: number, remainderNs: number): string {
  const ns = BigInt(steps) * BigInt(TIME_STEP_NS) + BigInt(remainderNs);
  return formatTime(format, Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n));
}
