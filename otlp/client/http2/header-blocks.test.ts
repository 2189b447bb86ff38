import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerBlock } from "../../../test/fuzz/http2-frames.ts";
import { END_HEADERS, END_STREAM, ERROR, FRAME_HEAD_BYTES, PADDED, PRIORITY } from "./frames.ts";
import { HeaderBlocks, MAX_LIST_BYTES } from "./header-blocks.ts";

const FIELDS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;
const BLOCK = headerBlock(FIELDS);
const refused = (errorCode: number) => expect.objectContaining({ name: "Http2Error", errorCode });

describe("a block", () => {
  test.each([END_STREAM, 0])("in one frame is read at once, flags %i", (endStream) => {
    const blocks = new HeaderBlocks();
    expect([...blocks.begin(END_HEADERS | endStream, 5, BLOCK)!]).toEqual(FIELDS);
    expect(blocks).toMatchObject({ isOpen: false, streamId: 5, endsStream: endStream === END_STREAM });
  });

  test("in any pieces is read with its last, whoever overwrites the pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: BLOCK.length }), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), BLOCK.length];
        const blocks = new HeaderBlocks();
        const pieces = places.slice(1).map((to, i) => Buffer.from(BLOCK.subarray(places[i], to)));
        const last = pieces.pop();
        const first = pieces.shift() ?? Buffer.alloc(0);
        expect(blocks.begin(END_STREAM, 7, first)).toBeUndefined();
        first.fill(0xff);
        for (const piece of pieces) {
          expect(blocks.isOpen).toBe(true);
          expect(blocks.continue(0, 7, piece)).toBeUndefined();
          piece.fill(0xff);
        }
        const rest = cuts.length === 0 ? BLOCK : last!;
        expect([...blocks.continue(END_HEADERS, 7, rest)!]).toEqual(FIELDS);
        expect(blocks).toMatchObject({ isOpen: false, streamId: 7, endsStream: true });
      }),
    );
  });

  test("behind another means what that one left in the table", () => {
    const blocks = new HeaderBlocks();
    // A literal that goes into the table, and then its index there.
    blocks.begin(END_HEADERS, 1, Buffer.from([0x40, 1, 0x61, 1, 0x62]));
    expect([...blocks.begin(END_HEADERS, 3, Buffer.of(0xbe))!]).toEqual([["a", "b"]]);
  });

  test.each([
    ["padding", PADDED, Buffer.concat([Buffer.of(3), BLOCK, Buffer.alloc(3)])],
    ["padding of no bytes", PADDED, Buffer.concat([Buffer.of(0), BLOCK])],
    ["a priority", PRIORITY, Buffer.concat([Buffer.alloc(5, 1), BLOCK])],
    ["both", PADDED | PRIORITY, Buffer.concat([Buffer.of(2), Buffer.alloc(5, 1), BLOCK, Buffer.alloc(2)])],
  ])("with %s is read without", (_what, flags, payload) => {
    expect([...new HeaderBlocks().begin(END_HEADERS | flags, 1, payload)!]).toEqual(FIELDS);
  });

  test("that is nothing but padding has no fields", () => {
    expect(new HeaderBlocks().begin(END_HEADERS | PADDED, 1, Buffer.of(2, 0, 0))!.size).toBe(0);
  });
});

describe("refused is", () => {
  test.each([
    ["no byte that tells its length", Buffer.alloc(0)],
    ["one byte more than there are", Buffer.of(3, 0, 0)],
    ["more than there are", Buffer.concat([Buffer.of(255), BLOCK])],
  ])("padding of %s", (_what, payload) => {
    expect(() => new HeaderBlocks().begin(END_HEADERS | PADDED, 1, payload)).toThrow(refused(ERROR.protocol));
  });

  test.each([
    ["in 4 bytes", PRIORITY, Buffer.alloc(4)],
    ["with padding that leaves it 4", PRIORITY | PADDED, Buffer.concat([Buffer.of(2), Buffer.alloc(6)])],
  ])("a priority %s", (_what, flags, payload) => {
    expect(() => new HeaderBlocks().begin(END_HEADERS | flags, 1, payload)).toThrow(refused(ERROR.frameSize));
  });

  test("a continuation of nothing, of another stream, and of what is whole", () => {
    const blocks = new HeaderBlocks();
    expect(() => blocks.continue(END_HEADERS, 0, BLOCK)).toThrow(refused(ERROR.protocol));
    blocks.begin(END_HEADERS, 1, BLOCK);
    expect(() => blocks.continue(END_HEADERS, 1, BLOCK)).toThrow(refused(ERROR.protocol));
    blocks.begin(0, 3, BLOCK);
    expect(() => blocks.continue(END_HEADERS, 1, BLOCK)).toThrow(refused(ERROR.protocol));
  });

  test("what is no HPACK", () => {
    expect(() => new HeaderBlocks().begin(END_HEADERS, 1, Buffer.of(0xff))).toThrow(
      refused(ERROR.compression),
    );
  });

  test("a list that is larger than we said, however short its block", () => {
    // A value of 4,000 bytes goes into the table; each index is one byte more of block and 4,033 of list.
    const long = Buffer.concat([Buffer.of(0x40, 1, 0x61, 0x7f, 0xa1, 0x1e), Buffer.alloc(4000, 0x62)]);
    const times = Math.floor(MAX_LIST_BYTES / 4033) - 1;
    const fits = Buffer.concat([long, Buffer.alloc(times, 0xbe)]);
    expect(new HeaderBlocks().begin(END_HEADERS, 1, fits)!.size).toBe(1);
    const larger = Buffer.concat([long, Buffer.alloc(times + 1, 0xbe)]);
    expect(() => new HeaderBlocks().begin(END_HEADERS, 1, larger)).toThrow(refused(ERROR.compression));
  });

  test.each([0, 1, 100, 16_384])("an endless block, by frames of %i bytes", (length) => {
    const blocks = new HeaderBlocks();
    const most = Math.floor(65_536 / (FRAME_HEAD_BYTES + length));
    blocks.begin(0, 1, Buffer.alloc(length));
    for (let frames = 1; frames < most; frames++) blocks.continue(0, 1, Buffer.alloc(length));
    expect(() => blocks.continue(0, 1, Buffer.alloc(length))).toThrow(refused(ERROR.enhanceYourCalm));
  });

  test("an endless block, but not what many short ones have together", () => {
    const blocks = new HeaderBlocks();
    for (let i = 0; i < 3000; i++) {
      blocks.begin(0, 1, BLOCK);
      expect(blocks.continue(END_HEADERS, 1, Buffer.alloc(0))!.size).toBe(2);
    }
  });
});
