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

/** Start one; resolves when it sends. Its Node has the flags of this one. Throws CalibrationError when it cannot send. */
export async function startSender(job: ReplayJob): Promise<MeasuredSender> {
  const child = fork(new URL("./sender-process.ts", import.meta.url), [], { serialization: "advanced" });
  const gone = once(child, "exit");
  const failed = gone.then(([code, signal]) => {
    throw new CalibrationError(`a sender that was measured ended with ${signal ?? `code ${code}`}`);
  });
  // Whoever waits for an answer hears of it.
  failed.catch(() => {});
  const ask = async (order: SenderOrder): Promise<SenderAnswer> => {
    const message = once(child, "message");
    child.send(order);
    const [answer] = (await Promise.race([message, failed])) as [SenderAnswer];
    if (typeof answer === "object" && "error" in answer)
      throw new CalibrationError(`a sender that was measured could not send: ${answer.error}`);
    return answer;
  };
  await ask({ job });
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
