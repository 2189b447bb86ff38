/**
 * What times do to a CRC, worked out ahead for each low byte that the steps of a request's base can have.
 *
 * Of a time, bytes 3 and 4 are the low 16 bits of base + steps (template/slots.ts). With the base's low byte, the time's own low byte is
 * known, and how far its high byte lies before the base's: the quotient of (base low + steps) by 256, from 0 downwards. So a row has
 *
 *   int 0      the part of all low bytes
 *   int 1 + n  the sum of the multipliers of all times whose high byte is the base's less n; it is to be multiplied by that byte
 *
 * Times that end at one and the same base differ by few seconds, so there are few such n: 256 steps are 4.3 seconds.
 */
import { byteTimes, fillMultiples, timesX4 } from "../../stamp/crc-field.ts";

const ROWS = 256;

/** Ints of a row for times whose earliest lies so many steps (<= 0) before the base. */
export function timeRowInts(lowestSteps: number): number {
  return 2 - Math.floor(lowestSteps / 256);
}

/** Write the rows of these times into `rows`, 256 times timeRowInts of the earliest. */
export function writeTimeRows(
  rows: Int32Array,
  times: readonly { steps: number; multiplier: number }[],
): void {
  const rowInts = rows.length / ROWS;
  /** Sums of the multipliers of times with this low byte of steps. */
  const bySteps = new Int32Array(256);
  for (const { steps, multiplier } of times) {
    bySteps[steps & 0xff]! ^= multiplier;
    for (let low = 0; low < ROWS; low++) rows[low * rowInts + 1 - ((low + steps) >> 8)]! ^= multiplier;
  }
  const multiples = new Int32Array(16);
  for (let steps = 0; steps < 256; steps++) {
    if (bySteps[steps] === 0) continue;
    // The low byte stands in front of the high one, by which the multiplier is meant: x^8 more.
    fillMultiples(multiples, 0, timesX4(timesX4(bySteps[steps]!)));
    for (let low = 0; low < ROWS; low++) rows[low * rowInts]! ^= byteTimes((low + steps) & 0xff, multiples);
  }
}
