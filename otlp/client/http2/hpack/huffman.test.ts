import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HpackError } from "./hpack-error.ts";
import { decodeHuffman, encodeHuffman } from "./huffman.ts";

const decode = (hex: string) => decodeHuffman(Buffer.from(hex, "hex"), 0, hex.length / 2);

/** Any bytes, a character each, longer than what is decoded in one buffer, too. */
const texts = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.tuple(fc.string(), fc.integer({ min: 1, max: 3000 })).map(([text, times]) => text.repeat(times)),
);

describe("a text in the Huffman code of RFC 7541", () => {
  test.each([
    ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
    ["", ""],
    ["000", "0001"],
    ["\n\r\x16", "fffffff3ffffffdfffffffbf"],
    ["\xff\xfe\0", "fffffbbfffff87fe3f"],
  ])("is encoded and decoded: %j", (text, hex) => {
    expect(encodeHuffman(text).toString("hex")).toBe(hex);
    expect(decode(hex)).toBe(text);
  });

  test("comes back whatever its bytes are, and wherever in a buffer it stands", () => {
    fc.assert(
      fc.property(texts, fc.uint8Array(), (text, before) => {
        const code = encodeHuffman(text);
        const bytes = Buffer.concat([before, code, Buffer.from("more")]);
        expect(decodeHuffman(bytes, before.length, before.length + code.length)).toBe(text);
      }),
    );
  });

  test.each([
    ["whose padding has 8 bits", "07ff"],
    ["of padding only, 8 bits of it", "ff"],
    ["whose padding has 15 bits", "07ffff"],
    ["whose padding is not all ones", "00"],
    ["whose padding's last bit is not one", "1e"],
    ["with the sign for the end", "fffffffc"],
    ["with the sign for the end and a text behind it", "ffffffff07"],
    ["cut off inside a code", "fffffff3ffffff"],
  ])("is refused %s", (_, hex) => {
    expect(() => decode(hex)).toThrow(
      new HpackError("a text of the header block breaks off inside its Huffman code"),
    );
  });

  test("that can be decoded is the only code of what it says", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        let text: string;
        try {
          text = decodeHuffman(Buffer.from(bytes), 0, bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError);
          return;
        }
        expect(encodeHuffman(text)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
