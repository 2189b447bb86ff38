import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NumberMetric, NumberShape } from "./definition.ts";
import { ratio, real, storage, traffic, whole } from "./number-shape.ts";
import { gaugeUnit, NumberRange, onGrid } from "./values.ts";

const SHAPES: Record<string, NumberShape> = {
  whole: whole([1, 1e9]),
  traffic: traffic([1e6, 1e12]),
  storage: storage([1e6, 1e12]),
  ratio: ratio([0.01, 0.99]),
  real: real([0, 1e9]),
};

const kinds = fc.constantFrom<NumberMetric["kind"]>("gauge", "upDownCounter");
const shapes = fc.constantFrom(...Object.values(SHAPES));
const amounts = fc.oneof(
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.double({ min: 0, max: 3, noNaN: true }),
  fc.double({ min: 0, max: 0.01, noNaN: true }),
);

function metricWith(kind: NumberMetric["kind"], number: NumberShape): NumberMetric {
  return {
    ...{ name: "m", unit: "1", description: "", type: "host_metrics", carrier: "host", dimensions: [] },
    ...{ only: undefined, scope: { name: "s", version: "1" }, kind, number },
  };
}

const unitOf = (shape: NumberShape, value: number): number =>
  shape.form === "int" ? 256 ** shape.grid : gaugeUnit(value);

function bytesOf(value: number, type: "int" | "double"): Buffer {
  const buffer = Buffer.alloc(8);
  if (type === "int") buffer.writeBigInt64LE(BigInt(value));
  else buffer.writeDoubleLE(value);
  return buffer;
}

describe("gauges", () => {
  it("stay on their grid and in their bounds, whatever is drawn", () => {
    fc.assert(
      fc.property(kinds, shapes, amounts, (kind, shape, amount) => {
        const value = onGrid(kind, shape, amount, true);
        expect(value % unitOf(shape, value)).toBe(0);
        expect(value).toBeGreaterThanOrEqual(shape.min);
        expect(value).toBeLessThanOrEqual(shape.max ?? Number.POSITIVE_INFINITY);
        if (shape.form === "double" && value > 0) expect(value).toBeGreaterThanOrEqual(2 ** -9);
      }),
    );
  });

  it("change only in the bytes that their model declares, at every step of the band", () => {
    const places = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(kinds, shapes, amounts, places, (kind, shape, amount, at) => {
        const metric = metricWith(kind, shape);
        const middle = onGrid(kind, shape, amount, true);
        const unit = unitOf(shape, middle);
        const range = new NumberRange();
        range.add(metric, middle);
        const { firstByte, width, value: type, max } = range.model(metric, false);
        const [low, high] = gaugeRange(shape, middle);
        const moved = middle + Math.trunc((at * shape.spread * middle) / unit) * unit;
        fc.pre(moved <= max! && moved >= low && moved < high);
        const [before, after] = [bytesOf(middle, type), bytesOf(moved, type)];
        for (let byte = 0; byte < 8; byte++) {
          if (byte < firstByte || byte >= firstByte + width) expect(after[byte]).toBe(before[byte]);
        }
      }),
    );
  });

  it("are 0 where next to nothing is meant", () => {
    expect(onGrid("gauge", ratio([0, 1]), 0.0003, true)).toBe(0);
    expect(onGrid("gauge", ratio([0, 1]), 0.0019, true)).toBe(2 ** -9);
  });
});

describe("counters", () => {
  it("count something in an hour where something happens", () => {
    expect(onGrid("counter", traffic([1, 1e6]), 3, false)).toBe(256);
    expect(onGrid("counter", whole([0, 10]), 0.2, true)).toBe(0);
  });

  const counters = fc.constantFrom<NumberShape>(whole([0, 1]), traffic([0, 1]), real([0, 1]));
  const rates = fc.oneof(
    fc.double({ min: 0, max: 57_600, noNaN: true }),
    fc.double({ min: 0, max: 1e13, noNaN: true }),
  );

  it("have bytes enough for a day, and change in no other", () => {
    const hours = fc.double({ min: 0, max: 24, noNaN: true });
    fc.assert(
      fc.property(counters, rates, hours, (shape, amount, hour) => {
        fc.pre(shape.form === "int" || amount <= 57_600);
        const metric = metricWith("counter", shape);
        const perHour = onGrid("counter", shape, amount, true);
        const range = new NumberRange();
        range.add(metric, perHour);
        const { firstByte, width, value: type } = range.model(metric, false);
        const unit = shape.form === "int" ? 256 ** shape.grid : 1 / 128;
        const floor = shape.form === "int" ? 0 : 2;
        const [first, later] = [floor, floor + Math.floor((perHour * hour) / unit) * unit];
        const [before, after] = [bytesOf(first, type), bytesOf(later, type)];
        for (let byte = 0; byte < 8; byte++) {
          if (byte < firstByte || byte >= firstByte + width) expect(after[byte]).toBe(before[byte]);
        }
      }),
    );
  });

  it("of doubles, as differences, may change up to the top byte", () => {
    const metric = metricWith("counter", real([0, 1]));
    const range = new NumberRange();
    range.add(metric, 3000);
    const { firstByte, width } = range.model(metric, true);
    expect(firstByte + width).toBe(8);
    for (const difference of [0, 1 / 128, 0.5, 3, 8.328125, 3000]) {
      const bytes = bytesOf(difference, "double");
      for (let byte = 0; byte < firstByte; byte++) expect(bytes[byte]).toBe(0);
    }
  });
});

/** Bounds of the range of doubles that a value stays in, as docs/template-format.md has them. */
function gaugeRange(shape: NumberShape, value: number): [number, number] {
  if (shape.form === "int" || value >= 131_072) return [0, Number.POSITIVE_INFINITY];
  return value < 2 ? [value === 0 ? 0 : 2 ** -9, 2] : [2, 131_072];
}
