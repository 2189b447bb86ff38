/**
 * A sender that is measured: a process of its own, so that CPU time and memory are its own, which replays a job until it is told to stop
 * and says how far it has come whenever it is asked. `measured-sender.ts` starts it.
 */
import type { ReplayJob } from "../../../replayer/job.ts";
import { openReplay } from "../../../replayer/open-replay.ts";
import { type Mark, markOf } from "./mark.ts";

/** From the one that measures: what to send, first; then any number of questions; then the end. */
export type SenderOrder = { job: ReplayJob } | { eventsPerSecond: number } | "mark" | "stop";

/** How far a sender is, since its start, and what it holds at this moment. */
export type SenderMark = Mark & { memoryBytes: number };

/** The answer to each order: that it goes by it; how far it is, or was in the end. */
export type SenderAnswer = "done" | SenderMark | { error: string };

process.once("disconnect", () => process.exit());
process.once("message", ({ job }: { job: ReplayJob }) => {
  run(job).catch((error: unknown) => {
    answer({ error: error instanceof Error ? error.message : `${error}` });
    // Nothing is left that could answer.
    process.disconnect?.();
  });
});

async function run(job: ReplayJob): Promise<void> {
  const { replay, transport, steer } = await openReplay(job);
  const running = replay.run();
  const tell = () => answer({ ...markOf(replay), memoryBytes: process.memoryUsage.rss() });
  process.on("message", (order: Exclude<SenderOrder, { job: ReplayJob }>) => {
    if (order === "mark") tell();
    else if (order === "stop") replay.stop();
    else {
      steer({ rate: order });
      answer("done");
    }
  });
  answer("done");
  await running;
  await transport.close();
  tell();
  process.disconnect?.();
}

function answer(what: SenderAnswer): void {
  process.send!(what);
}
