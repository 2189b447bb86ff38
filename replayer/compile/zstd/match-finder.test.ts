import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginFinding,
  findLonger,
  foundSources,
  foundTokens,
  noteUpTo,
  tokenBeginningAt,
  tokensAlike,
  tokensAlikeBefore,
} from "./match-finder.ts";
import { FIRST_VARIABLE, Tokens } from "./tokens.ts";

const tokens = new Tokens();

/** Few symbols, so that much comes again; one of them is a variable of 4 bytes. */
const VARIABLE = 3;
const VARIABLE_BYTES = 4;
const bodies = fc.array(fc.nat(VARIABLE), { minLength: 1, maxLength: 300, size: "max" });

function setTokens(symbols: readonly number[]): void {
  const pieces = symbols.map((symbol) =>
    symbol === VARIABLE ? new Uint8Array(VARIABLE_BYTES) : Uint8Array.of(symbol),
  );
  const starts: number[] = [];
  let at = 0;
  symbols.forEach((symbol, n) => {
    if (symbol === VARIABLE) starts.push(at);
    at += pieces[n]!.length;
  });
  tokens.set(Buffer.concat(pieces), {
    count: starts.length,
    starts: Int32Array.from(starts),
    lengths: new Int32Array(starts.length).fill(VARIABLE_BYTES),
    variables: new Int32Array(starts.length),
  });
}

function alike(symbols: readonly number[], place: number, at: number): number {
  let length = 0;
  while (at + length < symbols.length && symbols[place + length] === symbols[at + length]) length++;
  return length;
}

describe("a match finder", () => {
  test("finds earlier places that are alike for as long as it says, each for longer than the one before", () => {
    let found = 0;
    fc.assert(
      fc.property(bodies, fc.nat(3), fc.integer({ min: 1, max: 20 }), (symbols, atLeast, attempts) => {
        setTokens(symbols);
        beginFinding(tokens);
        for (let at = 0; at < symbols.length; at++) {
          noteUpTo(at);
          const count = findLonger(at, symbols.length, atLeast, attempts);
          let longest = atLeast;
          for (let n = 0; n < count; n++) {
            expect(foundSources[n]!).toBeLessThan(at);
            expect(foundTokens[n]!).toBeGreaterThan(longest);
            expect(foundTokens[n]!).toBe(alike(symbols, foundSources[n]!, at));
            longest = foundTokens[n]!;
            found++;
          }
        }
      }),
    );
    expect(found).toBeGreaterThan(1000);
  });

  test("finds the longest of all when it may compare all", () => {
    fc.assert(
      fc.property(bodies, (symbols) => {
        setTokens(symbols);
        beginFinding(tokens);
        for (let at = 0; at < symbols.length; at++) {
          noteUpTo(at);
          const count = findLonger(at, symbols.length, 2, symbols.length);
          const longest = Math.max(2, ...Array.from({ length: at }, (_, place) => alike(symbols, place, at)));
          expect(count > 0 ? foundTokens[count - 1] : 2).toBe(longest);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("finds nothing for a variable that was not there yet", () => {
    setTokens([0, 1, VARIABLE, 0, 1]);
    beginFinding(tokens);
    noteUpTo(2);
    expect(findLonger(2, 5, 0, 10)).toBe(0);
    expect(tokens.values[2]).toBe(FIRST_VARIABLE);
  });

  test("tells tokens from bytes, and how far two places are alike in both directions", () => {
    setTokens([0, 1, VARIABLE, 2, 2, 1, VARIABLE, 2, 0]);
    beginFinding(tokens);
    expect(tokenBeginningAt(2)).toBe(2);
    expect(tokenBeginningAt(3)).toBe(-1);
    expect(tokenBeginningAt(2 + VARIABLE_BYTES)).toBe(3);
    expect(tokenBeginningAt(-1)).toBe(-1);
    expect(tokensAlike(2, 6, 9)).toBe(2);
    expect(tokensAlike(2, 6, 7)).toBe(1);
    expect(tokensAlikeBefore(2, 6, 0)).toBe(1);
    expect(tokensAlikeBefore(2, 6, 6)).toBe(0);
  });
});
