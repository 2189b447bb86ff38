/** How far a replay in this process has come, and what the process has spent on it. Two marks make a measurement. */
import { COUNTER_INDEX } from "../../../ledger/counts.ts";
import { SIGNALS } from "../../../otlp/signal.ts";
import type { Replay } from "../../../replayer/send/replay.ts";

/** CPU and wall time of this process so far, seconds; CPU is user and system time, of all threads and of the main one. */
export interface Clocks {
  cpuSeconds: number;
  mainThreadSeconds: number;
  seconds: number;
}

/** Everything since the process began. */
export interface Mark extends Clocks {
  /** Accepted. */
  items: number;
  requests: number;
  /** Request bodies as they left, every try. */
  wireBytes: number;
  /** What did not go as it should: rejected, failed or in doubt. */
  lostItems: number;
}

export function markOf(replay: Replay): Mark {
  const { counts } = replay.snapshot();
  const total = (counter: keyof typeof COUNTER_INDEX) =>
    SIGNALS.reduce((sum, signal) => sum + counts[signal][COUNTER_INDEX[counter]]!, 0);
  return {
    items: total("accepted"),
    requests: total("requests"),
    wireBytes: total("wireBytes"),
    lostItems: total("rejected") + total("failed") + total("inDoubt"),
    ...clocks(),
  };
}

export function clocks(): Clocks {
  return {
    cpuSeconds: secondsOf(process.cpuUsage()),
    mainThreadSeconds: secondsOf(process.threadCpuUsage()),
    seconds: performance.now() / 1000,
  };
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

/** What lies between two marks. */
export function difference<T extends { [K in keyof T]: number }>(before: T, after: T): T {
  return Object.fromEntries(
    Object.entries<number>(after).map(([name, value]) => [name, value - before[name as keyof T]]),
  ) as T;
}
