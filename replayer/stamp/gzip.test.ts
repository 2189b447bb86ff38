import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HEADER, HEADER_INTS } from "../../template/slots.ts";
import type { Cell } from "../compile/gzip/cells.ts";
import { weaveTable } from "../compile/gzip/weave-table.ts";
import { ONE, timesX } from "./crc-field.ts";
import { weaveGzip } from "./gzip.ts";
import { MAX_CELL_BYTES, TRAILER_BYTES } from "./gzip-layout.ts";
import { SendBuffer } from "./send-buffer.ts";

/** x^(32 + 8n): what a cell is multiplied with for its part in the CRC, when n bytes stand behind it. */
const powers = Array.from({ length: 1 << 14 }, () => 0);
powers[0] = Array.from({ length: 32 }).reduce<number>(timesX, ONE);
for (let n = 1; n < powers.length; n++)
  powers[n] = Array.from({ length: 8 }).reduce<number>(timesX, powers[n - 1]!);

/** A cell: its bytes, and in front of each of its literals so many bits of something else. */
interface Plan {
  bytes: Uint8Array;
  gaps: number[];
}

const plans: fc.Arbitrary<Plan[]> = fc
  .array(
    fc.record({
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: MAX_CELL_BYTES }),
        fc.constantFrom(2, 3, 8, 16).chain((size) => fc.uint8Array({ minLength: size, maxLength: size })),
      ),
      gaps: fc.array(fc.nat(40), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  // Some groups of more cells than are summed up at once.
  .chain((list) => fc.constantFrom(1, 5).map((times) => Array.from({ length: times }, () => list).flat()));

/** Xor a byte into a field of 9 bits, which begins with the code's first bit: from its highest bit on. */
function xorField(member: Uint8Array, bit: number, byte: number): void {
  for (let n = 1; n <= 8; n++) member[(bit + n) >> 3]! ^= ((byte >> (8 - n)) & 1) << ((bit + n) & 7);
}

test("cells of any size go to all their literals and nowhere else, and the CRC becomes that of the body", () => {
  fc.assert(
    fc.property(plans, fc.nat(255), (list, filling) => {
      // The body holds each cell as often as it has literals, one after the other; so does the member.
      const body = Buffer.concat(list.flatMap(({ bytes, gaps }) => gaps.map(() => bytes)));
      const cells: Cell[] = [];
      const places: number[][] = [];
      let bodyAt = 0;
      let bit = 0;
      for (const { bytes, gaps } of list) {
        const cell = { bytes: bytes.length, first: bodyAt, isMask: false, steps: undefined, multiplier: 0 };
        const ofCell: number[] = [];
        for (const gap of gaps) {
          bodyAt += bytes.length;
          cell.multiplier ^= powers[body.length - bodyAt]!;
          ofCell.push(bit + gap);
          bit += gap + 9 * bytes.length;
        }
        cells.push(cell);
        places.push(ofCell);
      }
      const member = Buffer.alloc((bit >> 3) + 1 + TRAILER_BYTES, filling);
      const table = weaveTable(cells, places, body, crc32(Buffer.alloc(body.length)));
      const bodyOffset = HEADER_INTS * 4 + table.bytes.length;
      const record = new SendBuffer(bodyOffset + member.length);
      record.bytes.set(table.bytes, HEADER_INTS * 4);
      record.bytes.set(member, bodyOffset);
      record.ints[HEADER.gzipTable] = HEADER_INTS * 4;
      record.ints[HEADER.bodyOffset] = bodyOffset;
      record.ints[HEADER.bodyBytes] = member.length;
      weaveGzip(record, 0);
      for (const [cell, ofCell] of places.entries()) {
        for (const place of ofCell) {
          for (const [n, byte] of list[cell]!.bytes.entries()) xorField(member, place + 9 * n, byte);
        }
      }
      member.writeUInt32LE(crc32(body), member.length - TRAILER_BYTES);
      expect(record.body().equals(member)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
