import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SpanIndex } from "./span-index.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-index-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const latin = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((id) => id.some((byte) => byte !== 0))
    .map((id) => Buffer.from(id).toString("latin1"));
const entry = fc.record({
  traceId: latin(16),
  spanId: fc.option(latin(8), { nil: undefined }),
  at: fc.record({ traceOrdinal: fc.nat(), spanOrdinal: fc.nat(), spanCount: fc.integer({ min: 1 }) }),
});

describe("the index of imported spans", () => {
  test("finds what was added, and nothing else, from memory and from its file", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), entry, (entries, other) => {
        const index = new SpanIndex();
        const expected = new Map(entries.map(({ traceId, spanId, at }) => [`${traceId}|${spanId}`, at]));
        for (const { traceId, spanId, at } of entries) index.add(traceId, spanId, at);
        index.save(join(dir, "a.spans"));
        for (const copy of [index, SpanIndex.load(join(dir, "a.spans"))]) {
          for (const { traceId, spanId } of [...entries, other]) {
            expect(copy.find(traceId, spanId)).toEqual(expected.get(`${traceId}|${spanId}`));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test("grows, and at its limit counts what it forgets", () => {
    const index = new SpanIndex(5000);
    const id = (n: number) => Buffer.from(n.toString().padStart(16, "t")).toString("latin1");
    for (let n = 0; n < 5010; n++)
      index.add(id(n), undefined, { traceOrdinal: n, spanOrdinal: 0, spanCount: 1 });
    expect(index.forgotten).toBe(10);
    for (let n = 0; n < 5000; n++) expect(index.find(id(n), undefined)?.traceOrdinal).toBe(n);
    expect(index.find(id(5001), undefined)).toBeUndefined();
  });
});
