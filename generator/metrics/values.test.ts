import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fine, type NumberMetric, ratio, storage, traffic, whole, wide } from "./definition.ts";
import { NumberRange, onGrid, unitOf } from "./values.ts";

const SHAPES = {
  whole: whole(1, 1e9),
  traffic: traffic(1e6, 1e12),
  storage: storage(1e6, 1e12),
  ratio: ratio(0.01, 0.99),
  fine: fine(0.01, 1.5, { max: 2 - 2 ** -13 }),
  wide: wide(2, 90_000, { max: 131_072 - 1 / 128 }),
};

const kinds = fc.constantFrom<NumberMetric["kind"]>("gauge", "upDownCounter");
const shapes = fc.constantFrom(...Object.values(SHAPES));
const amounts = fc.oneof(
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.double({ min: 0, max: 3, noNaN: true }),
);

function metricWith(kind: NumberMetric["kind"], number: NumberMetric["number"]): NumberMetric {
  return {
    ...{
      name: "m",
      unit: "1",
      description: "",
      type: "host_metrics",
      carrier: "host",
      dimensions: [],
      only: undefined,
    },
    ...{ scope: { name: "s", version: "1" }, kind, number },
  };
}

describe("numbers", () => {
  it("stay on their grid and in their bounds with their band, whatever is drawn", () => {
    fc.assert(
      fc.property(kinds, shapes, amounts, (kind, shape, amount) => {
        const value = onGrid(kind, shape, amount);
        expect(value % unitOf(shape)).toBe(0);
        expect(value * (1 - shape.spread)).toBeGreaterThanOrEqual(shape.min);
        if (shape.max !== undefined) expect(value * (1 + shape.spread)).toBeLessThanOrEqual(shape.max);
      }),
    );
  });

  it("change only in the bytes that their model declares, at every step of the band", () => {
    fc.assert(
      fc.property(
        kinds,
        shapes,
        amounts,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (kind, shape, amount, at) => {
          const unit = unitOf(shape);
          const middle = onGrid(kind, shape, amount);
          const range = new NumberRange();
          range.add(middle);
          const { firstByte, width, value: type } = range.model(metricWith(kind, shape));
          const value = middle + Math.trunc((at * shape.spread * middle) / unit) * unit;
          const bytes = [middle, value].map((each) => {
            const buffer = Buffer.alloc(8);
            if (type === "int") buffer.writeBigInt64LE(BigInt(each));
            else buffer.writeDoubleLE(each);
            return buffer;
          });
          for (let byte = 0; byte < 8; byte++) {
            if (byte < firstByte || byte >= firstByte + width) expect(bytes[1]![byte]).toBe(bytes[0]![byte]);
          }
        },
      ),
    );
  });

  it("count something in an hour where something happens", () => {
    expect(onGrid("counter", traffic(1, 1e6), 3)).toBe(256);
    expect(onGrid("counter", whole(0, 10), 0.2)).toBe(0);
  });

  it("leave a day of life to the fastest counter", () => {
    const range = new NumberRange();
    range.add(onGrid("counter", wide(1, 1e6), 1e6));
    expect(range.model(metricWith("counter", wide(1, 1e6)))).toEqual({
      kind: "sum",
      value: "double",
      firstByte: 3,
      width: 4,
    });
    expect(2 + onGrid("counter", wide(1, 1e6), 1e6) * 24).toBeLessThan(131_072);
  });
});
