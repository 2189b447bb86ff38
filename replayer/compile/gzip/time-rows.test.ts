import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { byteTimes, fillMultiples, ONE, timesX } from "../../stamp/crc-field.ts";
import { timeRowInts, writeTimeRows } from "./time-rows.ts";

/** x^(32 + 8n): what a byte is multiplied with for its part in the CRC, when n bytes stand behind it. */
function power(n: number): number {
  let word = ONE;
  for (let bit = 0; bit < 32 + 8 * n; bit++) word = timesX(word);
  return word;
}

/** The part of each time's bytes in a CRC, from a row, as weaving puts it together. */
function fromRow(row: Int32Array, high: number): number {
  const multiples = new Int32Array(16);
  let crc = row[0]!;
  for (let back = 0; back < row.length - 1; back++) {
    fillMultiples(multiples, 0, row[1 + back]!);
    crc ^= byteTimes((high - back) & 0xff, multiples);
  }
  return crc;
}

test("a byte's part in a CRC is the byte times a power of x", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (body, pick) => {
      const at = pick % body.length;
      const blank = body.with(at, 0);
      const multiples = new Int32Array(16);
      fillMultiples(multiples, 0, power(body.length - 1 - at));
      expect((crc32(blank) ^ byteTimes(body[at]!, multiples)) >>> 0).toBe(crc32(body));
    }),
  );
});

test("rows give the CRC of a body of times at every base, as long as no carry passes their second byte", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3000, max: 0 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 3000, max: 0xffff }),
      (steps, base) => {
        const body = Buffer.alloc(steps.length * 2);
        const times = steps.map((value, time) => ({
          steps: value,
          multiplier: power(body.length - 2 * time - 2),
        }));
        const rowInts = timeRowInts(Math.min(...steps));
        const rows = new Int32Array(256 * rowInts);
        writeTimeRows(rows, times);
        const blank = crc32(body);
        for (const [time, value] of steps.entries()) body.writeUInt16LE(base + value, time * 2);
        const row = rows.subarray((base & 0xff) * rowInts, ((base & 0xff) + 1) * rowInts);
        expect((blank ^ fromRow(row, base >> 8)) >>> 0).toBe(crc32(body));
      },
    ),
  );
});
