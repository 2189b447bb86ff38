/** fast-check arbitraries of bodies with variables, as the compressors see them, of few pieces that come again and again. For tests. */
import fc from "fast-check";
import type { VariablePlaces } from "./zstd/tokens.ts";

/** A body in pieces: bytes that stay, and places of variables. */
export type Piece = { bytes: Uint8Array } | { variable: number };

/** How many variables there are. */
export const VARIABLES = 12;
const lengthOf = (variable: number) => 1 + ((variable * 7) % 17);

/** Few different pieces, so that much repeats; some long, so that there are several blocks. */
export const pieces: fc.Arbitrary<Piece[]> = fc
  .tuple(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 }),
    fc.array(fc.nat(200), { minLength: 1, maxLength: 300 }),
    fc.constantFrom(1, 4, 8, 40),
  )
  .map(([words, picks, times]) =>
    Array.from({ length: times }, () => picks)
      .flat()
      .map((pick) =>
        pick % 2 === 0
          ? { bytes: words[(pick >> 1) % words.length]! }
          : { variable: (pick >> 1) % VARIABLES },
      ),
  );

/** The body of these pieces when each variable has the bytes that `fill` gives it. */
export function bodyOf(list: readonly Piece[], fill: (variable: number) => Uint8Array): Buffer {
  return Buffer.concat(list.map((piece) => ("bytes" in piece ? piece.bytes : fill(piece.variable))));
}

/** Where the variables of these pieces lie. */
export function placesOf(list: readonly Piece[]): VariablePlaces {
  const rows: [number, number, number][] = [];
  let at = 0;
  for (const piece of list) {
    const length = "bytes" in piece ? piece.bytes.length : lengthOf(piece.variable);
    if ("variable" in piece) rows.push([at, length, piece.variable]);
    at += length;
  }
  return {
    count: rows.length,
    starts: Int32Array.from(rows, ([start]) => start),
    lengths: Int32Array.from(rows, ([, length]) => length),
    variables: Int32Array.from(rows, ([, , variable]) => variable),
  };
}

/** Bytes for each variable, others for another seed. */
export const filledBy = (seed: number) => (variable: number) =>
  Uint8Array.from(
    { length: lengthOf(variable) },
    (_, at) => (seed * 31 + variable * 89 + at * 57 + seed * at) & 0xff,
  );
