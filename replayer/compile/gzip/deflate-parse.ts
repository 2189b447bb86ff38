/**
 * Which stretches of a body are copies of earlier ones, as deflate can name them (at most 32 KiB back, 3 to 258 bytes long): the cheapest
 * choice there is among the copies that are looked at.
 *
 * Tokens are walked in order. Each leads on by a literal and by copies; of all ways that lead to a token the cheapest is kept, and at the
 * end followed back.
 *
 * Functions share module-level state instead of closing over it, which made them half as fast.
 */
import type { Effort } from "../zstd/effort.ts";
import {
  beginFinding,
  findLonger,
  foundSources,
  foundTokens,
  noteUpTo,
  tokensAlikeBefore,
} from "../zstd/match-finder.ts";
import type { Tokens } from "../zstd/tokens.ts";
import type { Copies } from "./copies.ts";
import { distanceCode, MAX_MATCH, MIN_MATCH, WINDOW } from "./deflate-codes.ts";
import { BIT, DeflatePrices, LITERAL_PRICE } from "./deflate-prices.ts";

/** What an effort means to the parse. */
interface ParseSettings {
  /** Places that begin alike which are compared, per place searched. */
  readonly attempts: number;
  /** A copy of so many bytes is taken as it is found, and nothing is searched inside it. */
  readonly enoughBytes: number;
  /** A place is not searched when the next one can be reached for so much more: most likely a copy goes on there. */
  readonly skipPrice: number;
  /** Times that the body is parsed, each with the prices that the one before came to. */
  readonly passes: number;
}

/** Measured on traces, logs and metrics: more of either makes members less than a percent smaller. */
const EFFORTS: Record<Effort, ParseSettings> = {
  fast: { attempts: 8, enoughBytes: 64, skipPrice: 4 * BIT, passes: 1 },
  best: { attempts: 64, enoughBytes: MAX_MATCH, skipPrice: BIT / 2, passes: 2 },
};

/** Of each token: what the cheapest known way to it costs; tokens and distance of the copy that ends there, 0 tokens for a literal. */
let costs = new Float64Array(1 << 16);
let copied = new Int32Array(1 << 16);
let distances = new Int32Array(1 << 16);

/** Tokens behind the copies on the cheapest way. */
let ends = new Int32Array(1 << 16);

const prices = new DeflatePrices();

let positions = new Int32Array(0);
let end = 0;
/** The last token that anything leads to. */
let furthest = 0;

/** Fill `copies` with those of the tokens' body. */
export function parse(tokens: Tokens, effort: Effort, copies: Copies): void {
  const settings = EFFORTS[effort];
  prices.reset();
  for (let pass = 0; pass < settings.passes; pass++) {
    if (pass > 0) prices.learn(copies);
    walk(tokens, settings);
    followBack(copies);
  }
}

function walk(tokens: Tokens, { attempts, enoughBytes, skipPrice }: ParseSettings): void {
  ({ positions, count: end } = tokens);
  if (costs.length <= end) {
    costs = new Float64Array(end * 2);
    copied = new Int32Array(end * 2);
    distances = new Int32Array(end * 2);
    ends = new Int32Array(end * 2);
  }
  beginFinding(tokens);
  costs[0] = 0;
  furthest = 0;
  for (let at = 0; at < end; ) {
    if (at < furthest && costs[at + 1]! <= costs[at]! + skipPrice) {
      at++;
      continue;
    }
    leadOnByLiteral(at);
    noteUpTo(at);
    at += leadOnByCopies(at, attempts, enoughBytes) || 1;
  }
}

function leadOnByLiteral(at: number): void {
  const next = at + 1;
  const cost = costs[at]! + (positions[next]! - positions[at]!) * LITERAL_PRICE;
  if (next > furthest) furthest = next;
  else if (cost >= costs[next]!) return;
  costs[next] = cost;
  copied[next] = 0;
}

/** Lead on from a token by copies. Returns the tokens of one that is long enough to be taken as it is, else 0. */
function leadOnByCopies(at: number, attempts: number, enoughBytes: number): number {
  const here = positions[at]!;
  const count = findLonger(at, Math.min(end, at + MAX_MATCH), 0, attempts);
  let best = 0;
  for (let found = 0; found < count; found++) {
    const source = foundSources[found]!;
    const distance = here - positions[source]!;
    if (distance > WINDOW) continue;
    let tokens = foundTokens[found]!;
    while (positions[at + tokens]! - here > MAX_MATCH) tokens--;
    if (tokens <= best) continue;
    const price = prices.distances[distanceCode(distance)]!;
    const isEnough = positions[at + tokens]! - here >= enoughBytes;
    while (furthest < at + tokens) costs[++furthest] = Number.POSITIVE_INFINITY;
    leadOn(at, isEnough ? tokens : best + 1, tokens, distance, price);
    best = tokens;
    if (isEnough || found === count - 1) leadOnFromBefore(source, at, tokens, distance, price);
    if (isEnough) return tokens;
  }
  return 0;
}

/** Lead on from a token by copies of `fewest` to `most` tokens. */
function leadOn(at: number, fewest: number, most: number, distance: number, distancePrice: number): void {
  const here = positions[at]!;
  const cost = costs[at]! + distancePrice;
  for (let to = at + fewest; to <= at + most; to++) {
    const bytes = positions[to]! - here;
    if (bytes >= MIN_MATCH) leadTo(to, to - at, distance, cost + prices.lengths[bytes]!);
  }
}

/** The same copy, begun earlier: what leads there may be cheaper than what led from there to this place. */
function leadOnFromBefore(
  source: number,
  at: number,
  tokens: number,
  distance: number,
  distancePrice: number,
): void {
  const to = at + tokens;
  const earliest = Math.max(0, at - MAX_MATCH);
  for (let from = at - tokensAlikeBefore(source, at, earliest); from < at; from++) {
    const bytes = positions[to]! - positions[from]!;
    if (bytes < MIN_MATCH || bytes > MAX_MATCH) continue;
    leadTo(to, to - from, distance, costs[from]! + distancePrice + prices.lengths[bytes]!);
  }
}

function leadTo(to: number, tokens: number, distance: number, cost: number): void {
  if (cost >= costs[to]!) return;
  costs[to] = cost;
  copied[to] = tokens;
  distances[to] = distance;
}

function followBack(copies: Copies): void {
  let count = 0;
  for (let at = end; at > 0; at -= copied[at]! || 1) if (copied[at]! > 0) ends[count++] = at;
  copies.reset();
  let anchor = 0;
  while (count > 0) {
    const to = ends[--count]!;
    const from = to - copied[to]!;
    copies.add(anchor, from, positions[to]! - positions[from]!, distances[to]!);
    anchor = to;
  }
  copies.rest = anchor;
}
