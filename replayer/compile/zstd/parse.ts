/**
 * Which stretches of a body are copies of earlier ones: the cheapest choice, by prices that follow what was chosen so far.
 *
 * A state is the cheapest known way to a token: with so many literal bytes pending, or by a copy that ends there, and with certain offsets
 * to repeat. States of a segment are walked in order, each of them leads on by a literal token and by copies; at the segment's end the
 * cheapest way there is followed back. A segment ends behind a copy that is long enough to be taken as it is, and where no copy reaches over.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast.
 */
import { MIN_MATCH } from "./codes.ts";
import { type Effort, MOST_ENOUGH_BYTES, PARSES, type ParseSettings } from "./effort.ts";
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
import { BIT, LITERAL_BYTE_PRICE, Prices } from "./prices.ts";
import type { Sequences } from "./sequences.ts";
import type { Tokens } from "./tokens.ts";

/** States of a segment that are walked; it may end from LEAST_STATES on. Copies reach beyond the last. */
const MOST_STATES = 4096;
const LEAST_STATES = 256;
const STATES = MOST_STATES + MOST_ENOUGH_BYTES;
const NEVER = 0x7fff_ffff;

/** Of each state, by tokens from the segment's begin: what the way there costs. */
const costs = new Int32Array(STATES);
/** Literal bytes behind the last copy. */
const pending = new Int32Array(STATES);
/** Tokens and offset of the copy that ends there; 0 tokens: a literal does. */
const copied = new Int32Array(STATES);
const offsets = new Int32Array(STATES);
/** The offsets that can be repeated from there: settled when the state is walked. */
const firsts = new Int32Array(STATES);
const seconds = new Int32Array(STATES);
const thirds = new Int32Array(STATES);

/** Ends of the copies on the cheapest way. */
const ends = new Int32Array(STATES);

const prices = new Prices();
const { literals: literalPrices, matches: matchPrices, offsets: offsetPrices } = prices;

let positions = new Int32Array(0);
let sequences: Sequences;
let attempts = 0;
let enoughBytes = 0;
let skipPrice = 0;

/** Token that the segment begins with, and the token behind the last copy that is settled. */
let begin = 0;
let anchor = 0;
/** The last state that anything leads to. */
let furthest = 0;

/** Fill `target` with the sequences of the tokens' body, in blocks of at most `blockBytes` that end between tokens. */
export function parse(tokens: Tokens, blockBytes: number, effort: Effort, target: Sequences): void {
  prices.reset();
  PARSES[effort].forEach((settings, pass) => {
    if (pass > 0) prices.relearn(target);
    parseOnce(tokens, blockBytes, settings, target, pass === 0);
  });
}

/** Parse a whole body; learn prices block by block, or keep those that are known. */
function parseOnce(
  tokens: Tokens,
  blockBytes: number,
  settings: ParseSettings,
  target: Sequences,
  isLearning: boolean,
): void {
  ({ attempts, enoughBytes } = settings);
  skipPrice = settings.skipBits * BIT;
  ({ positions } = tokens);
  sequences = target;
  sequences.reset();
  beginFinding(tokens);
  for (let from = 0; from < tokens.count; ) {
    const before = sequences.count;
    sequences.blocks.push(before);
    const end = blockEnd(tokens, from, blockBytes);
    parseBlock(from, end);
    if (isLearning) prices.learn(sequences, before);
    from = end;
  }
  sequences.blocks.push(sequences.count);
}

function blockEnd({ count }: Tokens, from: number, blockBytes: number): number {
  let edge = positions[from]! + blockBytes;
  if (edge >= positions[count]!) return count;
  while (tokenBeginningAt(edge) < 0) edge--;
  return tokenBeginningAt(edge);
}

function parseBlock(from: number, end: number): void {
  anchor = from;
  beginSegment(from);
  for (let at = from; at < end; ) {
    const state = at - begin;
    if (state < furthest && costs[state + 1]! <= costs[state]! + skipPrice) {
      at++;
      continue;
    }
    settleRepeats(state);
    leadOnByLiteral(state);
    noteUpTo(at);
    const taken = leadOnByCopies(at, end);
    if (taken > 0) {
      at += taken;
      continue;
    }
    at++;
    if (state + 1 === MOST_STATES || (state + 1 === furthest && state >= LEAST_STATES)) endSegment(at);
  }
  endSegment(end);
  sequences.runs.push(anchor, end);
}

function beginSegment(at: number): void {
  begin = at;
  furthest = 0;
  costs[0] = 0;
  pending[0] = positions[at]! - positions[anchor]!;
  copied[0] = 0;
  const { repeated } = sequences;
  firsts[0] = repeated.first;
  seconds[0] = repeated.second;
  thirds[0] = repeated.third;
}

/** Note the cheapest way to a token as sequences, and begin again from there. */
function endSegment(at: number): void {
  let count = 0;
  for (let state = at - begin; state > 0; ) {
    const tokens = copied[state]!;
    if (tokens > 0) ends[count++] = state;
    state -= tokens || 1;
  }
  while (count > 0) {
    const state = ends[--count]!;
    addSequence(begin + state, copied[state]!, offsets[state]!);
  }
  beginSegment(at);
}

/** Note the copy of so many tokens that ends at `to`, and the literals in front of it. */
function addSequence(to: number, tokens: number, offset: number): void {
  const from = to - tokens;
  sequences.runs.push(anchor, from);
  sequences.add(positions[from]! - positions[anchor]!, positions[to]! - positions[from]!, offset);
  anchor = to;
}

/** What can be repeated behind the copy that a state ends. See RepeatedOffsets. */
function settleRepeats(state: number): void {
  if (copied[state] === 0) return;
  const before = state - copied[state]!;
  const offset = offsets[state]!;
  const first = firsts[before]!;
  const second = seconds[before]!;
  firsts[state] = offset;
  seconds[state] = offset === first ? second : first;
  thirds[state] = offset === first || offset === second ? thirds[before]! : second;
}

function leadOnByLiteral(state: number): void {
  const next = state + 1;
  const bytes = positions[begin + next]! - positions[begin + state]!;
  const before = pending[state]!;
  const after = before + bytes;
  const cost =
    costs[state]! + bytes * LITERAL_BYTE_PRICE + prices.ofLiterals(after) - prices.ofLiterals(before);
  if (next > furthest) furthest = next;
  else if (cost >= costs[next]!) return;
  costs[next] = cost;
  pending[next] = after;
  copied[next] = 0;
  firsts[next] = firsts[state]!;
  seconds[next] = seconds[state]!;
  thirds[next] = thirds[state]!;
}

/** Lead on from a token by copies up to `end`. Returns the tokens of one that is long enough to be taken as it is, else 0. */
function leadOnByCopies(at: number, end: number): number {
  const state = at - begin;
  const isBehindCopy = pending[state] === 0;
  let best = 0;
  // Right behind a copy, its own offset cannot go on, and the others have smaller numbers.
  if (!isBehindCopy) best = leadOnByRepeat(at, end, firsts[state]!, 0, best);
  if (best >= 0) best = leadOnByRepeat(at, end, seconds[state]!, isBehindCopy ? 0 : 1, best);
  if (best >= 0) best = leadOnByRepeat(at, end, thirds[state]!, 1, best);
  if (best < 0) return -best;
  const here = positions[at]!;
  const count = findLonger(at, end, best, attempts);
  for (let found = 0; found < count; found++) {
    const source = foundSources[found]!;
    const tokens = foundTokens[found]!;
    const offset = here - positions[source]!;
    if (positions[at + tokens]! - here >= enoughBytes) {
      takeCopy(state, tokensAlikeBefore(source, at, begin), tokens, offset);
      return tokens;
    }
    const price = offsetPrices[31 - Math.clz32(offset + 3)]!;
    leadOn(state, best, tokens, offset, price);
    if (found === count - 1)
      leadOnFromBefore(state, tokensAlikeBefore(source, at, begin), tokens, offset, price);
    best = tokens;
  }
  return 0;
}

/**
 * Lead on by what lies so many bytes back, when that is for more than `best` tokens. Returns for how many, or `best`; with the sign turned
 * when it was long enough to be taken.
 */
function leadOnByRepeat(at: number, end: number, offset: number, code: number, best: number): number {
  const here = positions[at]!;
  const source = tokenBeginningAt(here - offset);
  if (source < 0 || source >= at) return best;
  const tokens = tokensAlike(source, at, end);
  const bytes = positions[at + tokens]! - here;
  if (tokens <= best || bytes < MIN_MATCH) return best;
  if (bytes >= enoughBytes) {
    takeCopy(at - begin, 0, tokens, offset);
    return -tokens;
  }
  leadOn(at - begin, best, tokens, offset, offsetPrices[code]!);
  return tokens;
}

/** End the segment with a copy of so many tokens from a state on, or from the cheapest of the `before` states in front of it. */
function takeCopy(state: number, before: number, tokens: number, offset: number): void {
  const to = begin + state + tokens;
  let from = state;
  for (let earlier = state - before; earlier < state; earlier++)
    if (costs[earlier]! < costs[from]!) from = earlier;
  const copiedTokens = to - begin - from;
  endSegment(begin + from);
  addSequence(to, copiedTokens, offset);
  beginSegment(to);
}

/** Lead on from a state by copies of more than `best` and up to `tokens` tokens. */
function leadOn(state: number, best: number, tokens: number, offset: number, offsetPrice: number): void {
  const from = begin + state;
  const here = positions[from]!;
  const cost = costs[state]! + offsetPrice + literalPrices[0]!;
  while (furthest < state + tokens) costs[++furthest] = NEVER;
  for (let count = best + 1; count <= tokens; count++) {
    const bytes = positions[from + count]! - here;
    if (bytes >= MIN_MATCH) leadTo(state + count, count, offset, cost + matchPrices[bytes]!);
  }
}

/** The same copy, begun up to `before` tokens earlier: the states there may be cheaper than what led from them to this one. */
function leadOnFromBefore(
  state: number,
  before: number,
  tokens: number,
  offset: number,
  offsetPrice: number,
): void {
  const far = state + tokens;
  const to = positions[begin + far]!;
  for (let earlier = state - before; earlier < state; earlier++) {
    const bytes = to - positions[begin + earlier]!;
    const cost = costs[earlier]! + offsetPrice + literalPrices[0]! + prices.ofMatch(bytes);
    if (bytes < MIN_MATCH || cost >= costs[far]!) continue;
    settleRepeats(earlier);
    leadTo(far, far - earlier, offset, cost);
  }
}

function leadTo(state: number, tokens: number, offset: number, cost: number): void {
  if (cost >= costs[state]!) return;
  costs[state] = cost;
  pending[state] = 0;
  copied[state] = tokens;
  offsets[state] = offset;
}
