/**
 * Which stretches of a body are copies of earlier ones, as deflate can name them: at most 32 KiB back, 3 to 258 bytes long. Found by
 * chains of places that begin alike, latest first, with one look ahead for something better.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast.
 */
import { FIRST_VARIABLE, type Tokens } from "../zstd/tokens.ts";
import type { Copies } from "./copies.ts";
import { MAX_MATCH, MIN_MATCH, WINDOW } from "./deflate-codes.ts";

const HASH_BITS = 16;

/** Places of a chain that are compared. */
const ATTEMPTS = 24;

/** A match of so many bytes is taken as it is, without a look at more of them, or ahead. */
const GOOD_BYTES = 128;

/** A byte that is copied saves about so many bits, a literal costs so many more; a distance costs as many bits as it has. */
const GAIN_PER_BYTE = 5;
const LOSS_PER_LITERAL = 6;

/** The latest place of each hash of 3 tokens, and the one before each place. */
const heads = new Int32Array(1 << HASH_BITS);
let earlier = new Int32Array(1 << 16);
/** Latest place of each variable. */
let lastOf = new Int32Array(1 << 12);

let values = new Int32Array(0);
let positions = new Int32Array(0);
let end = 0;

/** The best match of the place that was searched last: of no use when the gain is 0. */
const found = { tokens: 0, bytes: 0, source: 0, gain: 0 };

/** Fill `copies` with those of the tokens' body. */
export function parse(tokens: Tokens, copies: Copies): void {
  prepare(tokens);
  copies.reset();
  let noted = 0;
  let anchor = 0;
  for (let at = 0; at < end; ) {
    noted = noteUpTo(at, noted);
    search(at);
    if (found.gain <= 0) {
      at++;
      continue;
    }
    let { tokens: length, bytes, source, gain } = found;
    while (found.bytes < GOOD_BYTES && at + 1 < end) {
      noted = noteUpTo(at + 1, noted);
      search(at + 1);
      if (found.gain <= gain + LOSS_PER_LITERAL * (positions[at + 1]! - positions[at]!)) break;
      at++;
      ({ tokens: length, bytes, source, gain } = found);
    }
    while (at > anchor && source > 0 && values[at - 1] === values[source - 1]) {
      const more = positions[at]! - positions[at - 1]!;
      if (bytes + more > MAX_MATCH) break;
      at--;
      source--;
      length++;
      bytes += more;
    }
    copies.add(anchor, at, bytes, positions[at]! - positions[source]!);
    at += length;
    anchor = at;
  }
  copies.rest = anchor;
}

function prepare(tokens: Tokens): void {
  ({ values, positions, count: end } = tokens);
  if (earlier.length < end) earlier = new Int32Array(end * 2);
  heads.fill(-1);
  let variables = 0;
  for (let token = 0; token < end; token++)
    variables = Math.max(variables, values[token]! - FIRST_VARIABLE + 1);
  if (lastOf.length < variables) lastOf = new Int32Array(variables * 2);
  lastOf.fill(-1, 0, variables);
}

/** Make the tokens before `at` findable; returns up to where they are. */
function noteUpTo(at: number, from: number): number {
  for (let token = from; token < at; token++) {
    const hash = hashOf(token);
    earlier[token] = heads[hash]!;
    heads[hash] = token;
    const variable = values[token]! - FIRST_VARIABLE;
    if (variable >= 0) lastOf[variable] = token;
  }
  return Math.max(at, from);
}

/** Find the best match of the tokens from `at` on. */
function search(at: number): void {
  found.gain = 0;
  found.bytes = 0;
  const first = values[at]!;
  if (first >= FIRST_VARIABLE) {
    const last = lastOf[first - FIRST_VARIABLE]!;
    if (last >= 0) trySource(last, at);
  }
  const oldest = positions[at]! - WINDOW;
  let candidate = heads[hashOf(at)]!;
  for (let attempt = 0; attempt < ATTEMPTS && candidate >= 0; attempt++) {
    if (positions[candidate]! < oldest || found.bytes >= GOOD_BYTES) return;
    const length = found.gain > 0 ? found.tokens : 0;
    if (values[candidate + length] === values[at + length]) trySource(candidate, at);
    candidate = earlier[candidate]!;
  }
}

function trySource(source: number, at: number): void {
  const here = positions[at]!;
  const distance = here - positions[source]!;
  if (distance > WINDOW) return;
  let length = 0;
  while (length < MAX_MATCH && at + length < end && values[source + length] === values[at + length]) length++;
  while (positions[at + length]! - here > MAX_MATCH) length--;
  const bytes = positions[at + length]! - here;
  if (bytes < MIN_MATCH) return;
  const gain = GAIN_PER_BYTE * bytes + Math.clz32(distance) - 31;
  if (gain <= found.gain) return;
  found.tokens = length;
  found.bytes = bytes;
  found.source = source;
  found.gain = gain;
}

function hashOf(at: number): number {
  const first = Math.imul(values[at]!, 0x9e3779b1) ^ values[at + 1]!;
  return Math.imul(Math.imul(first, 0x85ebca6b) ^ values[at + 2]!, 0xc2b2ae35) >>> (32 - HASH_BITS);
}
