import fc from "fast-check";
import { expect, test } from "vitest";
import { codeLengths, reversedCodes } from "./package-merge.ts";

const counts = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1_000_000 })), {
    minLength: 2,
    maxLength: 30,
  })
  .filter((list) => list.filter((count) => count > 0).length >= 2)
  .map((list) => Int32Array.from(list));

function cost(counts: Int32Array, lengths: Uint8Array): number {
  return counts.reduce((sum, count, symbol) => sum + count * lengths[symbol]!, 0);
}

/** Bits of the best code without a limit, by Huffman's own way. */
function huffmanCost(counts: Int32Array): number {
  const heap = [...counts].filter((count) => count > 0);
  let bits = 0;
  while (heap.length > 1) {
    heap.sort((a, b) => b - a);
    const sum = heap.pop()! + heap.pop()!;
    bits += sum;
    heap.push(sum);
  }
  return bits;
}

test("lengths fill the code space, none is above the limit, and only what occurs has one", () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 5, max: 15 }), (list, maxBits) => {
      const lengths = codeLengths(list, maxBits);
      const space = lengths.reduce((sum, bits) => sum + (bits > 0 ? 2 ** -bits : 0), 0);
      expect(space).toBe(1);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(maxBits);
      for (const [symbol, bits] of lengths.entries()) expect(bits > 0).toBe(list[symbol]! > 0);
    }),
  );
});

test("under a limit that does not matter a code is as good as Huffman's, under a closer one not better", () => {
  fc.assert(
    fc.property(counts, (list) => {
      expect(cost(list, codeLengths(list, 30))).toBe(huffmanCost(list));
      expect(cost(list, codeLengths(list, 5))).toBeGreaterThanOrEqual(huffmanCost(list));
    }),
  );
});

test("counts like the Fibonacci numbers, which Huffman gives 7 bits, keep to 4", () => {
  const lengths = codeLengths(Int32Array.of(1, 1, 2, 3, 5, 8, 13, 21), 4);
  expect([...lengths]).toEqual([4, 4, 4, 4, 3, 3, 2, 2]);
});

test("a single symbol needs no bits", () => {
  expect([...codeLengths(Int32Array.of(0, 7, 0), 7)]).toEqual([0, 0, 0]);
});

test("codes are canonical, their bits reversed", () => {
  // RFC 1951, section 3.2.2: A to H of lengths (3, 3, 3, 3, 3, 2, 4, 4) are 010, 011, 100, 101, 110, 00, 1110, 1111.
  const codes = reversedCodes(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4));
  expect([...codes]).toEqual([0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
});
