import { describe, expect, test } from "vitest";
import { fromJson, parseOtlpJson, toJson, toOtlpJson } from "./json.ts";

const spans = (span: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
const SPAN_PATH = "resourceSpans[0].scopeSpans[0].spans[0]";

describe("writing OTLP/JSON", () => {
  test.each([
    [
      "ids are hex",
      toJson("Span", { traceId: new Uint8Array(16).fill(0xab) }),
      `{"traceId":"${"ab".repeat(16)}"}`,
    ],
    [
      "other bytes are base64",
      toJson("AnyValue", { bytesValue: Uint8Array.of(255, 1) }),
      '{"bytesValue":"/wE="}',
    ],
    [
      "64-bit integers are strings",
      toJson("AnyValue", fromJson("AnyValue", { intValue: -5 })),
      '{"intValue":"-5"}',
    ],
    ["enums and flags are numbers", toJson("Span", { kind: 3, flags: 257 }), '{"kind":3,"flags":257}'],
    ["not-a-number is text", toJson("AnyValue", { doubleValue: Number.NaN }), '{"doubleValue":"NaN"}'],
    ["infinities are text", toJson("AnyValue", { doubleValue: -Infinity }), '{"doubleValue":"-Infinity"}'],
    ["minus zero keeps its sign", toJson("AnyValue", { doubleValue: -0 }), '{"doubleValue":-0.0}'],
    [
      "line breaks are escaped",
      toJson("AnyValue", { stringValue: "a\nb\u2028" }),
      '{"stringValue":"a\\nb\u2028"}',
    ],
    ["an empty oneof member is written", toJson("AnyValue", { stringValue: "" }), '{"stringValue":""}'],
  ])("%s", (_claim, written, expected) => {
    expect(written).toBe(expected);
  });
});

describe("reading OTLP/JSON", () => {
  test.each([
    [
      "numbers for 64-bit integers, exactly",
      spans('{"startTimeUnixNano":1760000000123456789}'),
      '"startTimeUnixNano":"1760000000123456789"',
    ],
    [
      "strings for 64-bit integers",
      spans('{"startTimeUnixNano":"18446744073709551615"}'),
      '"startTimeUnixNano":"18446744073709551615"',
    ],
    ["hex of either case", spans(`{"spanId":"ABCDEF0123456789"}`), '"spanId":"abcdef0123456789"'],
    [
      "names of enums",
      spans('{"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR"}}'),
      '"kind":3,"status":{"code":2}',
    ],
    [
      "text for doubles",
      spans('{"attributes":[{"value":{"doubleValue":"-Infinity"}}]}'),
      '{"doubleValue":"-Infinity"}',
    ],
    [
      "base64 of the URL alphabet",
      spans('{"attributes":[{"value":{"bytesValue":"_-8"}}]}'),
      '{"bytesValue":"/+8="}',
    ],
  ])("takes %s", (_claim, text, expected) => {
    expect(toOtlpJson("traces", parseOtlpJson("traces", text))).toContain(expected);
  });

  test.each([
    ["null", '{"name":null,"attributes":null,"status":null}'],
    ["unknown fields", '{"shape":{"size":[1,2]},"__proto__":{"name":"x"},"toString":1}'],
    ["snake_case names", '{"trace_id":"zz","start_time_unix_nano":"x"}'],
    ["an empty id", '{"parentSpanId":""}'],
  ])("treats %s as absent", (_claim, span) => {
    expect(toOtlpJson("traces", parseOtlpJson("traces", spans(span)))).toBe(spans("{}"));
  });

  test.each([
    ["[]", "must be an object (ExportTraceServiceRequest), found an array"],
    ['{"resourceSpans":{}}', "resourceSpans: must be an array, found an object"],
    ['{"resourceSpans":[null]}', "resourceSpans[0]: must not be null, found null"],
    [spans('{"traceId":"abc"}'), `${SPAN_PATH}.traceId: must be 32 hex digits, found "abc"`],
    [spans('{"spanId":7}'), `${SPAN_PATH}.spanId: must be 16 hex digits, found 7`],
    [spans('{"name":5}'), `${SPAN_PATH}.name: must be a string, found 5`],
    [spans('{"kind":"CLIENT"}'), `${SPAN_PATH}.kind: must be a number or a name of SpanKind, found "CLIENT"`],
    [
      spans('{"kind":"toString"}'),
      `${SPAN_PATH}.kind: must be a number or a name of SpanKind, found "toString"`,
    ],
    [
      spans('{"startTimeUnixNano":-1}'),
      `${SPAN_PATH}.startTimeUnixNano: must be an integer from 0 to 18446744073709551615, found -1`,
    ],
    [
      spans('{"startTimeUnixNano":"1.5"}'),
      `${SPAN_PATH}.startTimeUnixNano: must be a decimal integer, found "1.5"`,
    ],
    [
      spans('{"flags":4294967296}'),
      `${SPAN_PATH}.flags: must be an integer from 0 to 4294967295, found 4294967296`,
    ],
    [
      spans('{"attributes":[{"value":{"doubleValue":"much"}}]}'),
      `${SPAN_PATH}.attributes[0].value.doubleValue: must be a number, found "much"`,
    ],
    [
      spans('{"attributes":[{"value":{"stringValue":"a","intValue":1}}]}'),
      `${SPAN_PATH}.attributes[0].value.intValue: only one of stringValue and intValue may be set; remove one`,
    ],
    [
      spans('{"attributes":[{"value":{"bytesValue":"*"}}]}'),
      `${SPAN_PATH}.attributes[0].value.bytesValue: must be base64, found "*"`,
    ],
  ])("refuses %s", (text, message) => {
    expect(() => parseOtlpJson("traces", text)).toThrow(message);
  });

  test("refuses values nested deeper than decoders go", () => {
    const deep = `${'{"arrayValue":{"values":['.repeat(60)}{}${"]}}".repeat(60)}`;
    expect(() => parseOtlpJson("traces", spans(`{"attributes":[{"value":${deep}}]}`))).toThrow(
      "nested deeper than 100 messages",
    );
  });

  test("says so when text is not JSON", () => {
    expect(() => parseOtlpJson("logs", '{"resourceLogs":')).toThrow(/^not JSON: /);
  });
});
