import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Signal } from "../../otlp/signal.ts";
import { idKeyOf } from "../../template/ids.ts";
import { HEADER } from "../../template/slots.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { stamp } from "../stamp/stamp.ts";
import { type StampKey, settleBase } from "../stamp/stamp-key.ts";
import { type FrozenTemplate, stampKey, withFrozen } from "../stamp/stamped.ts";
import { freezeSettings, logRequests, type TemplateRequest, traceRequests } from "./arbitrary.ts";
import { RecordCompressor } from "./compress-record.ts";
import type { FreezeSettings } from "./freeze.ts";

const compressor = new RecordCompressor();

/** How many records were compressed and compared, so that no claim holds for nothing. */
const compared = { records: 0, bytes: 0, frames: 0 };

/** Every record that can be compressed decodes, under this key, to the plain stamp. */
function expectSame<S extends Signal>(
  frozen: FrozenTemplate<S>,
  settings: FreezeSettings,
  key: StampKey,
): void {
  const plain = new SendBuffer(frozen.summary.maxRecordBytes);
  for (let batch = 0; batch < frozen.file.batches; batch++) {
    frozen.file.read(batch, plain.bytes);
    const record = compressor.compress(plain.bytes);
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
    const frame = compressed.body();
    expect(zstdDecompressSync(frame).equals(plain.body())).toBe(true);
    expect(compressed.ints[HEADER.plainBytes]).toBe(plain.body().length);
    compared.records++;
    compared.bytes += plain.body().length;
    compared.frames += frame.length;
  }
}

const cases = [
  // Most arbitrary traces are too short to shrink or last longer than a compressed batch may.
  { signal: "traces", numRuns: 1000, requests: traceRequests as fc.Arbitrary<TemplateRequest<Signal>[]> },
  { signal: "logs", numRuns: 300, requests: logRequests as fc.Arbitrary<TemplateRequest<Signal>[]> },
] as const;

describe("a compressed record", () => {
  test.each(cases)(
    "of $signal decodes to the plain stamp, whatever the key",
    ({ signal, numRuns, requests }) => {
      Object.assign(compared, { records: 0, bytes: 0, frames: 0 });
      fc.assert(
        fc.property(requests, freezeSettings, stampKey, (template, settings, key) => {
          withFrozen(signal as Signal, template, settings, (frozen) => expectSame(frozen, settings, key));
        }),
        { numRuns },
      );
      expect(compared.records).toBeGreaterThan(60);
      expect(compared.frames).toBeLessThan(compared.bytes);
    },
  );
});
