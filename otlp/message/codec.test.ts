import fc from "fast-check";
import Long from "long";
import { describe, expect, test } from "vitest";
import { SIGNALS } from "../signal.ts";
import { requestArbitrary } from "./arbitrary.ts";
import { decodeMessage, decodeRequest } from "./decode.ts";
import { encodeMessage, encodeRequest, encodeTemplateRequest, MAX_PADDED_COUNT } from "./encode.ts";
import { fromOtlpJson, parseOtlpJson, toOtlpJson } from "./json.ts";
import type { RequestOf } from "./schema.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe.each(SIGNALS)("%s", (signal) => {
  test("bytes -> message -> JSON -> message -> bytes gives the same bytes", () => {
    fc.assert(
      fc.property(requestArbitrary(signal), (request) => {
        const bytes = encodeRequest(signal, request);
        const text = toOtlpJson(signal, decodeRequest(signal, bytes));
        expect(text).not.toContain("\n");
        expect(hex(encodeRequest(signal, parseOtlpJson(signal, text)))).toBe(hex(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test("the template encoding changes nothing but what templates need", () => {
    fc.assert(
      fc.property(requestArbitrary(signal), (request) => {
        // Bucket counts beyond 21 bits do not fit into a template and have a test of their own.
        const text = toOtlpJson(signal, request).replace(
          /"bucketCounts":\[[^\]]*\]/g,
          '"bucketCounts":["1","2097151"]',
        );
        const small = parseOtlpJson(signal, text);
        const back = decodeRequest(signal, encodeTemplateRequest(signal, small));
        expect(stripZeroTimes(toOtlpJson(signal, back))).toBe(stripZeroTimes(toOtlpJson(signal, small)));
      }),
      { numRuns: 200 },
    );
  });

  test("random bytes are refused with a DecodeError or decoded, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeRequest(signal, bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_message" });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("any JSON value is refused with an OtlpJsonError or read, never anything else", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("resourceSpans", "resourceMetrics", "resourceLogs"),
        (value, key) => {
          for (const input of [value, { [key]: value }, { [key]: [value] }]) {
            try {
              fromOtlpJson(signal, input);
            } catch (error) {
              expect(error).toMatchObject({ code: "bad_otlp_json" });
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** A time that stands there as zero and one that is absent are the same to a reader. */
function stripZeroTimes(json: string): string {
  return json.replace(/"\w*[tT]imeUnixNano":"0",?/g, "").replaceAll(",}", "}");
}

describe("encoding", () => {
  test("stands in the bytes that the specification gives", () => {
    const span = {
      traceId: Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
      spanId: Buffer.from("0001020304050607", "hex"),
      startTimeUnixNano: 1,
      flags: 3,
    };
    expect(hex(encodeMessage("Span", span))).toBe(
      "0a10000102030405060708090a0b0c0d0e0f" + "12080001020304050607" + "390100000000000000" + "850103000000",
    );
    expect(hex(encodeMessage("NumberDataPoint", { timeUnixNano: 0, asInt: -1 }))).toBe(
      "190000000000000000" + "31ffffffffffffffff",
    );
    expect(hex(encodeMessage("ExponentialBuckets", { offset: -2, bucketCounts: [1, 300] }))).toBe(
      "0803" + "120301ac02",
    );
    expect(hex(encodeMessage("AnyValue", { intValue: "-9223372036854775808" }))).toBe(
      "1880808080808080808001",
    );
  });

  test("keeps apart a zero that is there and a field that is absent", () => {
    expect(decodeMessage("Span", encodeMessage("Span", { startTimeUnixNano: 0 }))).toEqual({
      startTimeUnixNano: Long.UZERO,
    });
    expect(decodeMessage("Span", new Uint8Array())).toEqual({});
  });

  test("leaves out fields that the schema does not know", () => {
    expect(decodeMessage("KeyValueList", Uint8Array.of(0x7a, 2, 65, 66))).toEqual({});
  });

  test("is decoded to a message that does not share the bytes", () => {
    const bytes = encodeMessage("Span", { spanId: Buffer.alloc(8, 1) });
    const span = decodeMessage("Span", bytes);
    bytes.fill(0);
    expect(hex(span.spanId!)).toBe("0101010101010101");
  });

  test("takes text that is not UTF-8", () => {
    expect(decodeMessage("KeyValue", Uint8Array.of(10, 1, 0xff))).toEqual({ key: "\ufffd" });
  });
});

describe("template encoding", () => {
  test("makes every time field present, but not the start of gauges", () => {
    const dataPoints = [{ asInt: 1 }];
    const metrics = [{ gauge: { dataPoints } }, { sum: { dataPoints } }, { histogram: { dataPoints: [{}] } }];
    const bytes = encodeTemplateRequest("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    const [gauge, sum, histogram] = decodeRequest("metrics", bytes).resourceMetrics![0]!.scopeMetrics![0]!
      .metrics!;
    expect(Object.keys(gauge!.gauge!.dataPoints![0]!)).toEqual(["timeUnixNano", "asInt"]);
    expect(Object.keys(sum!.sum!.dataPoints![0]!)).toEqual(["startTimeUnixNano", "timeUnixNano", "asInt"]);
    expect(Object.keys(histogram!.histogram!.dataPoints![0]!)).toEqual(["startTimeUnixNano", "timeUnixNano"]);
  });

  test("gives each bucket count of an exponential histogram three bytes", () => {
    const request = (count: number): RequestOf<"metrics", number> => ({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { exponentialHistogram: { dataPoints: [{ positive: { bucketCounts: [count, 0] } }] } },
              ],
            },
          ],
        },
      ],
    });
    expect(hex(encodeTemplateRequest("metrics", request(300)))).toContain("1206" + "ac8200" + "808000");
    expect(encodeTemplateRequest("metrics", request(1)).length).toBe(
      encodeTemplateRequest("metrics", request(MAX_PADDED_COUNT)).length,
    );
    expect(() => encodeTemplateRequest("metrics", request(MAX_PADDED_COUNT + 1))).toThrow(
      "bucket count must be 0 to 2097151 in a template, found 2097152",
    );
  });

  test("leaves the message as it was", () => {
    const span = { name: "a" };
    encodeTemplateRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    expect(span).toEqual({ name: "a" });
  });
});
