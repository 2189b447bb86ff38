/**
 * Finds earlier places of a body that go on as a place does: by chains of places that begin with the same 3 tokens, latest first, and by
 * the latest one that begins with the same 8. The whole body is the window.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast. One body at a time.
 */
import { FIRST_VARIABLE, type Tokens } from "./tokens.ts";

const SHORT_TOKENS = 3;
const LONG_TOKENS = 8;

/** Places are found by 16 bits of a hash: of a polynomial of their tokens, which that of the next place follows from. */
const HASHES = 1 << 16;
const FACTOR = 0x9e3779b1 | 0;
const SHORT_POWER = powerOf(SHORT_TOKENS);
const LONG_POWER = powerOf(LONG_TOKENS);

/** Latest place of each hash, and for the short one, the place before each place. */
const heads = new Int32Array(HASHES);
const longHeads = new Int32Array(HASHES);
let earlier = new Int32Array(1 << 16);
/** Token that begins at each byte of the body, or -1. */
let tokenAt = new Int32Array(1 << 16);
/** Latest place of each variable. */
let lastOf = new Int32Array(1 << 12);

let values = new Int32Array(0);
let positions = new Int32Array(0);

/** Places before this one can be found; its polynomials. */
let noted = 0;
let shortSum = 0;
let longSum = 0;

/** What findLonger found: tokens and places, each longer than the one before. */
export const foundTokens = new Int32Array(512);
export const foundSources = new Int32Array(512);

/** Begin with a body: nothing of it can be found yet. */
export function beginFinding(tokens: Tokens): void {
  ({ values, positions } = tokens);
  const { count } = tokens;
  const bytes = positions[count]!;
  if (earlier.length < count) earlier = new Int32Array(count * 2);
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
  noted = 0;
  shortSum = firstSum(SHORT_TOKENS);
  longSum = firstSum(LONG_TOKENS);
}

function powerOf(exponent: number): number {
  let power = 1;
  for (let n = 0; n < exponent; n++) power = Math.imul(power, FACTOR);
  return power;
}

function firstSum(tokens: number): number {
  let sum = 0;
  for (let token = 0; token < tokens; token++) sum = (Math.imul(sum, FACTOR) + values[token]!) | 0;
  return sum;
}

function hashOf(sum: number): number {
  return Math.imul(sum ^ (sum >>> 15), 0x85ebca6b) >>> 16;
}

/** Make the places before `at` findable. */
export function noteUpTo(at: number): void {
  const symbols = values;
  let short = shortSum;
  let long = longSum;
  for (let token = noted; token < at; token++) {
    const value = symbols[token]!;
    const hash = hashOf(short);
    earlier[token] = heads[hash]!;
    heads[hash] = token;
    longHeads[hashOf(long)] = token;
    if (value >= FIRST_VARIABLE) lastOf[value - FIRST_VARIABLE] = token;
    short = (Math.imul(short, FACTOR) + symbols[token + SHORT_TOKENS]! - Math.imul(value, SHORT_POWER)) | 0;
    long = (Math.imul(long, FACTOR) + symbols[token + LONG_TOKENS]! - Math.imul(value, LONG_POWER)) | 0;
  }
  shortSum = short;
  longSum = long;
  noted = at;
}

/**
 * Find places before `at` that go on as it does for more than `atLeast` tokens, none beyond `end`; at most `attempts` are compared. All places
 * before `at`, and no others, must have been noted.
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
  let place = heads[hashOf(shortSum)]!;
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
  place = longHeads[hashOf(longSum)]!;
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
