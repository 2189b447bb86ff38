/** A sender in a process of its own, from its start to its end, for whoever measures it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { ReplayJob } from "../../../replayer/job.ts";
import { CalibrationError } from "./calibration-error.ts";
import type { SenderAnswer, SenderMark, SenderOrder } from "./sender-process.ts";

export interface MeasuredSender {
  /** Have it go on at another rate. */
  goAt(eventsPerSecond: number): Promise<void>;
  /** How far it is. */
  mark(): Promise<SenderMark>;
  /** Have it end as if its time were up; resolves with all that it did, when the process is gone. */
  stop(): Promise<SenderMark>;
  /** End it at once. */
  kill(): void;
}

/** How long an order may take on a machine that has other things to do: a mark takes milliseconds, a stop what is in flight. */
const ANSWER_MS = 60_000;

/**
 * Start one; resolves when it sends. Its Node has the flags of this one. Throws CalibrationError when it cannot send; later, all of it does so
 * where the sender has ended, or does not answer within a minute.
 *
 * answerMs  of orders after the start; less for tests
 */
export async function startSender(job: ReplayJob, answerMs = ANSWER_MS): Promise<MeasuredSender> {
  const child = fork(new URL("./sender-process.ts", import.meta.url), [], { serialization: "advanced" });
  const gone = once(child, "exit");
  const failed = gone.then(([code, signal]) => {
    throw new CalibrationError(`a sender that was measured ended with ${signal ?? `code ${code}`}`);
  });
  // Whoever waits for an answer hears of it.
  failed.catch(() => {});
  const ask = async (order: SenderOrder, withinMs = answerMs): Promise<SenderAnswer> => {
    const late = AbortSignal.timeout(withinMs);
    const message = once(child, "message", { signal: late }).catch((cause: Error) => {
      throw late.aborted ? new CalibrationError(silence(order, withinMs)) : cause;
    });
    child.send(order);
    const [answer] = (await Promise.race([message, failed])) as [SenderAnswer];
    if (typeof answer === "object" && "error" in answer)
      throw new CalibrationError(`a sender that was measured could not send: ${answer.error}`);
    return answer;
  };
  await ask({ job }, ANSWER_MS).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    goAt: async (eventsPerSecond) => void (await ask({ eventsPerSecond })),
    mark: async () => (await ask("mark")) as SenderMark,
    stop: async () => {
      const last = (await ask("stop")) as SenderMark;
      await gone;
      return last;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function silence(order: SenderOrder, ms: number): string {
  const what = typeof order === "string" ? order : Object.keys(order)[0];
  return `a sender that was measured did not answer (${what}) within ${ms / 1000} s; the machine may be too busy for it`;
}
