import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SIGNALS } from "../signal.ts";
import { countItems } from "./count.ts";
import { encodeRequest } from "./encode.ts";
import { WireError } from "./wire.ts";

const shares = fc.array(fc.array(fc.nat({ max: 5 }), { maxLength: 4 }), { maxLength: 4 });
const many = (count: number) => Array.from({ length: count }, () => ({}));

describe("countItems", () => {
  test("counts spans over all resources and scopes", () => {
    fc.assert(
      fc.property(shares, (resources) => {
        const body = encodeRequest("traces", {
          resourceSpans: resources.map((scopes) => ({
            resource: { droppedAttributesCount: 1 },
            scopeSpans: scopes.map((count) => ({ scope: { name: "s" }, spans: many(count), schemaUrl: "u" })),
            schemaUrl: "u",
          })),
        });
        expect(countItems("traces", body)).toBe(resources.flat().reduce((sum, count) => sum + count, 0));
      }),
    );
  });

  test("counts the points of every kind of metric", () => {
    const dataPoints = many(2);
    const metrics = [
      { name: "a", gauge: { dataPoints } },
      { name: "b", sum: { dataPoints, isMonotonic: true } },
      { name: "c", histogram: { dataPoints } },
      { name: "d", exponentialHistogram: { dataPoints } },
      { name: "e", summary: { dataPoints } },
      { name: "without data" },
    ];
    const body = encodeRequest("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    expect(countItems("metrics", body)).toBe(10);
  });

  test("refuses a body that is cut short", () => {
    const body = encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: many(3) }] }] });
    for (let length = 1; length < body.length; length++) {
      expect(() => countItems("logs", body.subarray(0, length))).toThrow(WireError);
    }
  });

  test("throws nothing but WireError on any bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIGNALS), fc.uint8Array({ maxLength: 300 }), (signal, bytes) => {
        try {
          expect(countItems(signal, bytes)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
