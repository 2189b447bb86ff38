import { gunzipSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Signal } from "../../otlp/signal.ts";
import { idKeyOf } from "../../template/ids.ts";
import { HEADER } from "../../template/slots.ts";
import { freezeSettings, logRequests, type TemplateRequest, traceRequests } from "../freeze/arbitrary.ts";
import { metricTemplate } from "../freeze/arbitrary-metrics.ts";
import type { FreezeSettings } from "../freeze/freeze.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { stamp } from "../stamp/stamp.ts";
import { newStampKey, type StampKey, settleBase } from "../stamp/stamp-key.ts";
import { baseSteps, type FrozenTemplate, stampKey, withFrozen } from "../stamp/stamped.ts";
import { RecordCompressor } from "./compress-record.ts";
import { GzipRecordCompressor } from "./gzip/compress-gzip.ts";

const compressors = [
  ...(["fast", "best"] as const).map((effort) => new RecordCompressor(effort)),
  ...(["fast", "best"] as const).map((effort) => new GzipRecordCompressor(effort)),
];
const decoders = { none: (body: Buffer) => body, zstd: zstdDecompressSync, gzip: gunzipSync } as const;

/**
 * How many records were compressed and compared, so that no claim holds for nothing: some 160 of traces to zstd and 60 to gzip, thousands
 * of the others.
 */
const compared = { none: 0, zstd: 0, gzip: 0, plainBytes: 0, bytes: 0 };
const NOTHING = { ...compared };

/** Every record that can be compressed decodes, under this key, to the plain stamp, whatever the encoding and the effort. */
function expectSame<S extends Signal>(
  frozen: FrozenTemplate<S>,
  settings: FreezeSettings,
  key: StampKey,
): void {
  const plain = new SendBuffer(frozen.summary.maxRecordBytes);
  for (let batch = 0; batch < frozen.file.batches; batch++) {
    frozen.file.read(batch, plain.bytes);
    const records = compressors.map((compressor) => compressor.compress(plain.bytes));
    const { ints } = plain;
    const own = {
      ...key,
      batch,
      baseSteps: settleBase(key.baseSteps, ints[HEADER.lowestSteps]!, ints[HEADER.textTimes]! > 0),
    };
    const idKey = idKeyOf(settings.seed);
    stamp(plain, idKey, own);
    for (const record of records) {
      if (record === undefined) continue;
      const compressed = new SendBuffer(record.length);
      compressed.bytes.set(record);
      stamp(compressed, idKey, own);
      const frame = compressed.body();
      expect(decoders[compressed.encoding](frame).equals(plain.body())).toBe(true);
      expect(compressed.ints[HEADER.plainBytes]).toBe(plain.body().length);
      compared[compressed.encoding]++;
      compared.plainBytes += plain.body().length;
      compared.bytes += frame.length;
    }
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

describe("a compressed record", () => {
  test.each(cases)(
    "of $signal decodes to the plain stamp, whatever the key",
    ({ signal, numRuns, requests }) => {
      Object.assign(compared, NOTHING);
      fc.assert(
        fc.property(requests, freezeSettings, stampKey, (template, settings, key) => {
          withFrozen(signal as Signal, template, settings, (frozen) => expectSame(frozen, settings, key));
        }),
        { numRuns },
      );
      expect(compared.zstd).toBeGreaterThan(60);
      expect(compared.gzip).toBeGreaterThan(15);
      expect(compared.none).toBe(0);
      expect(compared.bytes).toBeLessThan(compared.plainBytes);
    },
  );

  test("of metrics decodes to the plain stamp, at any moment, for any instance", () => {
    Object.assign(compared, NOTHING);
    fc.assert(
      fc.property(metricTemplate, freezeSettings, metricKey, ({ requests, models }, settings, key) => {
        const own = { ...settings, models };
        withFrozen("metrics", requests, own, (frozen) => expectSame(frozen, own, key));
      }),
      { numRuns: 500 },
    );
    expect(compared.zstd).toBeGreaterThan(60);
    expect(compared.gzip).toBeGreaterThan(15);
    expect(compared.none).toBe(0);
    expect(compared.bytes).toBeLessThan(compared.plainBytes);
  });
});
