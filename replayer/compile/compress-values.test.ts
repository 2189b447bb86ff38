import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEADER } from "../../template/slots.ts";
import { freezeSettings } from "../freeze/arbitrary.ts";
import { metricTemplate } from "../freeze/arbitrary-metrics.ts";
import { GROUP, KERNEL } from "../freeze/value-table.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { withFrozen } from "../stamp/stamped.ts";
import { stampValues } from "../stamp/values.ts";
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
