/**
 * One replayer process of several on this machine. It does as it is told over its channel, reports every now and then, and ends
 * with its result; without the process that started it, it stops.
 */
import { openReplay } from "../../replayer/open-replay.ts";
import { type FromWorker, SNAPSHOT_INTERVAL_MS, type ToWorker } from "./protocol.ts";

// Ctrl-C reaches the whole process group; when to stop is the starting process's decision.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

let stop = (): void => process.exit();

process.on("message", (message: ToWorker) => {
  if ("stop" in message) stop();
  else void work(message);
});
process.on("disconnect", () => stop());

async function work({ job }: Extract<ToWorker, { job: unknown }>): Promise<void> {
  const { replay, transport } = await openReplay(job);
  stop = () => replay.stop();
  tell({ ready: true });
  const timer = setInterval(
    () => tell({ snapshot: replay.snapshot(), isFinal: false }),
    SNAPSHOT_INTERVAL_MS,
  );
  await replay.run();
  clearInterval(timer);
  await transport.close();
  tell({ snapshot: replay.snapshot(), isFinal: true });
  process.disconnect?.();
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
