import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idKeyOf } from "../../template/ids.ts";
import { HEADER, TIME_STEP_NS } from "../../template/slots.ts";
import { freezeSettings } from "../freeze/arbitrary.ts";
import { metricTemplate } from "../freeze/arbitrary-metrics.ts";
import { forEachGroup } from "../freeze/value-groups.ts";
import { GROUP, KERNEL } from "../freeze/value-table.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { stamp } from "../stamp/stamp.ts";
import { newStampKey } from "../stamp/stamp-key.ts";
import { withFrozen } from "../stamp/stamped.ts";
import { stampValues } from "../stamp/values.ts";
import { RecordCompressor } from "./compress-record.ts";
import { compressedValueBytes, layOutCompressedValues, placeValues } from "./compress-values.ts";
import { PlaceList } from "./variable-places.ts";

/** What stands between variables, and must stay there. */
const STATIC = 0xaa;

const HOUR = 3600;

/** How many groups of each kernel were compared, so that no claim holds for nothing. */
const compared = new Map<number, number>();

describe("the values of a compressed record", () => {
  test("are those of the plain one wherever a compressor puts their bytes, and nothing else is written", () => {
    const moment = fc.double({ min: 0, max: 60 * HOUR, noNaN: true });
    // Most values one behind the other, as literals are, some apart.
    const gaps = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 9, 40), { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(
        metricTemplate,
        freezeSettings,
        moment,
        moment,
        gaps,
        ({ requests, models }, settings, a, b, gaps) => {
          withFrozen("metrics", requests, { ...settings, models }, ({ file, summary }) => {
            const plain = new SendBuffer(summary.maxRecordBytes);
            for (let batch = 0; batch < file.batches; batch++) {
              file.read(batch, plain.bytes);
              expectSame(plain, gaps, Math.max(a, b), Math.min(a, b));
            }
          });
        },
      ),
      { numRuns: 400 },
    );
    for (const kernel of Object.values(KERNEL)) expect(compared.get(kernel)).toBeGreaterThan(20);
  });
});

describe("a frame of several blocks", () => {
  const points = Array.from({ length: 1200 }, (_, n) => n);
  const attributes = (n: number) => [{ key: "series", value: { intValue: n } }];
  const explicitBounds = Array.from({ length: 44 }, (_, i) => 0.005 * (i + 1));
  const explicit = points.map((n) => ({
    count: 1,
    sum: 1,
    // Widths that rise and fall, by a byte or more, and dead buckets between live ones.
    bucketCounts: [1, 2, 3].flatMap((k) => [
      0,
      3,
      40,
      0,
      900 + n,
      k * 20_000 + n,
      2,
      60,
      1,
      0,
      5,
      3000,
      7,
      k,
      0,
    ]),
    explicitBounds,
    attributes: attributes(n),
  }));
  const exponential = points.map((n) => ({
    count: 1,
    sum: 1,
    scale: 3,
    zeroCount: n % 3,
    positive: {
      offset: 4,
      bucketCounts: Array.from({ length: 32 }, (_, i) => ((n * 31 + i * i * 17) % 97) * (1 + (i % 7) ** 3)),
    },
    attributes: attributes(n),
  }));
  const temporality = { aggregationTemporality: 2 };
  const cases = [
    {
      name: "explicit",
      apart: KERNEL.histogramApart,
      data: { histogram: { dataPoints: explicit, ...temporality } },
    },
    {
      name: "exponential",
      apart: KERNEL.exponentialHistogramApart,
      data: { exponentialHistogram: { dataPoints: exponential, ...temporality } },
    },
  ];
  test.each(cases)(
    "decodes to the plain stamp, though the ends of blocks cut $name histograms",
    ({ apart, data }) => {
      const requests = [{ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", ...data }] }] }] }];
      const settings = {
        batchSize: points.length,
        maxRequestBytes: 3_670_016,
        seed: 0,
        jitterMs: 0,
        linkLogs: true,
        lateRoots: [],
        models: { m: { kind: "histogram", value: "int", firstByte: 0, width: 4 } as const },
      };
      withFrozen("metrics", requests, settings, ({ file, summary }) => {
        const plain = new SendBuffer(summary.maxRecordBytes);
        file.read(0, plain.bytes);
        const record = new RecordCompressor().compress(plain.bytes)!;
        const compressed = new SendBuffer(record.length);
        const kernels = new Set<number>();
        compressed.bytes.set(record);
        forEachGroup(compressed.ints, ({ kernel }) => kernels.add(kernel));
        expect(kernels).toContain(apart);
        for (const hours of [0, 0.1, 1, 5, 11.9, 500]) {
          const runSteps = 107_000_000_000;
          const baseSteps = runSteps + Math.floor((hours * HOUR * 1e9) / TIME_STEP_NS);
          const key = { ...newStampKey(), runSteps, baseSteps, previousSteps: runSteps };
          file.read(0, plain.bytes);
          compressed.bytes.set(record);
          stamp(plain, idKeyOf(0), key);
          stamp(compressed, idKeyOf(0), key);
          expect(zstdDecompressSync(compressed.body()).equals(plain.body())).toBe(true);
        }
      });
    },
  );
});

/** Stamp the record, and values that are put into an area of their own with these gaps between them: both say the same. */
function expectSame(plain: SendBuffer, gaps: readonly number[], now: number, previous: number): void {
  const { ints } = plain;
  const groups = ints[HEADER.valueGroups]!;
  const places = new PlaceList();
  placeValues(ints, places);
  places.sort();
  const placeAt = new Map<number, number>();
  let end = 0;
  for (let place = 0; place < places.count; place++) {
    end += gaps[place % gaps.length]!;
    placeAt.set(places.starts[place]!, end);
    end += places.lengths[place]!;
  }
  const tables = compressedValueBytes(ints, {
    placeOf: (offset) => placeAt.get(offset)!,
    areLiterals: false,
  });
  const apart = new SendBuffer(tables + end);
  apart.bytes.fill(STATIC, tables);
  layOutCompressedValues(ints, apart.ints, 0, {
    placeOf: (offset) => placeAt.get(offset)! + tables,
    areLiterals: false,
  });
  for (let group = 0, at = 0; group < groups; group++, at += apart.ints[at + GROUP.bytes]! / 4) {
    const kernel = apart.ints[at + GROUP.kernel]!;
    compared.set(kernel, (compared.get(kernel) ?? 0) + 1);
  }
  stampValues(plain, ints[HEADER.valuesOffset]!, groups, now, previous, 7);
  stampValues(apart, 0, groups, now, previous, 7);
  const expected = Buffer.alloc(apart.bytes.length - tables, STATIC);
  for (let place = 0; place < places.count; place++) {
    const from = places.starts[place]!;
    plain.body().copy(expected, placeAt.get(from)!, from, from + places.lengths[place]!);
  }
  expect(apart.bytes.subarray(tables).equals(expected)).toBe(true);
}
