import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SIGNALS } from "../signal.ts";
import { requestArbitrary } from "./arbitrary.ts";
import { encodeMessage, encodeRequest } from "./encode.ts";
import { recognizeSignal } from "./recognize.ts";

const spanIds = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1) };
const spans = (span: object) =>
  encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const logs = (record: object) =>
  encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
const metrics = (metric: object) =>
  encodeRequest("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });

describe("the signal of a request is told by its content", () => {
  test.each([
    ["a span with ids and a name", spans({ ...spanIds, name: "x" }), "traces"],
    ["a span with times", spans({ startTimeUnixNano: 0, endTimeUnixNano: 0 }), "traces"],
    ["a span with a kind", spans({ ...spanIds, kind: 2 }), "traces"],
    ["a log record with times", logs({ timeUnixNano: 0, severityNumber: 9 }), "logs"],
    ["a log record that was observed", logs({ observedTimeUnixNano: 1, body: { stringValue: "x" } }), "logs"],
    ["a log record of a body only", logs({ body: { stringValue: "x" } }), "logs"],
    ["a log record of a severity only", logs({ severityNumber: 9 }), "logs"],
    ["a metric", metrics({ name: "x", unit: "s", gauge: { dataPoints: [{ asInt: 1 }] } }), "metrics"],
    [
      "a metric with the length of a trace id",
      metrics({ name: "n".repeat(16), description: "d", sum: { dataPoints: [] } }),
      "metrics",
    ],
    [
      "a request without items",
      encodeMessage("ExportTraceServiceRequest", { resourceSpans: [{ resource: {} }] }),
      undefined,
    ],
    ["no bytes", new Uint8Array(), undefined],
  ])("%s", (_what, bytes, expected) => {
    expect(recognizeSignal(bytes)).toBe(expected);
  });

  test.each(SIGNALS)("requests of %s never throw", (signal) => {
    fc.assert(
      fc.property(requestArbitrary(signal), (request) => {
        expect([undefined, ...SIGNALS]).toContain(recognizeSignal(encodeRequest(signal, request)));
      }),
      { numRuns: 100 },
    );
  });
});
