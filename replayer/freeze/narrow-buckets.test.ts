import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRequest } from "../../otlp/message/decode.ts";
import { encodeTemplateRequest } from "../../otlp/message/encode.ts";
import type { Int64Input, Message } from "../../otlp/message/schema.ts";
import { Assembler } from "./assemble.ts";
import { bucketVarintBytes, narrowBuckets } from "./narrow-buckets.ts";
import { exponentialHours } from "./value-bytes.ts";

const LIMITS = { items: 1000, bytes: 1 << 20 };

/** The request as its assembler puts it together, points narrowed or as they are. */
function assembled(message: Uint8Array, isNarrow: boolean): Buffer {
  let body = Buffer.alloc(0);
  const options = isNarrow ? { rewriteItem: narrowBuckets } : {};
  const assembler = new Assembler("metrics", LIMITS, (bytes) => (body = Buffer.from(bytes)), options);
  assembler.add(message);
  assembler.flush();
  return body;
}

function requestOf(dataPoints: Message<"ExponentialHistogramDataPoint", Int64Input>[]): Buffer {
  const metric = { name: "m", exponentialHistogram: { dataPoints, aggregationTemporality: 2 } };
  const resourceMetrics = [{ scopeMetrics: [{ metrics: [metric] }] }];
  return Buffer.from(encodeTemplateRequest("metrics", { resourceMetrics }));
}

const counts = fc.array(fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 2 ** 21 - 1 })), {
  minLength: 1,
  maxLength: 40,
});

describe("narrow buckets", () => {
  test("say what the wide ones said, in no more bytes than a series' life needs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(counts, fc.nat({ max: 5000 })), { minLength: 1, maxLength: 4 }),
        (plans) => {
          const message = requestOf(
            plans.map(([bucketCounts, zeroCount], n) => ({
              attributes: [{ key: "series", value: { intValue: n } }],
              startTimeUnixNano: 0,
              timeUnixNano: 0,
              count: 1,
              sum: 2,
              scale: 3,
              zeroCount,
              positive: { offset: -7, bucketCounts },
            })),
          );
          const [wide, narrow] = [assembled(message, false), assembled(message, true)];
          expect(decodeRequest("metrics", narrow)).toEqual(decodeRequest("metrics", wide));
          const saved = plans.reduce((bytes, [buckets, zeros]) => {
            const hours = exponentialHours(zeros, buckets);
            return bytes + buckets.reduce((sum, count) => sum + 3 - bucketVarintBytes(count, hours), 0);
          }, 0);
          expect(wide.length - narrow.length).toBeGreaterThanOrEqual(saved);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("hold every count of a series' life", () => {
    fc.assert(
      fc.property(counts, fc.nat({ max: 5000 }), (buckets, zeros) => {
        const hours = exponentialHours(zeros, buckets);
        expect(hours).toBeGreaterThan(0);
        for (const count of buckets) {
          const bytes = bucketVarintBytes(count, hours);
          expect(bytes).toBeLessThanOrEqual(3);
          expect(Math.floor(count * hours)).toBeLessThan(2 ** (7 * bytes));
        }
      }),
    );
  });

  test("are left alone in other metrics, and where bytes are not as a template has them", () => {
    const positive = (bytes: Uint8Array) =>
      Buffer.concat([Buffer.of(0x42, bytes.length + 2, 0x12, bytes.length), bytes]);
    const wide = positive(Buffer.of(0x81, 0x80, 0x00));
    expect(narrowBuckets(9, wide, 0, wide.length)).toBeUndefined();
    expect(narrowBuckets(10, wide, 0, wide.length)).toEqual(new Uint8Array([0x0a, 5, 0x42, 3, 0x12, 1, 1]));
    for (const bytes of [
      Buffer.of(1, 2, 3),
      Buffer.of(0x81, 0x80, 0x80),
      Buffer.of(0x81, 0x00),
      Buffer.of(),
    ]) {
      const point = positive(bytes);
      expect(narrowBuckets(10, point, 0, point.length)).toBeUndefined();
    }
  });
});
