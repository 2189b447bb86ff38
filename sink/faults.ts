import { nearest } from "../config/nearest.ts";
import { DURATION_FORM, parseDuration } from "../config/units.ts";

/** What a sink can be told to do wrong. Every fault happens to a whole request. */
export const FAULTS = {
  unavailable: "UNAVAILABLE / 503: come again (with a hint when after @)",
  exhausted: "RESOURCE_EXHAUSTED / 429 without a hint: final over gRPC, to be repeated over HTTP",
  throttled: "RESOURCE_EXHAUSTED / 429 with a hint when to come again, 1s unless told after @",
  invalid: "INVALID_ARGUMENT / 400: final",
  internal: "INTERNAL / 500: final",
  partial: "partial success: takes some items and rejects the others",
  reset: "takes the request, then cuts the connection without an answer",
  drop: "never answers, and takes nothing",
} as const;

/** Name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** One fault: how probable it is, and the hint it gives. */
export interface Fault {
  name: FaultName;
  /** 0 to 1. */
  probability: number;
  hintMs?: number;
}

/** What `--fault` says. */
export interface FaultPlan {
  /** At most one of them happens to a request; their probabilities sum to 1 at most. */
  faults: Fault[];
  /** Every answer, a fault's too, comes so much later, with this probability. */
  delay?: { ms: number; probability: number };
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
 * sense; the delay's `@` is its probability, 1 unless told. Throws FaultError.
 */
export function parseFaults(text: string): FaultPlan {
  const plan: FaultPlan = { faults: [], seed: 0 };
  for (const part of text.split(",").map((word) => word.trim())) {
    if (part === "") continue;
    const [name = "", value = ""] = split(part, "=");
    if (name === "seed") plan.seed = parseSeed(value);
    else if (name === "delay") plan.delay = parseDelay(value);
    else plan.faults.push(parseFault(name, value));
  }
  const sum = plan.faults.reduce((total, { probability }) => total + probability, 0);
  if (sum > 1 + 1e-9) throw new FaultError(`--fault: the probabilities sum to ${sum}, at most 1 is possible`);
  return plan;
}

function parseFault(name: string, value: string): Fault {
  if (!(name in FAULTS)) throw new FaultError(unknownFault(name));
  const [share = "", hint] = split(value, "@");
  const fault: Fault = { name: name as FaultName, probability: parseProbability(name, share) };
  if (hint !== undefined) {
    if (name !== "unavailable" && name !== "throttled") {
      throw new FaultError(`--fault ${name}: only unavailable and throttled take a hint after "@"`);
    }
    return { ...fault, hintMs: parseMs(name, hint) };
  }
  return name === "throttled" ? { ...fault, hintMs: 1000 } : fault;
}

function unknownFault(name: string): string {
  const known = [...Object.keys(FAULTS), "delay", "seed"];
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

function parseDelay(value: string): { ms: number; probability: number } {
  const [time = "", share] = split(value, "@");
  return {
    ms: parseMs("delay", time),
    probability: share === undefined ? 1 : parseProbability("delay", share),
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

/** Draws faults by a plan; the same plan draws the same faults in the same order. */
export class FaultDice {
  readonly #plan: FaultPlan;
  #state: number;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
    this.#state = plan.seed | 0;
  }

  /** The fault that happens to the next request; undefined for none. */
  fault(): Fault | undefined {
    if (this.#plan.faults.length === 0) return undefined;
    let drawn = this.next();
    for (const fault of this.#plan.faults) {
      if (drawn < fault.probability) return fault;
      drawn -= fault.probability;
    }
    return undefined;
  }

  /** By how much the next answer is delayed; milliseconds. */
  delayMs(): number {
    const { delay } = this.#plan;
    return delay !== undefined && this.next() < delay.probability ? delay.ms : 0;
  }

  /** 0 <= number < 1 (mulberry32, T. Ettinger). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
