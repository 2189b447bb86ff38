/** A run looked at minute by minute: what the replayer said of itself every few seconds, and its memory every second. */
import { spreadOf } from "../statistics.ts";

/** What a line of the replayer's progress says; counts since the start of the run. */
export interface Look {
  elapsedMs: number;
  sent: number;
  accepted: number;
  failed: number;
  inDoubt: number;
  unsent: number;
  lagMs: number;
}

/** Resident bytes at a moment of the run. */
export interface MemorySample {
  elapsedMs: number;
  replayer: number;
  sink: number;
}

/** One minute of the run; counts are of this minute. */
export interface Minute {
  /** From 1 on. */
  minute: number;
  fault: string;
  sentPerSecond: number;
  acceptedPerSecond: number;
  worstLagMs: number;
  unsent: number;
  failed: number;
  inDoubt: number;
  /** Resident bytes of the replayer: the median, and the most. */
  rssBytes: number;
  highestRssBytes: number;
}

const MINUTE_MS = 60_000;
/** The last look comes when the last answer has. */
const MOMENT_MS = 5000;
const NOTHING: Look = { elapsedMs: 0, sent: 0, accepted: 0, failed: 0, inDoubt: 0, unsent: 0, lagMs: 0 };

/** Looks in what the replayer has printed, a JSON object a line; notes and what is no JSON are passed over. */
export function looksIn(text: string): Look[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{") || !line.endsWith("}")) return [];
    const look = JSON.parse(line) as Partial<Look>;
    return look.elapsedMs === undefined ? [] : [look as Look];
  });
}

/**
 * The minutes of a run; of a last one that is not whole, too, unless it is a moment, which belongs to the one before it. `faults` names what
 * happened in each.
 */
export function minutesOf(
  looks: readonly Look[],
  memory: readonly MemorySample[],
  faults: readonly string[],
): Minute[] {
  const count = Math.ceil(((looks.at(-1)?.elapsedMs ?? 0) - MOMENT_MS) / MINUTE_MS);
  return Array.from({ length: count }, (_, index) => {
    const isWithin = ({ elapsedMs }: { elapsedMs: number }) =>
      elapsedMs > index * MINUTE_MS && (elapsedMs <= (index + 1) * MINUTE_MS || index === count - 1);
    const within = looks.filter(isWithin);
    const before = looks.findLast(({ elapsedMs }) => elapsedMs <= index * MINUTE_MS) ?? NOTHING;
    const last = within.at(-1) ?? before;
    const perSecond = (name: "sent" | "accepted") =>
      Math.round(((last[name] - before[name]) * 1000) / Math.max(1, last.elapsedMs - before.elapsedMs));
    const rss = memory.filter(isWithin).map(({ replayer }) => replayer);
    const { median, highest } = rss.length > 0 ? spreadOf(rss) : { median: 0, highest: 0 };
    return {
      minute: index + 1,
      fault: faults[index] ?? "",
      sentPerSecond: perSecond("sent"),
      acceptedPerSecond: perSecond("accepted"),
      worstLagMs: Math.max(0, ...within.map(({ lagMs }) => lagMs)),
      unsent: last.unsent - before.unsent,
      failed: last.failed - before.failed,
      inDoubt: last.inDoubt - before.inDoubt,
      rssBytes: median,
      highestRssBytes: highest,
    };
  });
}

/** Median of the replayer's memory in the first and in the last `windowMs` of a run. */
export function memoryAtEnds(
  memory: readonly MemorySample[],
  windowMs: number,
): { first: number; last: number } {
  const endMs = memory.at(-1)?.elapsedMs ?? 0;
  const median = (samples: readonly MemorySample[]) =>
    samples.length === 0 ? 0 : spreadOf(samples.map(({ replayer }) => replayer)).median;
  return {
    first: median(memory.filter(({ elapsedMs }) => elapsedMs <= windowMs)),
    last: median(memory.filter(({ elapsedMs }) => elapsedMs > endMs - windowMs)),
  };
}
