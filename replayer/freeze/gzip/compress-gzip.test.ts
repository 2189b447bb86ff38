import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Signal } from "../../../otlp/signal.ts";
import { idKeyOf } from "../../../template/ids.ts";
import { HEADER } from "../../../template/slots.ts";
import { WEAVE } from "../../stamp/gzip-layout.ts";
import { SendBuffer } from "../../stamp/send-buffer.ts";
import { stamp } from "../../stamp/stamp.ts";
import { newStampKey, type StampKey, settleBase } from "../../stamp/stamp-key.ts";
import { baseSteps, type FrozenTemplate, stampKey, withFrozen } from "../../stamp/stamped.ts";
import {
  freezeSettings,
  logRequests,
  spanIdBytes,
  type TemplateRequest,
  traceIdBytes,
  traceRequests,
} from "../arbitrary.ts";
import { metricTemplate } from "../arbitrary-metrics.ts";
import type { FreezeSettings } from "../freeze.ts";
import { GzipRecordCompressor } from "./compress-gzip.ts";

const compressors = [new GzipRecordCompressor(), new GzipRecordCompressor("best")] as const;

/** How many records were compressed and compared, so that no claim holds for nothing: some 30 of traces, many of the others. */
const compared = { records: 0, bytes: 0, members: 0 };

/** Every record that can be compressed decodes, under this key, to the plain stamp; by turns of either effort. */
function expectSame<S extends Signal>(
  frozen: FrozenTemplate<S>,
  settings: FreezeSettings,
  key: StampKey,
): void {
  const plain = new SendBuffer(frozen.summary.maxRecordBytes);
  for (let batch = 0; batch < frozen.file.batches; batch++) {
    frozen.file.read(batch, plain.bytes);
    const record = compressors[compared.records % 2]!.compress(plain.bytes);
    if (record === undefined) continue;
    const { ints } = plain;
    const own = {
      ...key,
      batch,
      baseSteps: settleBase(key.baseSteps, ints[HEADER.lowestSteps]!, ints[HEADER.textTimes]! > 0),
    };
    const compressed = new SendBuffer(record.length);
    compressed.bytes.set(record);
    const idKey = idKeyOf(settings.seed);
    stamp(plain, idKey, own);
    stamp(compressed, idKey, own);
    const member = compressed.body();
    expect(compressed.encoding).toBe("gzip");
    expect(gunzipSync(member).equals(plain.body())).toBe(true);
    expect(compressed.ints[HEADER.plainBytes]).toBe(plain.body().length);
    compared.records++;
    compared.bytes += plain.body().length;
    compared.members += member.length;
  }
}

const DAY_STEPS = Math.floor(86_400e9 / 2 ** 24);

/** Keys of metrics: any two moments after the run began, long after series have outgrown their bytes too. */
const metricKey: fc.Arbitrary<StampKey> = fc
  .record({
    runSteps: baseSteps,
    moments: fc.tuple(
      fc.integer({ min: 0, max: DAY_STEPS }),
      fc.oneof(fc.nat({ max: 10_000 }), fc.integer({ min: 0, max: 400 * DAY_STEPS })),
    ),
    block: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    instance: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  })
  .map(({ moments: [first, second], ...key }) => ({
    ...newStampKey(),
    ...key,
    incarnation: 1,
    previousSteps: key.runSteps + first,
    baseSteps: key.runSteps + first + second,
  }));

const cases = [
  // Most arbitrary traces are too short to shrink or last longer than a compressed batch may.
  { signal: "traces", numRuns: 1000, requests: traceRequests as fc.Arbitrary<TemplateRequest<Signal>[]> },
  { signal: "logs", numRuns: 300, requests: logRequests as fc.Arbitrary<TemplateRequest<Signal>[]> },
] as const;

describe("a gzip record", () => {
  test.each(cases)(
    "of $signal decodes to the plain stamp, whatever the key",
    ({ signal, numRuns, requests }) => {
      Object.assign(compared, { records: 0, bytes: 0, members: 0 });
      fc.assert(
        fc.property(requests, freezeSettings, stampKey, (template, settings, key) => {
          withFrozen(signal as Signal, template, settings, (frozen) => expectSame(frozen, settings, key));
        }),
        { numRuns },
      );
      expect(compared.records).toBeGreaterThan(8);
      expect(compared.members).toBeLessThan(compared.bytes);
    },
  );

  test("of metrics decodes to the plain stamp, at any moment, for any instance", () => {
    Object.assign(compared, { records: 0, bytes: 0, members: 0 });
    fc.assert(
      fc.property(metricTemplate, freezeSettings, metricKey, ({ requests, models }, settings, key) => {
        const own = { ...settings, models };
        withFrozen("metrics", requests, own, (frozen) => expectSame(frozen, own, key));
      }),
      { numRuns: 500 },
    );
    expect(compared.records).toBeGreaterThan(8);
    expect(compared.members).toBeLessThan(compared.bytes);
  });

  test("of many times has rows for them, right at every low byte of the base", () => {
    const settings = { ...MANY_A_REQUEST, seed: 5 };
    withFrozen("traces", manySpans(), settings, (frozen) => {
      const plain = new SendBuffer(frozen.summary.maxRecordBytes);
      frozen.file.read(0, plain.bytes);
      const record = new SendBuffer(1 << 20);
      record.bytes.set(compressors[0].compress(plain.bytes)!);
      const { ints } = record;
      expect(ints[ints[HEADER.gzipTable]! / 4 + WEAVE.rowInts]).toBeGreaterThan(2);
      for (let low = 0; low < 256; low++) {
        expectSame(frozen, settings, {
          ...newStampKey(),
          incarnation: 1,
          baseSteps: 1_600_000 * 2 ** 16 + 700 + 11 * low,
        });
      }
    });
  });
});

const MANY_A_REQUEST: FreezeSettings = {
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
