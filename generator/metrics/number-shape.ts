/**
 * The forms that numbers of metrics have, short enough that a catalogue reads as a table.
 */
import type { NumberShape, Range, Reading } from "./definition.ts";

/** What of a form may differ. `spread` is for gauges and up-down counters only. */
export interface Limits {
  readonly spread?: number;
  readonly min?: number;
  readonly max?: number;
}

const SPREAD = 0.125;

function shapes(form: NumberShape["form"], grid: number, usual: Limits = {}) {
  return <Vitals = unknown>(level: Range | Reading<Vitals>, limits: Limits = {}): NumberShape<Vitals> => {
    const { spread = SPREAD, min = 0, max } = { ...usual, ...limits };
    return { form, grid, level, spread, min, max };
  };
}

/** Whole numbers. */
export const whole = shapes("int", 0);

/** Whole numbers that do not move. */
export const still = shapes("int", 0, { spread: 0 });

/** Amounts of data in multiples of 256 bytes: traffic. */
export const traffic = shapes("int", 1);

/** Amounts of data in multiples of 64 KiB: memory and storage. */
export const storage = shapes("int", 2, { spread: 0.03 });

/** Sizes that do not move, in multiples of 64 KiB. */
export const capacity = shapes("int", 2, { spread: 0 });

/** Numbers with a fraction. */
export const real = shapes("double", 0);

/** Numbers with a fraction that do not move. */
export const fixed = shapes("double", 0, { spread: 0 });

/** Ratios in [0, 1). */
export const ratio = shapes("double", 0, { max: 1 - 2 ** -13 });

/** One whole number for all, which does not move. */
export const constant = (value: number): NumberShape<unknown> => still([value, value]);
