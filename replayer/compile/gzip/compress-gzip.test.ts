import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { idKeyOf } from "../../../template/ids.ts";
import { HEADER } from "../../../template/slots.ts";
import { spanIdBytes, type TemplateRequest, traceIdBytes } from "../../freeze/arbitrary.ts";
import type { FreezeSettings } from "../../freeze/freeze.ts";
import { WEAVE } from "../../stamp/gzip-layout.ts";
import { SendBuffer } from "../../stamp/send-buffer.ts";
import { stamp } from "../../stamp/stamp.ts";
import { newStampKey } from "../../stamp/stamp-key.ts";
import { withFrozen } from "../../stamp/stamped.ts";
import { GzipRecordCompressor } from "./compress-gzip.ts";

// That any record decodes to the plain stamp is shown in ../compress-record.test.ts; its records have too few times for rows.
test("a gzip record of many times has rows for them, right at every low byte of the base", () => {
  withFrozen("traces", manySpans(), SETTINGS, (frozen) => {
    const plain = new SendBuffer(frozen.summary.maxRecordBytes);
    frozen.file.read(0, plain.bytes);
    const record = new GzipRecordCompressor().compress(plain.bytes)!;
    const gzip = new SendBuffer(record.length);
    for (let low = 0; low < 256; low++) {
      const key = { ...newStampKey(), incarnation: 1, baseSteps: 1_600_000 * 2 ** 16 + 700 + 11 * low };
      frozen.file.read(0, plain.bytes);
      gzip.bytes.set(record);
      expect(gzip.encoding).toBe("gzip");
      expect(gzip.ints[gzip.ints[HEADER.gzipTable]! / 4 + WEAVE.rowInts]).toBeGreaterThan(2);
      stamp(plain, idKeyOf(SETTINGS.seed), key);
      stamp(gzip, idKeyOf(SETTINGS.seed), key);
      expect(gunzipSync(gzip.body()).equals(plain.body())).toBe(true);
    }
  });
});

const SETTINGS: FreezeSettings = {
  batchSize: 1000,
  maxRequestBytes: 3_670_016,
  seed: 0,
  jitterMs: 1000,
  linkLogs: true,
  models: {},
  lateRoots: [],
};

/** 40 traces of 12 spans within some five seconds. */
function manySpans(): TemplateRequest<"traces">[] {
  return Array.from({ length: 40 }, (_, trace) => ({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "checkout" } }] },
        scopeSpans: [
          {
            spans: Array.from({ length: 12 }, (_, span) => ({
              traceId: traceIdBytes(trace),
              spanId: spanIdBytes(span, 12),
              ...(span > 0 && { parentSpanId: spanIdBytes(span >> 1, 12) }),
              name: `GET /orders/${span}`,
              kind: 2,
              startTimeUnixNano: (trace * 12 + span) * 9_876_543,
              endTimeUnixNano: (trace * 12 + span) * 10_876_543,
            })),
          },
        ],
      },
    ],
  }));
}
