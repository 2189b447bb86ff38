import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { encodeFrame, FrameError, MAX_FRAME_BYTES, readFrames, writeFrame } from "./frames.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-frames-"));
const path = join(directory, "frames.pb");
afterAll(() => rmSync(directory, { recursive: true }));

function readAll(
  file: Uint8Array,
  maxFrameBytes?: number,
): { position: number; index: number; message: string }[] {
  writeFileSync(path, file);
  return Array.from(readFrames(path, maxFrameBytes), ({ position, index, message }) => ({
    position,
    index,
    message: message.toString("hex"),
  }));
}

describe("frames", () => {
  test("read back as they were written, with their places", () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(messages, (messages) => {
        let position = 0;
        const expected = messages.map((message, index) => {
          const frame = { position, index, message: Buffer.from(message).toString("hex") };
          position += 4 + message.length;
          return frame;
        });
        expect(readAll(Buffer.concat(messages.map(encodeFrame)))).toEqual(expected);
      }),
    );
  });

  test("read back across the reader's buffer, however they lie", () => {
    const sizes = [1, 1_000_000, 3, 700_000, MAX_FRAME_BYTES, 1, 900_001, 800_000, 77, 1_048_575, 2];
    const messages = sizes.map((size, n) => Buffer.alloc(size, n + 1));
    writeFileSync(path, Buffer.concat(messages.map(encodeFrame)));
    let index = 0;
    for (const frame of readFrames(path)) expect(frame.message.equals(messages[index++]!)).toBe(true);
    expect(index).toBe(messages.length);
  });

  test("of a stream are those of encodeFrame", async () => {
    const messages = [Buffer.from("one"), Buffer.alloc(300_000, 7), Buffer.from("three")];
    const stream = createWriteStream(path);
    for (const message of messages) await writeFrame(stream, message);
    stream.end();
    await finished(stream);
    expect(readFileSync(path).equals(Buffer.concat(messages.map(encodeFrame)))).toBe(true);
  });

  test("may be larger than a template's where the caller says so", () => {
    const large = encodeFrame(Buffer.alloc(MAX_FRAME_BYTES + 1));
    expect(() => readAll(large)).toThrow("frame length must be 1 to 1048576, found 1048577");
    expect(readAll(large, MAX_FRAME_BYTES + 1).length).toBe(1);
  });

  test("that are cut off anywhere are refused, not cut short", () => {
    const file = Buffer.concat([encodeFrame(Buffer.from("first")), encodeFrame(Buffer.from("second"))]);
    const whole = new Set([9, file.length]);
    for (let length = 0; length <= file.length; length++) {
      if (whole.has(length)) expect(readAll(file.subarray(0, length)).length).toBe(length === 9 ? 1 : 2);
      else expect(() => readAll(file.subarray(0, length))).toThrow(FrameError);
    }
  });

  test.each([
    { name: "an empty file", file: Buffer.alloc(0), error: ": the file is empty; generate it again" },
    {
      name: "a frame without bytes",
      file: Buffer.alloc(4),
      error:
        ": byte 0: frame length must be 1 to 1048576, found 0; this is not a file of OTLP frames; name one that stampede generate or the Collector's file exporter wrote",
    },
    {
      name: "a text file",
      file: Buffer.from('{"resourceSpans":[]}'),
      error:
        ": byte 0: frame length must be 1 to 1048576, found 2065855077; this is not a file of OTLP frames; name one that stampede generate or the Collector's file exporter wrote",
    },
    {
      name: "a cut header",
      file: Buffer.concat([encodeFrame(Buffer.from("x")), Buffer.of(0, 0)]),
      error:
        ": byte 5: a frame header needs 4 bytes, found 2; the file is cut off, generate or copy it again",
    },
    {
      name: "a cut message",
      file: encodeFrame(Buffer.from("message")).subarray(0, 8),
      error:
        ": byte 0: a frame of 7 bytes goes past the end of the file (4 left); the file is cut off, generate or copy it again",
    },
  ])("of $name say what is wrong and where", ({ file, error }) => {
    expect(() => readAll(file)).toThrow(path + error);
  });

  test("of any bytes are read or refused with a FrameError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (file) => {
        try {
          readAll(file);
        } catch (error) {
          expect(error).toMatchObject({ name: "FrameError", code: "bad_frame" });
        }
      }),
      { numRuns: 500 },
    );
  });
});
