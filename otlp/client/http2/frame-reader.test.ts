import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame } from "../../../test/fuzz/http2-frames.ts";
import { FrameReader } from "./frame-reader.ts";
import { ERROR, FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "./frames.ts";

type Told = { type: number; flags: number; streamId: number; payload: string };

/** A reader, and what it has told of. Payloads are copied: they are views. */
function newReader(): { reader: FrameReader; told: Told[] } {
  const told: Told[] = [];
  const reader = new FrameReader((type, flags, streamId, payload) =>
    told.push({ type, flags, streamId, payload: payload.toString("latin1") }),
  );
  return { reader, told };
}

/** The bytes cut at places, each piece in memory that is overwritten once it was read. */
function readInPieces(reader: FrameReader, bytes: Buffer, cuts: readonly number[]): void {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), 0, bytes.length];
  places.sort((a, b) => a - b);
  for (const [i, from] of places.slice(0, -1).entries()) {
    const piece = Buffer.from(bytes.subarray(from, places[i + 1]));
    reader.read(piece);
    piece.fill(0xaa);
  }
}

const byte = fc.nat({ max: 255 });
const anyFrame = fc.record({
  type: byte,
  flags: byte,
  streamId: fc.nat({ max: 2 ** 31 - 1 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    fc.integer({ min: MAX_FRAME_BYTES - 2, max: MAX_FRAME_BYTES }).map((length) => "ab".repeat(length / 2)),
  ),
});

describe("frames", () => {
  test("come out as they went in, in order and once, however their bytes are cut", () => {
    const cases = fc.tuple(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }));
    fc.assert(
      fc.property(cases, ([frames, cuts]) => {
        const { reader, told } = newReader();
        const bytes = frames.map(({ type, flags, streamId, payload }) =>
          frame(type, flags, streamId, Buffer.from(payload, "latin1")),
        );
        readInPieces(reader, Buffer.concat(bytes), cuts);
        expect(told).toEqual(frames);
      }),
    );
  });

  test("come out when their last byte is there, not later, even byte by byte", () => {
    const { reader, told } = newReader();
    const frames = [frame(8, 0, 1, Buffer.alloc(4)), frame(4, 1, 0, Buffer.alloc(0))];
    for (const [i, bytes] of frames.entries()) {
      for (const one of bytes) {
        expect(told).toHaveLength(i);
        reader.read(Buffer.of(one));
      }
    }
    expect(told).toHaveLength(2);
  });

  test("have an id without its highest bit, which means nothing", () => {
    const { reader, told } = newReader();
    reader.read(frame(0, 0, 0x80000003, Buffer.alloc(0)));
    expect(told[0]!.streamId).toBe(3);
  });

  test("that lie whole in what was read are not copied", () => {
    const views: Buffer[] = [];
    const bytes = Buffer.from(frame(0, 0, 1, Buffer.from("hello")));
    new FrameReader((_type, _flags, _id, payload) => views.push(payload)).read(bytes);
    expect(views[0]!.buffer).toBe(bytes.buffer);
  });
});

describe("a frame longer than 16,384 bytes", () => {
  const tooLong = frame(0, 0, 1, Buffer.alloc(0), MAX_FRAME_BYTES + 1);
  const error = expect.objectContaining({
    errorCode: ERROR.frameSize,
    message: "a frame of 16385 bytes came, more than 16384",
  });

  test("is refused at its head, before anything of its payload has come", () => {
    const { reader, told } = newReader();
    expect(() => reader.read(tooLong)).toThrow(error);
    expect(told).toEqual([]);
  });

  test("is refused with the last byte of its head where that comes in pieces", () => {
    for (let cut = 1; cut < FRAME_HEAD_BYTES; cut++) {
      const { reader } = newReader();
      reader.read(tooLong.subarray(0, cut));
      expect(() => reader.read(tooLong.subarray(cut))).toThrow(error);
    }
  });

  test("is refused behind others, of which was told", () => {
    const { reader, told } = newReader();
    expect(() => reader.read(Buffer.concat([frame(6, 0, 0, Buffer.alloc(8)), tooLong]))).toThrow(error);
    expect(told).toHaveLength(1);
  });
});

test("memory for frames in pieces is made once, and is as large as one frame", () => {
  const memory = new Set<ArrayBufferLike>();
  const reader = new FrameReader((_type, _flags, _id, payload) => memory.add(payload.buffer));
  for (const length of [0, 100, MAX_FRAME_BYTES, 100]) {
    const bytes = frame(0, 0, 1, Buffer.alloc(length));
    for (const cut of [7, 9, 100]) {
      if (cut >= bytes.length) continue;
      reader.read(bytes.subarray(0, cut));
      reader.read(bytes.subarray(cut));
    }
  }
  expect([...memory].map(({ byteLength }) => byteLength)).toEqual([FRAME_HEAD_BYTES + MAX_FRAME_BYTES]);
});
