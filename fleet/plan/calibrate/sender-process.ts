/**
 * A sender that is measured: a process of its own, so that CPU time and memory are its own, which replays a job until it is told to stop
 * and says how far it has come whenever it is asked. `measured-sender.ts` starts it.
 */
import { peakMemoryBytes } from "../../../ledger/peak-memory.ts";
import type { ReplayJob } from "../../../replayer/job.ts";
import { openReplay } from "../../../replayer/open-replay.ts";
import { type Mark, markOf } from "./mark.ts";

/** From the one that measures: what to send, first; then any number of questions; then the end. */
export type SenderOrder = { job: ReplayJob } | "mark" | "stop";

/** The answer to each order: that it sends; how far it is; that everything in flight has ended. */
export type SenderAnswer = "sending" | (Mark & { maxRssBytes: number }) | { error: string };

process.once("disconnect", () => process.exit());
process.once("message", ({ job }: { job: ReplayJob }) => {
  run(job).catch((error: unknown) => answer({ error: error instanceof Error ? error.message : `${error}` }));
});

async function run(job: ReplayJob): Promise<void> {
  const { replay, transport } = await openReplay(job);
  const running = replay.run();
  const tell = () => answer({ ...markOf(replay), maxRssBytes: peakMemoryBytes() });
  process.on("message", (order: SenderOrder) => {
    if (order === "mark") tell();
    else replay.stop();
  });
  answer("sending");
  await running;
  await transport.close();
  tell();
  process.disconnect?.();
}

function answer(what: SenderAnswer): void {
  process.send!(what);
}
