import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, filledBy, type Piece, pieces, placesOf, VARIABLES } from "../arbitrary-pieces.ts";
import { Tokens } from "./tokens.ts";
import { ZstdFrameWriter } from "./zstd-frame.ts";

const writers = { fast: new ZstdFrameWriter("fast"), best: new ZstdFrameWriter("best") };
const writer = writers.fast;
const efforts = [{ effort: "fast" }, { effort: "best" }] as const;
const tokens = new Tokens();

describe("a zstd frame with variables", () => {
  test.each(efforts)(
    "of effort $effort decodes to its body, and with other variables to the body with these",
    ({ effort }) => {
      const writer = writers[effort];
      let frames = 0;
      fc.assert(
        fc.property(pieces, fc.nat(), fc.nat(), (list, first, second) => {
          const body = bodyOf(list, filledBy(first));
          tokens.set(body, placesOf(list));
          const frame = writer.write(body, tokens);
          if (frame === undefined) return;
          frames++;
          expect(frame.length).toBeLessThan(body.length);
          expect(zstdDecompressSync(frame).equals(body)).toBe(true);
          for (let token = 0; token < tokens.count; token++) {
            const variable = tokens.values[token]! - 256;
            if (variable >= 0 && writer.places[token]! >= 0)
              frame.set(filledBy(second)(variable), writer.places[token]!);
          }
          expect(zstdDecompressSync(frame).equals(bodyOf(list, filledBy(second)))).toBe(true);
        }),
        { numRuns: 500 },
      );
      expect(frames).toBeGreaterThan(200);
    },
  );

  test("does not exist for a body in which nothing repeats", () => {
    const body = Buffer.from(Array.from({ length: 200 }, (_, at) => (at * 73) & 0xff));
    tokens.set(body, placesOf([{ bytes: body }]));
    expect(writer.write(body, tokens)).toBeUndefined();
  });

  test("has one symbol for all lengths and offsets where they are all alike", () => {
    const body = Buffer.from("abcdefgh".repeat(30));
    tokens.set(body, placesOf([{ bytes: body }]));
    const frame = writer.write(body, tokens)!;
    expect(zstdDecompressSync(frame).toString()).toBe("abcdefgh".repeat(30));
  });

  test.each(efforts)(
    "of several megabytes, effort $effort, has blocks, of which no variable is cut",
    ({ effort }) => {
      const list: Piece[] = Array.from({ length: 60_000 }, (_, at) =>
        at % 3 === 0
          ? { bytes: Uint8Array.of(at & 0xff, (at >> 8) & 0xff, (at * 7919) & 0xff, (at * 104_729) >> 8) }
          : { variable: (at * at) % VARIABLES },
      );
      const body = bodyOf(list, filledBy(1));
      tokens.set(body, placesOf(list));
      const frame = writers[effort].write(body, tokens)!;
      expect(body.length).toBeGreaterThan(300_000);
      expect(zstdDecompressSync(frame).equals(body)).toBe(true);
    },
  );
});
