import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { SIGNALS } from "../signal.ts";
import { requestArbitrary } from "./arbitrary.ts";
import { encodeRequest } from "./encode.ts";
import { BYTES, FieldCursor, readFixed64, VARINT, varintBytes, WireError, writeVarint } from "./wire.ts";

interface SeenField {
  field: number;
  wireType: number;
  payload: string;
}

describe("a field cursor", () => {
  test.each(SIGNALS)("sees the fields that protobufjs sees, at every depth of %s", (signal) => {
    fc.assert(
      fc.property(requestArbitrary(signal), (request) => {
        const bytes = encodeRequest(signal, request);
        agreeOn(bytes, 3);
      }),
      { numRuns: 200 },
    );
  });

  test("refuses what begins as a message and goes on as a varint of 11 bytes", () => {
    agreeOn(Buffer.from("\u{10000}\u0000\u0080\u{10000}\u{10000}\u0000"), 0);
  });

  test("tells numbers of varints exactly up to 2^53", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 2 ** 28 }), (value, field) => {
        const bytes = protobuf.Writer.create()
          .uint32(field * 8)
          .uint64(value)
          .finish();
        const cursor = new FieldCursor();
        cursor.enter(bytes, 0, bytes.length);
        expect(cursor.next()).toBe(true);
        expect([cursor.field, cursor.wireType, cursor.value]).toEqual([field, VARINT, value]);
        expect(cursor.next()).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("reads varints padded to any width up to 10 bytes, refuses 11", () => {
    const cursor = new FieldCursor();
    for (let padding = 1; padding <= 10; padding++) {
      const bytes = Uint8Array.of(0x08, ...new Array(padding - 1).fill(0x80), 0x00);
      cursor.enter(bytes, 0, bytes.length);
      expect(cursor.next()).toBe(true);
      expect([cursor.value, cursor.to]).toEqual([0, bytes.length]);
    }
    const tooLong = Uint8Array.of(0x08, ...new Array(10).fill(0x80), 0x00);
    cursor.enter(tooLong, 0, tooLong.length);
    expect(() => cursor.next()).toThrow(WireError);
  });

  test("stays inside its message, ends, and throws nothing but WireError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(), (bytes, a, b) => {
        const [from, to] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y);
        const cursor = new FieldCursor();
        cursor.enter(bytes, from!, to!);
        try {
          for (let fields = 0; cursor.next(); fields++) {
            expect(fields).toBeLessThan(bytes.length);
            expect(cursor.tagFrom).toBeGreaterThanOrEqual(from!);
            expect(cursor.from).toBeGreaterThan(cursor.tagFrom);
            expect(cursor.to).toBeGreaterThanOrEqual(cursor.from);
            expect(cursor.to).toBeLessThanOrEqual(to!);
            expect(cursor.field).toBeGreaterThan(0);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_protobuf" });
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test("refuses each message that is cut inside a field", () => {
    const bytes = protobuf.Writer.create().uint32(9).fixed64(7).uint32(18).string("cut here").finish();
    const cursor = new FieldCursor();
    const boundaries = new Set([0, 9, bytes.length]);
    for (let length = 0; length <= bytes.length; length++) {
      const walk = () => {
        cursor.enter(bytes, 0, length);
        while (cursor.next());
      };
      if (boundaries.has(length)) walk();
      else expect(walk).toThrow(WireError);
    }
  });
});

describe("numbers on the wire", () => {
  test("varints are those of protobufjs, and as long as varintBytes says", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const target = new Uint8Array(10);
        const end = writeVarint(target, 0, value);
        expect(end).toBe(varintBytes(value));
        expect(target.subarray(0, end)).toEqual(
          Uint8Array.from(protobuf.Writer.create().uint64(value).finish()),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test("fixed64 read back exactly up to 2^53", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = Buffer.alloc(9);
        bytes.writeBigUInt64LE(BigInt(value), 1);
        expect(readFixed64(bytes, 1)).toBe(value);
      }),
    );
  });
});

/** Compare the cursor with protobufjs on a message and, as far as its bytes fields are messages too, below it. */
function agreeOn(bytes: Uint8Array, depth: number): void {
  const expected = fieldsByProtobufjs(bytes);
  if (!expected) {
    expect(() => fieldsByCursor(bytes)).toThrow(WireError);
    return;
  }
  const seen = fieldsByCursor(bytes);
  expect(seen).toEqual(expected);
  if (depth === 0) return;
  for (const { wireType, payload } of seen)
    if (wireType === BYTES) agreeOn(Buffer.from(payload, "hex"), depth - 1);
}

function fieldsByCursor(bytes: Uint8Array): SeenField[] {
  const cursor = new FieldCursor();
  const fields: SeenField[] = [];
  cursor.enter(bytes, 0, bytes.length);
  while (cursor.next()) {
    const payload = Buffer.from(bytes.subarray(cursor.from, cursor.to)).toString("hex");
    fields.push({ field: cursor.field, wireType: cursor.wireType, payload });
  }
  return fields;
}

/** The fields of a message; undefined when it is none, or uses the groups that OTLP does not have. */
function fieldsByProtobufjs(bytes: Uint8Array): SeenField[] | undefined {
  const reader = protobuf.Reader.create(Uint8Array.from(bytes));
  const fields: SeenField[] = [];
  try {
    while (reader.pos < reader.len) {
      const tag = Number(reader.uint64());
      const [field, wireType] = [Math.floor(tag / 8), tag & 7];
      if (field === 0 || field >= 2 ** 29 || wireType === 3 || wireType === 4) return undefined;
      const from = reader.pos;
      if (wireType === BYTES) {
        fields.push({ field, wireType, payload: Buffer.from(reader.bytes()).toString("hex") });
        continue;
      }
      // Its skip steps over varints of any length, which no protobuf has; its reading refuses more than 10 bytes.
      if (wireType === VARINT) reader.uint64();
      else reader.skipType(wireType);
      fields.push({
        field,
        wireType,
        payload: Buffer.from(bytes.subarray(from, reader.pos)).toString("hex"),
      });
    }
    return fields;
  } catch {
    return undefined;
  }
}
