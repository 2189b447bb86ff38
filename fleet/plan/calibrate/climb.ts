/**
 * A sender at one rate after the other, from the lowest to the highest, again and again, and what it costs at each.
 *
 * It is the same process all the time, and warms up first: in its first ten seconds at 50,000 events a second a sender costs half as much
 * again as later, until V8 has compiled what is hot.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ReplayJob } from "../../../replayer/job.ts";
import { difference } from "./mark.ts";
import { startSender } from "./measured-sender.ts";
import type { SenderMark } from "./sender-process.ts";

export interface Times {
  /** Before the first measurement, at the highest rate. */
  warmMs: number;
  /** At each rate, before it is measured: what was under way at the rate before has ended. */
  settleMs: number;
  measureMs: number;
  rounds: number;
}

/** What is too late is not sent: what one rate left behind must not be caught up with at the next. */
const MAX_LAG_MS = 250;
/** Of one rate, where it was found to go faster than it was told. */
const MOST_TRIES = 4;
const NEAR = 1.15;

/**
 * Measure at all of these rates; one list for each round. `around` may measure something else meanwhile: it is called when the time
 * begins, and what it returns when it ends.
 */
export async function climb<T>(
  job: ReplayJob,
  rates: readonly number[],
  { warmMs, settleMs, measureMs, rounds }: Times,
  around: () => Promise<() => Promise<T>>,
  signal: AbortSignal,
): Promise<{ step: SenderMark; meanwhile: T }[][]> {
  const rising = rates.toSorted((a, b) => a - b);
  const settings = {
    ...job.settings,
    eventsPerSecond: rising.at(-1)!,
    shape: undefined,
    maxLagMs: MAX_LAG_MS,
    // It goes on until it is told to end, and then waits for nothing that is due later, whatever the run has as its limits.
    durationMs: Number.POSITIVE_INFINITY,
    totalEvents: Number.POSITIVE_INFINITY,
    passes: Number.POSITIVE_INFINITY,
    deferred: { ...job.settings.deferred, drainTimeoutMs: 0 },
  };
  const sender = await startSender({ ...job, settings });
  try {
    await sleep(warmMs, undefined, { signal });
    const measure = async () => {
      const [end, before] = await Promise.all([around(), sender.mark()]);
      await sleep(measureMs, undefined, { signal });
      const [meanwhile, after] = await Promise.all([end(), sender.mark()]);
      return { step: { ...difference(before, after), memoryBytes: after.memoryBytes }, meanwhile };
    };
    const all: { step: SenderMark; meanwhile: T }[][] = [];
    for (let n = 0; n < rounds; n++) {
      const round: { step: SenderMark; meanwhile: T }[] = [];
      for (const rate of rising) {
        await sender.goAt(rate);
        await sleep(settleMs, undefined, { signal });
        let [one, tries] = [await measure(), 1];
        // What is caught up with goes out in fewer, fuller turns, and costs less than it would in time.
        while (isAbove(one.step, rate) && tries++ < MOST_TRIES) one = await measure();
        round.push(one);
      }
      all.push(round);
    }
    await sender.stop();
    return all;
  } finally {
    sender.kill();
  }
}

function isAbove({ items, seconds }: SenderMark, eventsPerSecond: number): boolean {
  return items / seconds > eventsPerSecond * NEAR;
}
