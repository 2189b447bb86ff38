import fc from "fast-check";
import { expect, test } from "vitest";
import { mix, unmix } from "./mix.ts";

test("unmix leads back from mix for every 32-bit integer, so no two of them mix to the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
      expect(unmix(mix(value)) | 0).toBe(value);
    }),
    { numRuns: 5000 },
  );
});

test("one changed bit changes about half of the bits", () => {
  let changed = 0;
  for (let value = 0; value < 1000; value++) {
    changed += (((mix(value) ^ mix(value ^ 1)) >>> 0).toString(2).match(/1/g) ?? []).length;
  }
  expect(changed / 1000 / 32).toBeCloseTo(0.5, 1);
});
