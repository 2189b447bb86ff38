/**
 * What a hostile server does to one request: bytes in pieces, pauses, and how it leaves the connection.
 */
import type { Random } from "../../generator/random.ts";

/** A step of a script. `pause` is a few ms, `end` half-closes, `reset` breaks the connection; without either it stays as it is. */
export type Step = { write: Buffer } | { pauseMs: number } | "end" | "reset";

export interface Script {
  /** What it is about, for people who read a failure. */
  label: string;
  /** When it begins: as soon as there is a connection, when a request begins, or when all of it has come. */
  begins: "connected" | "head" | "whole";
  /** Stop reading the request when the script begins. */
  isDeaf: boolean;
  /** streamId: of HTTP/2, the stream that the request is on; 1 before there is one. */
  steps(streamId: number): Step[];
}

/** One of several, evenly. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.int(0, from.length - 1)]!;
}

/** Random bytes, at most `most`. */
export function noise(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.int(0, most) }, () => random.int(0, 255)));
}

/** Sentences that a terminal, a report or a regular expression might stumble over. */
export function oddText(random: Random): string {
  return pick(random, [
    "",
    "quota exceeded",
    "two\r\nlines\tand \u001b[31mcolour\u001b[0m",
    "nul \0 inside",
    "\u202eright to left\u2028line\u2029paragraph",
    "🦬".repeat(random.int(1, 400)),
    `x${"🦬".repeat(random.int(140, 160))}`,
    "é".repeat(random.int(290, 310)),
    "a".repeat(random.int(1, 5000)),
    "%00%0a%zz%e2%28%a1%",
    "\ud800 lone surrogate",
    " ".repeat(2000),
    noise(random, 200).toString("latin1"),
  ]);
}

/** Numbers as text that no reader should believe. */
export function oddNumber(random: Random): string {
  return pick(random, [
    "0",
    "-1",
    "1e999",
    "NaN",
    "0x10",
    "٣",
    "",
    " 5",
    "5, 5",
    "5, 6",
    "+5",
    "00000000005",
    "999999999999999",
    "9999999999999999999999",
    "18446744073709551616",
    `${random.int(0, 100)}`,
  ]);
}

/** Bytes with a few faults in them: flipped, cut out, put in, repeated, cut off. */
export function mutated(random: Random, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  for (let faults = random.int(1, 4); faults > 0; faults--) {
    const at = random.int(0, Math.max(0, result.length - 1));
    const length = random.int(0, Math.min(16, Math.max(0, result.length - at)));
    const [before, middle, after] = [
      result.subarray(0, at),
      result.subarray(at, at + length),
      result.subarray(at + length),
    ];
    switch (random.int(0, 5)) {
      case 0:
        if (result.length > 0) result[at]! ^= 1 << random.int(0, 7);
        break;
      case 1:
        if (result.length > 0) result[at] = random.int(0, 255);
        break;
      case 2:
        result = Buffer.concat([before, after]);
        break;
      case 3:
        result = Buffer.concat([before, noise(random, 16), middle, after]);
        break;
      case 4:
        result = Buffer.concat([before, ...Array<Buffer>(random.int(2, 20)).fill(middle), after]);
        break;
      default:
        result = Buffer.from(before);
    }
  }
  return result;
}

/** The steps that write some bytes: whole, or cut at any places, with and without pauses; perhaps broken off. */
export function written(random: Random, bytes: Buffer): Step[] {
  const steps: Step[] = [];
  const most = random.chance(0.5) ? bytes.length : pick(random, [1, 2, 7, 100, 4096]);
  const pauses = random.chance(0.3) ? 3 : 0;
  // A byte at a time is only for what is short.
  const pieceBytes = Math.max(1, most, Math.ceil(bytes.length / 500));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    steps.push({ write: bytes.subarray(at, at + pieceBytes) });
    if (steps.length < 20 && pauses > 0) steps.push({ pauseMs: random.int(0, pauses) });
  }
  return [...steps, ...leave(random)];
}

/** How the server leaves the connection: mostly it stays. */
function leave(random: Random): Step[] {
  return pick<Step[]>(random, [[], [], [], [], ["end"], ["reset"], [{ pauseMs: 2 }, "end"]]);
}
