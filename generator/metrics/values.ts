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

/** Doubles of gauges: their smallest besides 0, and where their grid changes. */
const LEAST_DOUBLE = 2 ** -9;
const FINE_BELOW = 2;
const WIDE_BELOW = 131_072;
const FINE_UNIT = 2 ** -13;
const WIDE_UNIT = 1 / 128;

/** Where cumulative doubles begin: the floor of the range whose top byte never changes. */
const COUNTER_FLOOR = 2;

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
 * The number of one point: on the grid of its form and in its range.
 *
 * amount     in the metric's unit, not negative; of counters: per hour
 * mayBeZero  whether a counter may count nothing for ever
 */
export function onGrid(
  kind: NumberMetric["kind"],
  shape: NumberShape,
  amount: number,
  mayBeZero: boolean,
): number {
  const { min, max = Number.POSITIVE_INFINITY } = shape;
  const within = kind === "counter" ? amount : Math.min(max, Math.max(min, amount));
  if (shape.form === "double" && kind !== "counter") return gaugeDouble(within);
  const unit = shape.form === "int" ? 256 ** shape.grid : WIDE_UNIT;
  const units = Math.round(within / unit);
  // Something that happens at all happens in an hour.
  return (units === 0 && kind === "counter" && !mayBeZero && amount > 0 ? 1 : units) * unit;
}

/** The smallest step between a double and its neighbours. */
export function gaugeUnit(value: number): number {
  if (value < FINE_BELOW) return FINE_UNIT;
  if (value < WIDE_BELOW) return WIDE_UNIT;
  let unit = WIDE_UNIT;
  while (value >= unit * 2 ** 25) unit *= 2;
  return unit;
}

function gaugeDouble(amount: number): number {
  if (amount < LEAST_DOUBLE / 2) return 0;
  const unit = gaugeUnit(amount);
  const value = Math.max(LEAST_DOUBLE, Math.round(amount / unit) * unit);
  // Rounded up out of its range, it would move on another grid than it stands on.
  return value >= FINE_BELOW && amount < FINE_BELOW ? FINE_BELOW - FINE_UNIT : value;
}

/** Gathers what the model of one metric of numbers must allow for. */
export class NumberRange {
  #largest = 0;
  #firstByte = 7;
  #end = 0;

  /** Note the number of a point, as written. */
  add(metric: NumberMetric, value: number): void {
    if (value > this.#largest) this.#largest = value;
    if (metric.number.form === "double" && metric.kind !== "counter" && value > 0) {
      const [firstByte, end] = gaugeBytes(value, value * (1 + metric.number.spread));
      if (firstByte < this.#firstByte) this.#firstByte = firstByte;
      if (end > this.#end) this.#end = end;
    }
  }

  /** The model under which every noted number lives for LIFE_SECONDS at least. */
  model(metric: NumberMetric, isDelta: boolean): ValueModel {
    const { kind, number: shape } = metric;
    if (kind === "counter") {
      const reach = reachOf(this.#largest);
      return shape.form === "int"
        ? { kind: "sum", value: "int", firstByte: shape.grid, width: bytesFor(reach / 256 ** shape.grid) }
        : { kind: "sum", value: "double", ...counterBytes(reach + COUNTER_FLOOR, isDelta) };
    }
    const max = shape.max ?? this.#largest * (1 + shape.spread);
    const bytes =
      shape.form === "int"
        ? { firstByte: shape.grid, width: bytesFor(max / 256 ** shape.grid) }
        : this.#end === 0
          ? { firstByte: 5, width: 2 }
          : { firstByte: this.#firstByte, width: this.#end - this.#firstByte };
    const value = shape.form === "int" ? "int" : "double";
    return { kind: "gauge", value, ...bytes, spread: shape.spread, min: shape.min, max };
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
 * Bytes of multiples of 1/128 in [2, most]. In [2^e, 2^(e+1)) they have e + 7 bits of mantissa; these begin in the low
 * half of byte 6, 4 of them, and go down 8 a byte. The top byte is one and the same from 2 to 131,072 only; differences
 * may be anything from 0 on.
 */
function counterBytes(most: number, isDelta: boolean): { firstByte: number; width: number } {
  const firstByte = wideFirstByte(most);
  return { firstByte, width: (isDelta || most >= WIDE_BELOW ? 8 : 7) - firstByte };
}

function wideFirstByte(most: number): number {
  return most < 64 ? 5 : most < 16_384 ? 4 : 3;
}

/** First byte that changes and the one behind the last, for a gauge from `value` up to `most`, in its own range. */
function gaugeBytes(value: number, most: number): [firstByte: number, end: number] {
  if (value < FINE_BELOW) return [most < 1 ? 5 : 4, 7];
  return value < WIDE_BELOW ? [wideFirstByte(most), 7] : [3, 8];
}
