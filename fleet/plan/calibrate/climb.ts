/**
 * A sender at one rate after the other, from the lowest to the highest, and what it costs and holds at each. First it warms up at a rate
 * in the middle: then its code is as hot as in a run of hours.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ReplayJob } from "../../../replayer/job.ts";
import { difference } from "./mark.ts";
import { startSender } from "./measured-sender.ts";
import type { SenderMark } from "./sender-process.ts";

/** Of each rate. */
export interface Times {
  /** Before the first one is measured: code gets hot, connections stand. */
  warmMs: number;
  /** Before each: what was under way at the rate before has ended. */
  settleMs: number;
  measureMs: number;
}

/** What one sender did within the measured time of a rate; memory is what it had at the end. */
export type Step = SenderMark;

/** What is too late is not sent: what one rate left behind must not be caught up with at the next. */
const MAX_LAG_MS = 250;

/**
 * Measure at all of these rates. `around` may measure something else meanwhile: it is called when the time begins, and what it
 * returns when it ends.
 */
export async function climb<T>(
  job: ReplayJob,
  rates: readonly number[],
  { warmMs, settleMs, measureMs }: Times,
  around: () => Promise<() => Promise<T>>,
): Promise<{ step: Step; meanwhile: T }[]> {
  const rising = rates.toSorted((a, b) => a - b);
  const eventsPerSecond = rising[rising.length >> 1]!;
  const settings = { ...job.settings, eventsPerSecond, shape: undefined, maxLagMs: MAX_LAG_MS };
  const sender = await startSender({ ...job, settings });
  try {
    await sleep(warmMs);
    const done: { step: Step; meanwhile: T }[] = [];
    for (const rate of rising) {
      await sender.goAt(rate);
      await sleep(settleMs);
      const [end, before] = await Promise.all([around(), sender.mark()]);
      await sleep(measureMs);
      const [meanwhile, after] = await Promise.all([end(), sender.mark()]);
      done.push({ step: { ...difference(before, after), memoryBytes: after.memoryBytes }, meanwhile });
    }
    await sender.stop();
    return done;
  } finally {
    sender.kill();
  }
}
