import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  idKeyOf,
  NEVER_SENT_ORDINAL,
  originOf,
  readTemplateSpanCount,
  readTemplateSpanOrdinal,
  readTemplateTraceId,
  SpanDecoder,
  spanIdOf,
  traceIdOf,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "./ids.ts";

const origin = fc.record({
  incarnation: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  pass: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  ordinal: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
});
const seed = fc.integer({ min: 0, max: 2 ** 31 });

describe("trace ids", () => {
  test("lead back to the incarnation, pass and ordinal they were made from", () => {
    fc.assert(
      fc.property(seed, origin, (s, from) => {
        const key = idKeyOf(s);
        expect(originOf(key, traceIdOf(key, from))).toEqual(from);
      }),
      { numRuns: 5000 },
    );
  });

  test("of neighbours differ in about half of their bits, in the low 7 bytes too", () => {
    const key = idKeyOf(0);
    let changed = 0;
    let changedLow = 0;
    const rounds = 2000;
    for (let ordinal = 0; ordinal < rounds; ordinal++) {
      const a = traceIdOf(key, { incarnation: 5, pass: 3, ordinal });
      const b = traceIdOf(key, { incarnation: 5, pass: 3, ordinal: ordinal + 1 });
      for (let byte = 0; byte < 16; byte++) {
        const bits = bitCount(a[byte]! ^ b[byte]!);
        changed += bits;
        if (byte >= 9) changedLow += bits;
      }
    }
    expect(changed / rounds / 128).toBeCloseTo(0.5, 2);
    expect(changedLow / rounds / 56).toBeCloseTo(0.5, 2);
  });

  test("with another seed are other ids", () => {
    const from = { incarnation: 1, pass: 0, ordinal: 0 };
    expect(traceIdOf(idKeyOf(1), from)).not.toEqual(traceIdOf(idKeyOf(2), from));
  });
});

describe("span ids", () => {
  test("lead back to the span's ordinal and its trace's span count, without the key", () => {
    const decoder = new SpanDecoder();
    fc.assert(
      fc.property(origin, fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), (from, spanCount, n) => {
        const ordinal = n % spanCount;
        const traceId = traceIdOf(idKeyOf(0), from);
        decoder.enter(traceId, 0);
        expect(decoder.read(spanIdOf(traceId, ordinal, spanCount), 0)).toBe(true);
        expect([decoder.ordinal, decoder.spanCount]).toEqual([ordinal, spanCount]);
      }),
      { numRuns: 5000 },
    );
  });

  test("have odd parity, so that none is all zero", () => {
    fc.assert(
      fc.property(origin, fc.nat(), fc.nat(), (from, ordinal, spanCount) => {
        const id = spanIdOf(traceIdOf(idKeyOf(0), from), ordinal, spanCount);
        expect(id.reduce((sum, byte) => sum + bitCount(byte), 0) % 2).toBe(1);
      }),
      { numRuns: 5000 },
    );
  });

  test("of one trace are distinct", () => {
    const traceId = traceIdOf(idKeyOf(0), { incarnation: 9, pass: 0, ordinal: 0 });
    const ids = new Set(
      Array.from({ length: 20_000 }, (_, n) => Buffer.from(spanIdOf(traceId, n, 20_000)).toString("hex")),
    );
    expect(ids.size).toBe(20_000);
  });

  test("of a parent that is never sent are told apart from lost ones", () => {
    const traceId = traceIdOf(idKeyOf(0), { incarnation: 9, pass: 0, ordinal: 0 });
    const decoder = new SpanDecoder();
    decoder.enter(traceId, 0);
    expect(decoder.read(spanIdOf(traceId, NEVER_SENT_ORDINAL + 3, 10), 0)).toBe(true);
    expect(decoder.ordinal).toBe(NEVER_SENT_ORDINAL + 3);
  });

  test("that were made up elsewhere are refused more often than not", () => {
    const decoder = new SpanDecoder();
    decoder.enter(traceIdOf(idKeyOf(0), { incarnation: 9, pass: 0, ordinal: 0 }), 0);
    const foreign = Array.from({ length: 1000 }, (_, n) =>
      Buffer.from(`foreign${String.fromCharCode(n % 256)}`, "latin1"),
    );
    expect(foreign.filter((id) => decoder.read(id, 0)).length).toBeLessThan(600);
  });
});

describe("template ids", () => {
  test("read back as they were written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 - 1 }), fc.nat(), fc.nat(), (trace, span, count) => {
        const bytes = new Uint8Array(24);
        writeTemplateTraceId(bytes, 0, trace);
        writeTemplateSpanId(bytes, 16, span, count);
        expect(readTemplateTraceId(bytes, 0)).toBe(trace);
        expect(readTemplateSpanOrdinal(bytes, 16)).toBe(span);
        expect(readTemplateSpanCount(bytes, 16)).toBe(count);
      }),
    );
  });

  test("are told from other trace ids", () => {
    expect(readTemplateTraceId(new Uint8Array(16).fill(7), 0)).toBe(-1);
  });
});

function bitCount(byte: number): number {
  return byte.toString(2).replaceAll("0", "").length;
}
