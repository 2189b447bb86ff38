import { nearest } from "../config/nearest.ts";
import { DURATION_FORM, parseDuration } from "../config/units.ts";

/** What a sink can be told to do wrong. Every fault happens to a whole request. */
export const FAULTS = {
  unavailable: "UNAVAILABLE / 503: come again (with a hint when after @)",
  exhausted: "RESOURCE_EXHAUSTED / 429 without a hint: final over gRPC, to be repeated over HTTP",
  throttled: "RESOURCE_EXHAUSTED / 429 with a hint when to come again, 1s unless told after @",
  throttled_date: "the same, but HTTP's Retry-After is a date, in whole seconds",
  aborted: "ABORTED / 503: come again",
  cancelled: "CANCELLED / 503: come again",
  data_loss: "DATA_LOSS / 503: come again",
  out_of_range: "OUT_OF_RANGE / 503: come again",
  gateway_timeout: "DEADLINE_EXCEEDED / 504: come again",
  bad_gateway: "502 in HTML, as a proxy says it, over gRPC too: come again",
  invalid: "INVALID_ARGUMENT / 400: final",
  unauthenticated: "UNAUTHENTICATED / 401: final",
  too_large: "RESOURCE_EXHAUSTED / 413 without a hint: final",
  internal: "INTERNAL / 500: final",
  unknown: "UNKNOWN / 599: final",
  partial: "partial success: takes some items and rejects the others",
  overcount: "takes nothing, and a partial success rejects more items than were sent",
  warning: "takes the request; a partial success rejects nothing and has a message",
  goodbye: "takes the request, answers, and ends the connection: GOAWAY / connection: close",
  content_type: "takes the request; the answer is a page of HTML with status 200",
  truncated: "takes the request; the answer ends halfway, without trailers over gRPC",
  endless: "takes the request; the answer never ends",
  garbage: "takes the request; bytes come back that are no HTTP, and the connection ends",
  reset: "takes the request, then cuts the connection without an answer",
  reset_early: "cuts the connection as soon as a request begins, and takes nothing of it",
  drop: "never answers, and takes nothing",
  stalled: "never reads the request, never answers, and takes nothing",
} as const;

/** What can happen on top of everything else, each with a duration and perhaps a probability after @. */
export const BURDENS = {
  delay:
    "every answer, a fault's too, comes so much later (delay=200ms, or delay=200ms@0.5 for half of them)",
  slow_read: "requests are read 16 KiB at a time, with such a pause after each (slow_read=50ms@0.2)",
} as const;

/** Name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** Name of a burden. */
export type BurdenName = keyof typeof BURDENS;

/** Faults of which it is decided before the request is read. */
const EARLY: ReadonlySet<FaultName> = new Set(["reset_early", "stalled"]);

/** Faults that may tell the client when to come again. */
const HINTING: ReadonlySet<FaultName> = new Set(["unavailable", "throttled", "throttled_date"]);

/** One fault: how probable it is, and the hint it gives. */
export interface Fault {
  name: FaultName;
  /** 0 to 1. */
  probability: number;
  hintMs?: number;
}

/** A burden: how heavy it is, and how probable. */
export interface Burden {
  ms: number;
  probability: number;
}

/** What `--fault` says. */
export interface FaultPlan {
  /** At most one of them happens to a request; their probabilities sum to 1 at most. */
  faults: Fault[];
  delay?: Burden;
  slowRead?: Burden;
  /** Seed of the choices. */
  seed: number;
}

/** A fault plan that cannot be read. */
export class FaultError extends Error {
  override name = "FaultError";
  readonly code = "bad_fault";
}

/** No faults. */
export const NO_FAULTS: FaultPlan = { faults: [], seed: 0 };

/**
 * Parse `unavailable=0.1,throttled=0.05@2s,delay=200ms@0.5,seed=7`: probabilities, with `@` and a hint where one makes
 * sense; a burden's `@` is its probability, 1 unless told. Throws FaultError.
 */
export function parseFaults(text: string): FaultPlan {
  const plan: FaultPlan = { faults: [], seed: 0 };
  for (const part of text.split(",").map((word) => word.trim())) {
    if (part === "") continue;
    const [name = "", value = ""] = split(part, "=");
    if (name === "seed") plan.seed = parseSeed(value);
    else if (name === "delay") plan.delay = parseBurden(name, value);
    else if (name === "slow_read") plan.slowRead = parseBurden(name, value);
    else plan.faults.push(parseFault(name, value));
  }
  const sum = sumOf(plan.faults);
  if (sum > 1 + 1e-9) throw new FaultError(`--fault: the probabilities sum to ${sum}, at most 1 is possible`);
  return plan;
}

function parseFault(name: string, value: string): Fault {
  if (!Object.hasOwn(FAULTS, name)) throw new FaultError(unknownFault(name));
  const [share = "", hint] = split(value, "@");
  const fault: Fault = { name: name as FaultName, probability: parseProbability(name, share) };
  if (hint !== undefined) {
    if (!HINTING.has(fault.name)) {
      throw new FaultError(`--fault ${name}: only ${[...HINTING].join(", ")} take a hint after "@"`);
    }
    return { ...fault, hintMs: parseMs(name, hint) };
  }
  return name.startsWith("throttled") ? { ...fault, hintMs: 1000 } : fault;
}

function unknownFault(name: string): string {
  const known = [...Object.keys(FAULTS), ...Object.keys(BURDENS), "seed"];
  const like = nearest(name, known);
  const question = like === undefined ? "" : `; did you mean ${like}?`;
  return `--fault: there is no "${name}"${question} Known are ${known.join(", ")}`;
}

function parseProbability(name: string, text: string): number {
  const probability = Number(text);
  if (text !== "" && probability >= 0 && probability <= 1) return probability;
  throw new FaultError(
    `--fault ${name}: must be a probability from 0 to 1, such as ${name}=0.1, got "${text}"`,
  );
}

function parseBurden(name: BurdenName, value: string): Burden {
  const [time = "", share] = split(value, "@");
  return {
    ms: parseMs(name, time),
    probability: share === undefined ? 1 : parseProbability(name, share),
  };
}

function parseMs(name: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new FaultError(`--fault ${name}: must be ${DURATION_FORM}, got "${text}"`);
  return ms;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (text !== "" && Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new FaultError(`--fault seed: must be a whole number from 0 on, got "${text}"`);
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function sumOf(faults: readonly Fault[]): number {
  return faults.reduce((total, { probability }) => total + probability, 0);
}

/** Draws faults by a plan; the same plan draws the same faults in the same order. */
export class FaultDice {
  readonly #delay: Burden | undefined;
  readonly #slowRead: Burden | undefined;
  readonly #early: readonly Fault[];
  readonly #late: readonly Fault[];
  /** Share of the requests that no early fault happens to. */
  readonly #lateShare: number;
  readonly #dice: Dice;
  /** Requests begin in another order than they end in, so what is decided at their beginning has dice of its own. */
  readonly #earlyDice: Dice;

  constructor({ faults, delay, slowRead, seed }: FaultPlan) {
    this.#delay = delay;
    this.#slowRead = slowRead;
    this.#early = faults.filter(({ name }) => EARLY.has(name));
    this.#late = faults.filter(({ name }) => !EARLY.has(name));
    this.#lateShare = 1 - sumOf(this.#early);
    this.#dice = new Dice(seed);
    this.#earlyDice = new Dice(~seed);
  }

  /** Whether something may be decided when a request begins. */
  get hasEarly(): boolean {
    return this.#early.length > 0 || this.#slowRead !== undefined;
  }

  /** The fault that happens to a request that begins; undefined for none yet. */
  earlyFault(): Fault | undefined {
    return draw(this.#early, this.#earlyDice, 1);
  }

  /** The pause after each piece that is read of the next request; milliseconds, 0 for none. */
  slowReadMs(): number {
    return weightOf(this.#slowRead, this.#earlyDice);
  }

  /** The fault that happens to the next request that is whole; undefined for none. */
  fault(): Fault | undefined {
    return draw(this.#late, this.#dice, this.#lateShare);
  }

  /** By how much the next answer is delayed; milliseconds. */
  delayMs(): number {
    return weightOf(this.#delay, this.#dice);
  }

  /** 0 <= number < 1. */
  next(): number {
    return this.#dice.next();
  }
}

function draw(faults: readonly Fault[], dice: Dice, share: number): Fault | undefined {
  if (faults.length === 0) return undefined;
  let drawn = dice.next() * share;
  for (const fault of faults) {
    if (drawn < fault.probability) return fault;
    drawn -= fault.probability;
  }
  return undefined;
}

function weightOf(burden: Burden | undefined, dice: Dice): number {
  return burden !== undefined && dice.next() < burden.probability ? burden.ms : 0;
}

/** 0 <= number < 1 (mulberry32, T. Ettinger). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
