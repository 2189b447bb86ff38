/**
 * Finds earlier places of a body that go on as a place does: by chains of places that begin with the same 3 tokens, latest first, and by
 * the latest one that begins with the same 8. The whole body is the window.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast. One body at a time.
 */
import { FIRST_VARIABLE, type Tokens } from "./tokens.ts";

const SHORT_TOKENS = 3;
const LONG_TOKENS = 8;

/** Places are found by 16 bits of a hash of their tokens. */
const HASHES = 1 << 16;
const HASH_FACTOR = 0x9e3779b1 | 0;

/** Latest place of each hash, and for the short one, the place before each place. */
const heads = new Int32Array(HASHES);
const longHeads = new Int32Array(HASHES);
let earlier = new Int32Array(1 << 16);
let shortHashes = new Uint16Array(1 << 16);
let longHashes = new Uint16Array(1 << 16);
/** Token that begins at each byte of the body, or -1. */
let tokenAt = new Int32Array(1 << 16);
/** Latest place of each variable. */
let lastOf = new Int32Array(1 << 12);

let values = new Int32Array(0);
let positions = new Int32Array(0);

/** Places before this one can be found. */
let noted = 0;

/** What findLonger found: tokens and places, each longer than the one before. */
export const foundTokens = new Int32Array(512);
export const foundSources = new Int32Array(512);

/** Begin with a body: nothing of it can be found yet. */
export function beginFinding(tokens: Tokens): void {
  ({ values, positions } = tokens);
  const { count } = tokens;
  const bytes = positions[count]!;
  if (earlier.length < count) {
    earlier = new Int32Array(count * 2);
    shortHashes = new Uint16Array(count * 2);
    longHashes = new Uint16Array(count * 2);
  }
  if (tokenAt.length < bytes) tokenAt = new Int32Array(bytes * 2);
  heads.fill(-1);
  longHeads.fill(-1);
  tokenAt.fill(-1, 0, bytes);
  let highest = FIRST_VARIABLE - 1;
  for (let token = 0; token < count; token++) {
    tokenAt[positions[token]!] = token;
    if (values[token]! > highest) highest = values[token]!;
  }
  const variables = highest - FIRST_VARIABLE + 1;
  if (lastOf.length < variables) lastOf = new Int32Array(variables * 2);
  lastOf.fill(-1, 0, variables);
  hashAll(shortHashes, count, SHORT_TOKENS);
  hashAll(longHashes, count, LONG_TOKENS);
  noted = 0;
}

/** The hash of so many tokens from each token on: a polynomial of them, which the next one follows from. */
function hashAll(hashes: Uint16Array, count: number, tokens: number): void {
  let power = 1;
  for (let n = 1; n < tokens; n++) power = Math.imul(power, HASH_FACTOR);
  let sum = 0;
  for (let token = 0; token < tokens - 1; token++) sum = (Math.imul(sum, HASH_FACTOR) + values[token]!) | 0;
  for (let token = 0; token < count; token++) {
    sum = (Math.imul(sum, HASH_FACTOR) + values[token + tokens - 1]!) | 0;
    hashes[token] = Math.imul(sum ^ (sum >>> 15), 0x85ebca6b) >>> 16;
    sum = (sum - Math.imul(values[token]!, power)) | 0;
  }
}

/** Make the places before `at` findable. */
export function noteUpTo(at: number): void {
  for (let token = noted; token < at; token++) {
    const hash = shortHashes[token]!;
    earlier[token] = heads[hash]!;
    heads[hash] = token;
    longHeads[longHashes[token]!] = token;
    const variable = values[token]! - FIRST_VARIABLE;
    if (variable >= 0) lastOf[variable] = token;
  }
  if (at > noted) noted = at;
}

/**
 * Find places before `at` that go on as it does for more than `atLeast` tokens, none beyond `end`; at most `attempts` are compared.
 * Returns how many are in foundTokens and foundSources.
 */
export function findLonger(at: number, end: number, atLeast: number, attempts: number): number {
  let count = 0;
  let best = atLeast;
  const variable = values[at]! - FIRST_VARIABLE;
  if (variable >= 0) {
    const last = lastOf[variable]!;
    // A variable that was not there yet begins no copy.
    if (last < 0) return 0;
    best = keepLonger(last, at, end, best, count);
    if (best > atLeast) count++;
  }
  let place = heads[shortHashes[at]!]!;
  for (let attempt = attempts; attempt > 0 && place >= 0; attempt--) {
    if (values[place + best] === values[at + best]) {
      const tokens = keepLonger(place, at, end, best, count);
      if (tokens > best) {
        best = tokens;
        count++;
      }
    }
    place = earlier[place]!;
  }
  place = longHeads[longHashes[at]!]!;
  if (place >= 0 && keepLonger(place, at, end, best, count) > best) count++;
  return count;
}

/** Keep a place as number `count` when it goes on for more than `best` tokens; returns how many, or `best`. */
function keepLonger(place: number, at: number, end: number, best: number, count: number): number {
  const tokens = tokensAlike(place, at, end);
  if (tokens <= best) return best;
  foundTokens[count] = tokens;
  foundSources[count] = place;
  return tokens;
}

/** For how many tokens an earlier place goes on as `at` does, up to `end`. */
export function tokensAlike(place: number, at: number, end: number): number {
  let token = at;
  for (let source = place; token < end && values[source] === values[token]; token++) source++;
  return token - at;
}

/** For how many tokens in front of both an earlier place and `at` are alike, down to `from`. */
export function tokensAlikeBefore(place: number, at: number, from: number): number {
  let token = at;
  for (let source = place; token > from && source > 0 && values[source - 1] === values[token - 1]; token--)
    source--;
  return at - token;
}

/** The token that begins at this byte of the body, or -1. */
export function tokenBeginningAt(byte: number): number {
  return byte < 0 ? -1 : tokenAt[byte]!;
}
