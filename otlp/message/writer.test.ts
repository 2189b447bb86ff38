import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { ProtoWriter } from "./writer.ts";

const root = protobuf.parse(
  `syntax = "proto3";
   message Sample {
     uint64 whole = 1; int64 signed = 2; fixed64 time = 3; sfixed64 amount = 4; double ratio = 5; bytes blob = 6;
     string text = 7; Sample child = 8; repeated fixed64 counts = 9; repeated double bounds = 10; repeated uint64 buckets = 11;
     fixed32 flags = 16; sint32 scale = 17; bool yes = 2000;
   }`,
  { keepCase: true },
).root;
const Sample = root.lookupType("Sample");

interface Sample {
  whole: number;
  signed: number;
  time: number;
  amount: number;
  ratio: number;
  blob: Uint8Array;
  text: string;
  counts: number[];
  bounds: number[];
  buckets: number[];
  flags: number;
  scale: number;
  yes: boolean;
  child?: Sample | undefined;
}

const whole = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const signed = fc.oneof(
  fc.integer(),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
);
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.record({
    whole,
    signed,
    time: whole,
    amount: signed,
    ratio: fc.double({ noNaN: true }),
    blob: fc.uint8Array({ maxLength: 300 }),
    text: fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "binary", maxLength: 60 })),
    counts: fc.array(whole, { maxLength: 20 }),
    bounds: fc.array(fc.double({ noNaN: true }), { maxLength: 20 }),
    buckets: fc.array(fc.integer({ min: 0, max: 2 ** 21 - 1 }), { maxLength: 40 }),
    flags: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    scale: fc.integer(),
    yes: fc.boolean(),
    child: fc.option(tie("sample"), { nil: undefined, maxDepth: 5, depthSize: "small" }),
  }),
}));

function write(writer: ProtoWriter, value: Sample, lengthBytes: number): void {
  writer.varint(1, value.whole);
  writer.int64(2, value.signed);
  writer.fixed64(3, value.time);
  writer.sfixed64(4, value.amount);
  writer.double(5, value.ratio);
  writer.bytes(6, value.blob);
  writer.string(7, value.text);
  if (value.child) {
    writer.begin(8, lengthBytes);
    write(writer, value.child, lengthBytes);
    writer.end();
  }
  writer.packedFixed64(9, value.counts);
  writer.packedDouble(10, value.bounds);
  writer.packedPaddedVarint(11, value.buckets, 3);
  writer.fixed32(16, value.flags);
  writer.sint32(17, value.scale);
  writer.varint(2000, value.yes ? 1 : 0);
}

function plain(value: Sample): unknown {
  return {
    ...value,
    whole: BigInt(value.whole),
    signed: BigInt(value.signed),
    time: BigInt(value.time),
    amount: BigInt(value.amount),
    blob: Buffer.from(value.blob).toString("hex"),
    text: Buffer.from(value.text).toString(),
    counts: value.counts.map(BigInt),
    buckets: value.buckets.map(BigInt),
    child: value.child ? plain(value.child) : undefined,
  };
}

function decode(bytes: Uint8Array): unknown {
  return fromProtobufjs(
    Sample.toObject(Sample.decode(bytes), { longs: String, arrays: true, defaults: true }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: protobufjs objects have no static type here
function fromProtobufjs(value: any): unknown {
  return {
    ...value,
    whole: BigInt(value.whole),
    signed: BigInt(value.signed),
    time: BigInt(value.time),
    amount: BigInt(value.amount),
    blob: Buffer.from(value.blob).toString("hex"),
    counts: value.counts.map(BigInt),
    buckets: value.buckets.map(BigInt),
    child: value.child ? fromProtobufjs(value.child) : undefined,
  };
}

describe("a protobuf writer", () => {
  test("writes messages that protobufjs reads back equal, whatever lengths were guessed", () => {
    const writer = new ProtoWriter(64);
    fc.assert(
      fc.property(sample, fc.integer({ min: 1, max: 4 }), (value, lengthBytes) => {
        writer.reset();
        write(writer, value, lengthBytes);
        expect(decode(writer.finish())).toEqual(plain(value));
      }),
      { numRuns: 500 },
    );
  });

  test("writes the same bytes whatever lengths were guessed", () => {
    fc.assert(
      fc.property(sample, (value) => {
        const results = [1, 2, 3].map((lengthBytes) => {
          const writer = new ProtoWriter();
          write(writer, value, lengthBytes);
          return Buffer.from(writer.finish()).toString("hex");
        });
        expect(new Set(results).size).toBe(1);
      }),
      { numRuns: 100 },
    );
  });

  test("writes keyed strings and varints as if each message were begun and ended", () => {
    const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "binary", maxLength: 60 }));
    fc.assert(
      fc.property(text, text, whole, fc.constantFrom(1, 9, 20), (name, value, number, field) => {
        const key = new ProtoWriter();
        key.string(1, name);
        const short = new ProtoWriter(64);
        short.keyedString(field, key.finish(), 2, 1, value);
        short.keyedVarint(field, key.finish(), 2, 3, number);
        const long = new ProtoWriter();
        for (const write of [() => long.string(1, value), () => long.varint(3, number)]) {
          long.begin(field);
          long.raw(key.finish());
          long.begin(2);
          write();
          long.end();
          long.end();
        }
        expect(short.finish()).toEqual(long.finish());
      }),
    );
  });

  test("copies the part of an array that it is told", () => {
    const writer = new ProtoWriter();
    writer.rawPart(Uint8Array.of(1, 2, 3, 4, 5), 1, 4);
    expect([...writer.finish()]).toEqual([2, 3, 4]);
  });

  test("copies what another writer holds, and leaves it as it is", () => {
    const other = new ProtoWriter();
    for (let n = 0; n < 100; n++) other.string(7, `text ${n}`);
    const writer = new ProtoWriter(64);
    writer.fixed64(3, 5);
    writer.append(other);
    const alone = new ProtoWriter();
    alone.fixed64(3, 5);
    expect([...writer.finish()]).toEqual([...alone.finish(), ...other.finish()]);
  });

  test("keeps what was written when its buffer grows", () => {
    const writer = new ProtoWriter(64);
    for (let n = 0; n < 1000; n++) writer.string(7, `text ${n}`);
    expect(Sample.decode(writer.finish())).toMatchObject({ text: "text 999" });
  });

  test("writes times of zero", () => {
    const writer = new ProtoWriter();
    writer.fixed64(3, 0);
    expect([...writer.finish()]).toEqual([0x19, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("pads varints to the width it is told", () => {
    const writer = new ProtoWriter();
    writer.paddedVarint(1, 5, 3);
    expect([...writer.finish()]).toEqual([0x08, 0x85, 0x80, 0x00]);
    expect(Sample.toObject(Sample.decode(writer.finish()), { longs: Number })).toEqual({ whole: 5 });
  });

  test("refuses a varint that is wider than its place", () => {
    expect(() => new ProtoWriter().paddedVarint(1, 2 ** 21, 3)).toThrow(
      "2097152 does not fit a varint of 3 bytes",
    );
  });

  test("refuses to finish inside a message, and to end what was not begun", () => {
    const writer = new ProtoWriter();
    writer.begin(8);
    expect(() => writer.finish()).toThrow("1 messages were begun and not ended");
    writer.end();
    expect(() => writer.end()).toThrow("no message was begun");
  });
});
