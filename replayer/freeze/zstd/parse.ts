/**
 * Which stretches of a body are copies of earlier ones: found by chains of places that begin alike, latest first, with one look ahead
 * for something better. The whole body is the window.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast.
 */
import { MIN_MATCH } from "./codes.ts";
import type { Effort } from "./effort.ts";
import type { Sequences } from "./sequences.ts";
import { FIRST_VARIABLE, type Tokens } from "./tokens.ts";

const HASH_BITS = 16;
const LONG_HASH_BITS = 15;

/** Places of a chain that are compared. */
const ATTEMPTS: Record<Effort, number> = { fast: 12, best: 64 };
let attempts = 0;

/** A match of so many bytes is taken as it is, without a look at more of them, or ahead. */
const GOOD_BYTES = 64;

/** A byte that is copied saves about so many bits; an offset costs as many bits as it has, a repeated one fewer. */
const GAIN_PER_BYTE = 4;
const GAIN_OF_FIRST_REPEAT = 2;
const GAIN_OF_OTHER_REPEAT = 1;
/** What a match one token later must gain more, for the token before it becomes a literal. */
const GAIN_TO_WAIT = 4;

/** Literal runs of 2^this tokens make the search skip one more token at a time: little is found there. */
const SKIP_BITS = 7;

/** The latest place of each hash of 3 and of 8 tokens, and the one before each place. */
const heads = new Int32Array(1 << HASH_BITS);
const longHeads = new Int32Array(1 << LONG_HASH_BITS);
let earlier = new Int32Array(1 << 16);
/** Token that begins at each byte of the body, or -1. */
let tokenAt = new Int32Array(1 << 16);
/** Latest place of each variable. */
let lastOf = new Int32Array(1 << 12);

let values = new Int32Array(0);
let positions = new Int32Array(0);

/** The best match of the place that was searched last: of no use when the gain is 0. */
const found = { tokens: 0, bytes: 0, source: 0, gain: 0 };

/** Fill `sequences` with those of the tokens' body, in blocks of at most `blockBytes` that end between tokens. */
export function parse(tokens: Tokens, blockBytes: number, effort: Effort, sequences: Sequences): void {
  attempts = ATTEMPTS[effort];
  prepare(tokens);
  sequences.reset();
  let noted = 0;
  for (let start = 0; start < tokens.count; ) {
    sequences.blocks.push(sequences.count);
    const end = blockEnd(tokens, start, blockBytes);
    noted = parseBlock(tokens, start, end, noted, sequences);
    start = end;
  }
  sequences.blocks.push(sequences.count);
}

function prepare(tokens: Tokens): void {
  ({ values, positions } = tokens);
  const bytes = positions[tokens.count]!;
  if (earlier.length < tokens.count) earlier = new Int32Array(tokens.count * 2);
  if (tokenAt.length < bytes) tokenAt = new Int32Array(bytes * 2);
  heads.fill(-1);
  longHeads.fill(-1);
  tokenAt.fill(-1, 0, bytes);
  let variables = 0;
  for (let token = 0; token < tokens.count; token++) {
    tokenAt[positions[token]!] = token;
    variables = Math.max(variables, values[token]! - FIRST_VARIABLE + 1);
  }
  if (lastOf.length < variables) lastOf = new Int32Array(variables * 2);
  lastOf.fill(-1, 0, variables);
}

function blockEnd({ count }: Tokens, start: number, blockBytes: number): number {
  let edge = positions[start]! + blockBytes;
  if (edge >= positions[count]!) return count;
  while (tokenAt[edge]! < 0) edge--;
  return tokenAt[edge]!;
}

function parseBlock(
  tokens: Tokens,
  from: number,
  end: number,
  notedBefore: number,
  sequences: Sequences,
): number {
  const { repeated } = sequences;
  let noted = notedBefore;
  let anchor = from;
  for (let at = from; at < end; ) {
    noted = noteUpTo(at, noted);
    search(at, end, anchor, repeated);
    if (found.gain <= 0) {
      at += 1 + ((at - anchor) >> SKIP_BITS);
      continue;
    }
    let { tokens: length, source, gain } = found;
    while (found.bytes < GOOD_BYTES && at + 1 < end) {
      noted = noteUpTo(at + 1, noted);
      search(at + 1, end, anchor, repeated);
      if (found.gain <= gain + GAIN_TO_WAIT) break;
      at++;
      ({ tokens: length, source, gain } = found);
    }
    while (at > anchor && source > 0 && values[at - 1] === values[source - 1]) {
      at--;
      source--;
      length++;
    }
    sequences.runs.push(anchor, at);
    sequences.add(tokens.bytes(anchor, at), tokens.bytes(at, at + length), tokens.bytes(source, at));
    at += length;
    anchor = at;
  }
  sequences.runs.push(anchor, end);
  return noted;
}

/** Make the tokens before `at` findable; returns up to where they are. */
function noteUpTo(at: number, from: number): number {
  for (let token = from; token < at; token++) {
    const hash = shortHash(token);
    earlier[token] = heads[hash]!;
    heads[hash] = token;
    longHeads[longHash(token)] = token;
    const variable = values[token]! - FIRST_VARIABLE;
    if (variable >= 0) lastOf[variable] = token;
  }
  return Math.max(at, from);
}

/** Find the best match of the tokens from `at` on, none of which goes beyond `end`. */
function search(
  at: number,
  end: number,
  anchor: number,
  { first, second, third }: Sequences["repeated"],
): void {
  found.gain = 0;
  const here = positions[at]!;
  // Right behind a match, its own offset cannot go on.
  if (at > anchor) tryOffset(here - first, at, end, GAIN_OF_FIRST_REPEAT);
  tryOffset(here - second, at, end, GAIN_OF_OTHER_REPEAT);
  tryOffset(here - third, at, end, GAIN_OF_OTHER_REPEAT);
  if (isGood()) return;
  const far = longHeads[longHash(at)]!;
  if (far >= 0) trySource(far, at, end);
  if (isGood()) return;
  let candidate = heads[shortHash(at)]!;
  for (let attempt = 0; attempt < attempts && candidate >= 0; attempt++) {
    const length = found.gain > 0 ? found.tokens : 0;
    if (values[candidate + length] === values[at + length]) trySource(candidate, at, end);
    candidate = earlier[candidate]!;
  }
  const variable = values[at]! - FIRST_VARIABLE;
  if (variable >= 0 && lastOf[variable]! >= 0) trySource(lastOf[variable]!, at, end);
}

function isGood(): boolean {
  return found.gain > 0 && found.bytes >= GOOD_BYTES;
}

/** A match with what begins at this byte of the body. */
function tryOffset(byte: number, at: number, end: number, bonus: number): void {
  const source = byte < 0 ? -1 : tokenAt[byte]!;
  if (source < 0 || source >= at || values[source] !== values[at]) return;
  keepBetter(source, at, end, bonus);
}

function trySource(source: number, at: number, end: number): void {
  keepBetter(source, at, end, Math.clz32(positions[at]! - positions[source]!) - 31);
}

function keepBetter(source: number, at: number, end: number, bonus: number): void {
  let length = 0;
  while (at + length < end && values[source + length] === values[at + length]) length++;
  const bytes = positions[at + length]! - positions[at]!;
  if (bytes < MIN_MATCH) return;
  const gain = GAIN_PER_BYTE * bytes + bonus;
  if (gain <= found.gain) return;
  found.tokens = length;
  found.bytes = bytes;
  found.source = source;
  found.gain = gain;
}

function shortHash(at: number): number {
  const first = Math.imul(values[at]!, 0x9e3779b1) ^ values[at + 1]!;
  return Math.imul(Math.imul(first, 0x85ebca6b) ^ values[at + 2]!, 0xc2b2ae35) >>> (32 - HASH_BITS);
}

function longHash(at: number): number {
  let hash = Math.imul(values[at]!, 0x9e3779b1) ^ values[at + 1]!;
  hash = Math.imul(hash, 0x85ebca6b) ^ values[at + 2]!;
  hash = Math.imul(hash, 0xc2b2ae35) ^ values[at + 3]!;
  hash = Math.imul(hash, 0x9e3779b1) ^ values[at + 4]!;
  hash = Math.imul(hash, 0x85ebca6b) ^ values[at + 5]!;
  hash = Math.imul(hash, 0xc2b2ae35) ^ values[at + 6]!;
  return Math.imul(Math.imul(hash, 0x9e3779b1) ^ values[at + 7]!, 0x85ebca6b) >>> (32 - LONG_HASH_BITS);
}
