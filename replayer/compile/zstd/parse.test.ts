import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "./parse.ts";
import { Sequences } from "./sequences.ts";
import { Tokens } from "./tokens.ts";

const BLOCK_BYTES = 4096;
const efforts = [{ effort: "fast" }, { effort: "best" }] as const;
const tokens = new Tokens();
const sequences = new Sequences();

/** A body of few symbols, so that copies overlap and compete, in lines of which many come again; each 7th symbol is a variable. */
const bodies = fc
  .tuple(
    fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 60, size: "max" }), {
      minLength: 1,
      maxLength: 12,
    }),
    fc.array(fc.nat(11), { maxLength: 400, size: "max" }),
  )
  .map(([lines, order]) => order.flatMap((line) => lines[line % lines.length]!));

const lengthOf = (symbol: number) => (symbol % 7 === 0 ? 1 + (symbol % 5) * 4 : 1);

function setTokens(symbols: readonly number[]): void {
  const starts: number[] = [];
  const variables: number[] = [];
  let at = 0;
  for (const symbol of symbols) {
    if (symbol % 7 === 0) {
      starts.push(at);
      variables.push(symbol / 7);
    }
    at += lengthOf(symbol);
  }
  const body = new Uint8Array(at);
  at = 0;
  for (const symbol of symbols) {
    body[at] = symbol;
    at += lengthOf(symbol);
  }
  tokens.set(body, {
    count: starts.length,
    starts: Int32Array.from(starts),
    lengths: Int32Array.from(variables, (variable) => lengthOf(variable * 7)),
    variables: Int32Array.from(variables),
  });
}

/** Token by token what a decoder makes of the sequences; offsets in bytes lead to the token that begins there. */
function copiedTokens(): number[] {
  const decoded: number[] = [];
  const { positions, values } = tokens;
  const tokenAt = new Map(Array.from({ length: tokens.count }, (_, token) => [positions[token]!, token]));
  const last = [1, 4, 8];
  let run = 0;
  for (let block = 0; block + 1 < sequences.blocks.length; block++) {
    for (let n = sequences.blocks[block]!; n < sequences.blocks[block + 1]!; n++, run += 2) {
      for (let token = sequences.runs[run]!; token < sequences.runs[run + 1]!; token++)
        decoded.push(values[token]!);
      const offset = repeat(last, sequences.offsets[n]!, sequences.literals[n]!);
      let from = tokenAt.get(positions[decoded.length]! - offset)!;
      for (const end = positions[decoded.length]! + sequences.matches[n]!; positions[decoded.length]! < end; )
        decoded.push(decoded[from++]!);
    }
    for (let token = sequences.runs[run]!; token < sequences.runs[run + 1]!; token++)
      decoded.push(values[token]!);
    run += 2;
  }
  return decoded;
}

/** RFC 8878, section 3.1.1.5: the offset that a value stands for; it moves to the front of the last three. */
function repeat(last: number[], value: number, literals: number): number {
  if (value > 3) {
    last.unshift(value - 3);
    last.pop();
    return last[0]!;
  }
  const index = value - 1 + (literals === 0 ? 1 : 0);
  const offset = index < 3 ? last[index]! : last[0]! - 1;
  last.splice(Math.min(index, 2), 1);
  last.unshift(offset);
  return offset;
}

/** Bits of a parse, roughly: what is literal, and 24 for a copy. */
function bits(): number {
  let literals = 0;
  for (let run = 0; run < sequences.runs.length; run += 2) {
    literals += tokens.bytes(sequences.runs[run]!, sequences.runs[run + 1]!);
  }
  return literals * 8 + sequences.count * 24;
}

describe("a parse", () => {
  test.each(efforts)(
    "of effort $effort is read back as its tokens, and costs no more than the body itself",
    ({ effort }) => {
      fc.assert(
        fc.property(bodies, (symbols) => {
          setTokens(symbols);
          parse(tokens, BLOCK_BYTES, effort, sequences);
          expect(copiedTokens()).toEqual([...tokens.values.subarray(0, tokens.count)]);
          expect(bits()).toBeLessThanOrEqual(tokens.bytes(0, tokens.count) * 8.5);
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each(efforts)("of effort $effort ends segments where copies always reach over", ({ effort }) => {
    // Two symbols at random: short copies everywhere, long ones nowhere.
    let state = 1;
    const symbols = Array.from({ length: 20_000 }, () => {
      state = Math.imul(state, 1_103_515_245) + 12_345;
      return 1 + ((state >>> 16) & 1);
    });
    setTokens(symbols);
    parse(tokens, 1 << 16, effort, sequences);
    expect(copiedTokens()).toEqual([...tokens.values.subarray(0, tokens.count)]);
    expect(bits()).toBeLessThan(symbols.length * 7);
  });

  test("takes the copies that cost least, not the longest at hand", () => {
    // "bcdefgh" and "xyz0123" stand near, "abc" far off: to take "abc" first would break what comes behind.
    const far = "abc".repeat(2);
    const text = `${far}${Array.from({ length: 3000 }, (_, n) => String.fromCharCode(128 + ((n * n * 31 + n) % 127))).join("")}`;
    const body = Buffer.from(`${text}bcdefghxyz0123-abcdefgh`, "latin1");
    tokens.set(body, {
      count: 0,
      starts: new Int32Array(),
      lengths: new Int32Array(),
      variables: new Int32Array(),
    });
    parse(tokens, BLOCK_BYTES, "best", sequences);
    const last = sequences.count - 1;
    expect(sequences.matches[last]).toBe("bcdefgh".length);
  });
});
