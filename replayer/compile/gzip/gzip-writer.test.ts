import { crc32, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, filledBy, type Piece, pieces, placesOf, VARIABLES } from "../arbitrary-pieces.ts";
import { FIRST_VARIABLE, Tokens } from "../zstd/tokens.ts";
import { GzipWriter } from "./gzip-writer.ts";

const writer = new GzipWriter("fast");
const tokens = new Tokens();

/** What a member decodes to, once its CRC is that of `body`. */
function decoded(member: Buffer, body: Buffer): Buffer {
  member.writeUInt32LE(crc32(body), member.length - 8);
  return gunzipSync(member);
}

/** Overwrite the 9-bit field of a literal, bit by bit: a one, then the byte from its highest bit on. */
function writeLiteral(member: Buffer, bit: number, byte: number): void {
  const code = 0x100 | byte;
  for (let n = 0; n < 9; n++) {
    const at = bit + n;
    member[at >> 3]! &= ~(1 << (at & 7));
    member[at >> 3]! |= ((code >> (8 - n)) & 1) << (at & 7);
  }
}

describe("a gzip member with variables", () => {
  test.each([{ effort: "fast" }, { effort: "best" }] as const)(
    "of effort $effort decodes to its body, and with other bytes at the places of its variables to the body with these",
    ({ effort }) => {
      const own = new GzipWriter(effort);
      let members = 0;
      fc.assert(
        fc.property(pieces, fc.nat(), fc.nat(), (list, first, second) => {
          const body = bodyOf(list, filledBy(first));
          tokens.set(body, placesOf(list));
          const member = own.write(body, tokens);
          if (member === undefined) return;
          members++;
          expect(member.length).toBeLessThan(body.length);
          expect(decoded(member, body).equals(body)).toBe(true);
          for (let token = 0; token < tokens.count; token++) {
            const variable = tokens.values[token]! - FIRST_VARIABLE;
            const place = own.places[token]!;
            if (variable < 0 || place < 0) continue;
            for (const [n, byte] of filledBy(second)(variable).entries())
              writeLiteral(member, place + 9 * n, byte);
          }
          const other = bodyOf(list, filledBy(second));
          expect(decoded(member, other).equals(other)).toBe(true);
        }),
        { numRuns: 200 },
      );
      expect(members).toBeGreaterThan(80);
    },
  );

  test("does not exist for a body in which nothing repeats", () => {
    const body = Buffer.from(Array.from({ length: 200 }, (_, at) => (at * 73) & 0xff));
    tokens.set(body, placesOf([{ bytes: body }]));
    expect(writer.write(body, tokens)).toBeUndefined();
  });

  test("may have one length and one distance alone", () => {
    const body = Buffer.concat([Buffer.from("abcdefgh"), Buffer.alloc(258 * 3, "abcdefgh")]);
    tokens.set(body, placesOf([{ bytes: body }]));
    expect(decoded(writer.write(body, tokens)!, body).equals(body)).toBe(true);
  });

  test("is hardly larger than zlib's where all is text, and smaller at effort best than at fast", () => {
    const words = [
      "checkout",
      "payment",
      "inventory",
      "GET /orders/",
      "timeout after ",
      "user ",
      "region=eu-1 ",
    ];
    const text = Array.from(
      { length: 9000 },
      (_, n) => `${words[(n * n + 3 * n) % 7]}${(n * 7919) % 5000} `,
    ).join("");
    const body = Buffer.from(text);
    tokens.set(body, placesOf([{ bytes: body }]));
    const fast = writer.write(body, tokens)!.length;
    const best = new GzipWriter("best").write(body, tokens)!.length;
    expect(best).toBeLessThan(fast);
    expect(fast).toBeLessThan(1.4 * gzipSync(body).length);
  });

  test("of several megabytes copies from the last 32 KiB only", () => {
    const list: Piece[] = Array.from({ length: 200_000 }, (_, at) =>
      at % 3 === 0
        ? { bytes: Uint8Array.of(at & 0xff, (at >> 8) & 0x3f, (at * 7919) & 0x7f, (at * 104_729) & 0x1f) }
        : { variable: (at * at) % VARIABLES },
    );
    const body = bodyOf(list, filledBy(1));
    tokens.set(body, placesOf(list));
    const member = writer.write(body, tokens)!;
    expect(body.length).toBeGreaterThan(1_000_000);
    expect(decoded(member, body).equals(body)).toBe(true);
  });
});
