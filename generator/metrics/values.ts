/**
 * Numbers of data points: drawn, put on the grid that their form allows, and summed up in one value model per metric.
 *
 * docs/template-format.md has the rules; they let a replayer change few bytes of a value, and always the same ones.
 */
import type { ValueModel } from "../../template/metadata.ts";
import { LEAD_LIMIT_SECONDS, TEMPLATE_AMOUNT_SECONDS } from "../../template/values.ts";
import type { Random } from "../random.ts";
import type { NumberMetric, NumberShape } from "./definition.ts";

/** Points of one resource differ from the metric's shares by at most this much, relative. */
const SCATTER = 0.05;

/** Every counter has room for this much life; a day is promised. */
const LIFE_SECONDS = 36 * 3600;

/** Most that a counter of doubles may count per hour, and a histogram's sum: a day of it stays below 2^17. */
export const MOST_PER_HOUR = 5_400;

/** The smallest step between two values of that form. */
export function unitOf(shape: NumberShape): number {
  return shape.form === "int" ? 256 ** shape.grid : shape.form === "fine" ? 2 ** -13 : 1 / 128;
}

/** The amount that one resource's points share: between low and high, small ones more often. */
export function drawLevel(random: Random, low: number, high: number): number {
  const share = random.float();
  return low + (high - low) * share * share;
}

/** A factor near 1, so that equal shares do not look copied. */
export function drawScatter(random: Random): number {
  return 1 + SCATTER * (2 * random.float() - 1);
}

/**
 * The number of one point: on the grid of its form, in its range, and for gauges so that the whole band is in range.
 *
 * amount  level times weight times scatter, in the metric's unit
 */
export function onGrid(kind: NumberMetric["kind"], shape: NumberShape, amount: number): number {
  const unit = unitOf(shape);
  let lowest = shape.min;
  let highest = shape.max ?? Number.POSITIVE_INFINITY;
  if (kind === "counter") {
    if (shape.form === "wide") highest = MOST_PER_HOUR;
    // Something that happens at all happens in an hour; only what may be 0 is.
    if (shape.form === "int" && shape.low > 0 && amount > 0) lowest = unit;
  } else if (shape.spread < 1) {
    lowest /= 1 - shape.spread;
    highest /= 1 + shape.spread;
  }
  const first = Math.ceil(lowest / unit);
  const last = Math.floor(highest / unit);
  return Math.min(last, Math.max(first, Math.round(amount / unit))) * unit;
}

/** Gathers what the model of one metric of numbers must allow for. */
export class NumberRange {
  #largest = 0;

  /** Note the number of a point, as written. */
  add(value: number): void {
    if (value > this.#largest) this.#largest = value;
  }

  /** The model under which every noted number lives for LIFE_SECONDS at least. */
  model(metric: NumberMetric): ValueModel {
    const { kind, number: shape } = metric;
    const unit = unitOf(shape);
    if (kind === "counter") {
      const reach = reachOf(this.#largest);
      return shape.form === "int"
        ? { kind: "sum", value: "int", firstByte: shape.grid, width: bytesFor(reach / unit) }
        : { kind: "sum", value: "double", ...wideBytes(reach + 2) };
    }
    const top = Math.ceil((this.#largest * (1 + shape.spread)) / unit) * unit;
    const max = shape.max ?? top;
    const bytes =
      shape.form === "int"
        ? { firstByte: shape.grid, width: bytesFor(Math.max(top, max) / unit) }
        : shape.form === "fine"
          ? fineBytes(max)
          : wideBytes(max);
    return {
      kind: "gauge",
      value: shape.form === "int" ? "int" : "double",
      ...bytes,
      spread: shape.spread,
      min: shape.min,
      max,
    };
  }
}

/** The model of histograms whose busiest point counts `perHour`. */
export function histogramModel(kind: "histogram" | "exponentialHistogram", perHour: number): ValueModel {
  return { kind, value: "int", firstByte: 0, width: bytesFor(reachOf(perHour)) };
}

/** What a counter has counted after LIFE_SECONDS, at most: it may run ahead of its rate a little. */
function reachOf(perHour: number): number {
  return (perHour / TEMPLATE_AMOUNT_SECONDS) * (LIFE_SECONDS + LEAD_LIMIT_SECONDS);
}

/** Bytes that hold whole numbers up to `most`. */
function bytesFor(most: number): number {
  let width = 1;
  while (most >= 256 ** width) width++;
  return width;
}

/**
 * Bytes of doubles in [2, most], multiples of 1/128. In [2^e, 2^(e+1)) they have e + 7 bits of mantissa; these begin
 * in the low half of byte 6, 4 of them, and go down 8 a byte.
 */
function wideBytes(most: number): { firstByte: number; width: number } {
  if (most < 64) return { firstByte: 5, width: 2 };
  return most < 16_384 ? { firstByte: 4, width: 3 } : { firstByte: 3, width: 4 };
}

/** Bytes of doubles in [2^-9, most], multiples of 2^-13, most < 2: 12 bits of mantissa below 1, else 13. */
function fineBytes(most: number): { firstByte: number; width: number } {
  return most < 1 ? { firstByte: 5, width: 2 } : { firstByte: 4, width: 3 };
}
