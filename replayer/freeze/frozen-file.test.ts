import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { CONTINUES_TRACE, FrozenFile, FrozenFileWriter, type FrozenSummary } from "./frozen-file.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-frozen-"));
const path = join(directory, "traces.frozen");
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const summary: FrozenSummary = {
  signal: "traces",
  items: 3,
  droppedItems: 0,
  dropped: [],
  traces: 2,
  lateRoots: 0,
  bodyBytes: 100,
  maxRecordBytes: 64,
  series: 0,
  metricNames: 0,
  lifetimeSeconds: null,
  hasDelta: false,
  linked: 0,
};

const batch = fc.record({
  record: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 20 }),
  items: fc.nat(),
  continues: fc.boolean(),
});
type Batch = typeof batch extends fc.Arbitrary<infer B> ? B : never;

function write(batches: Batch[]): FrozenFileWriter {
  const writer = new FrozenFileWriter(path);
  for (const { record, items, continues } of batches) {
    writer.append(bytesOf(record), items, continues ? CONTINUES_TRACE : 0);
  }
  return writer;
}

const bytesOf = (record: bigint[]) => Buffer.from(BigUint64Array.from(record).buffer);

describe("a frozen file", () => {
  test("gives back batches, in any order, and its summary", () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 20 }), fc.array(fc.nat()), (batches, order) => {
        const writer = write(batches);
        writer.finish(summary);
        const file = new FrozenFile(path);
        expect(file.summary).toEqual(summary);
        expect(file.batches).toBe(batches.length);
        const largest = Math.max(...batches.map(({ record }) => record.length * 8));
        expect(writer.maxRecordBytes).toBe(largest);
        const target = Buffer.alloc(largest);
        for (const n of [...batches.keys(), ...order.map((n) => n % batches.length)]) {
          const { record, items, continues } = batches[n]!;
          file.read(n, target);
          expect(target.subarray(0, file.recordBytes(n)).equals(bytesOf(record))).toBe(true);
          expect([file.items(n), file.continuesTrace(n)]).toEqual([items, continues]);
        }
        file.close();
      }),
      { numRuns: 50 },
    );
  });

  test("is there only when it is complete", () => {
    const writer = write([{ record: [1n], items: 1, continues: false }]);
    expect(readdirSync(directory)).not.toContain("traces.frozen");
    writer.finish(summary);
    expect(readdirSync(directory)).toEqual(["traces.frozen"]);
  });

  test("that is given up leaves nothing behind, and the one before it as it was", () => {
    write([{ record: [1n], items: 1, continues: false }]).finish(summary);
    const before = readFileSync(path);
    write([{ record: [2n], items: 2, continues: false }]).abandon();
    expect(readdirSync(directory)).toEqual(["traces.frozen"]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("that is cut off, or something else, is refused", () => {
    write([{ record: [1n, 2n, 3n], items: 1, continues: false }]).finish(summary);
    const { length } = readFileSync(path);
    for (let bytes = length - 1; bytes >= 0; bytes -= 7) {
      truncateSync(path, bytes);
      expect(() => new FrozenFile(path)).toThrow(path);
    }
    writeFileSync(path, Buffer.alloc(1000, "text"));
    expect(() => new FrozenFile(path)).toThrow("not a frozen file of this format");
  });
});
