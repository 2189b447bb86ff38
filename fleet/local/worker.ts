/**
 * One replayer process of several on this machine. It does as it is told over its channel, reports every now and then, and ends
 * with its result; without the process that started it, it stops. What it is about to send it notes in its journal first.
 */
import type { ReplayJob } from "../../replayer/job.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import { SYSTEM_CLOCK } from "../../replayer/send/clock.ts";
import { Journal } from "../../replayer/send/journal.ts";
import type { Replay } from "../../replayer/send/replay.ts";
import type { Steering } from "../../replayer/steering.ts";
import { type FromWorker, JOURNAL_FD, SNAPSHOT_INTERVAL_MS, type ToWorker } from "./protocol.ts";

// Ctrl-C and a terminal that is closed reach the whole process group; when to stop is the starting process's decision.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

/** How long answers are waited for when nobody is left to be told of them. */
const ORPHAN_MS = 1000;

let replay: Replay | undefined;
/** Tells the replay how to go on, as soon as it can be told. */
let steer: ((change: Steering) => void) | undefined;
const untold: Steering[] = [];
let isStopAsked = false;
const began = Promise.withResolvers<number>();

process.on("message", (message: ToWorker) => {
  if ("job" in message) work(message.job).catch(refuse);
  else if ("beganMs" in message) began.resolve(message.beganMs);
  else if ("steering" in message) {
    if (steer) steer(message.steering);
    else untold.push(message.steering);
  } else {
    isStopAsked = true;
    replay?.stop();
    // Nothing more may come that it would have to wait for.
    began.resolve(SYSTEM_CLOCK.monotonicMs());
  }
});
process.on("disconnect", () => {
  if (!replay) process.exit();
  replay.stop();
  setTimeout(() => process.exit(), ORPHAN_MS).unref();
});

async function work(job: ReplayJob): Promise<void> {
  const opened = await openReplay(job, new Journal(JOURNAL_FD));
  const running = opened.replay;
  replay = running;
  if (isStopAsked) running.stop();
  // What another process began has its state from that; all that was told since then counts from its own beginning on.
  if (!job.takeOver) listen(opened.steer);
  tell({ snapshot: running.snapshot(), isFinal: false });
  const beganMs = await began.promise;
  // While the one that started it is held up, by a terminal that takes nothing, say, no more is put into the channel.
  let isTold = true;
  let wasIdle = false;
  const timer = setInterval(() => {
    // There is nothing new to tell.
    if (wasIdle && running.isIdle) return;
    wasIdle = running.isIdle;
    const snapshot = running.snapshot();
    if (!isTold) return;
    isTold = false;
    tell({ snapshot, isFinal: false }, () => {
      isTold = true;
    });
  }, SNAPSHOT_INTERVAL_MS);
  const ended = running.run(beganMs).finally(() => clearInterval(timer));
  listen(opened.steer);
  await ended;
  await opened.transport.close();
  tell({ snapshot: running.snapshot(), isFinal: true }, leave);
}

function listen(to: (change: Steering) => void): void {
  steer = to;
  for (const change of untold.splice(0)) steer(change);
}

/** The job cannot be done, or a bug of ours: the starting process says so, once for all that it started. */
function refuse(error: unknown): void {
  const known = error instanceof Error && "code" in error && typeof error.code === "string";
  const message =
    error instanceof Error ? ((known ? error.message : error.stack) ?? error.message) : String(error);
  // What the run has begun, sockets and timers, would keep the process alive.
  tell({ error: { message, code: known ? (error.code as string) : undefined } }, () => process.exit());
}

/** Nobody is left to talk to when the starting process has died. */
function tell(message: FromWorker, onSent?: () => void): void {
  if (process.connected && process.send) process.send(message, () => onSent?.());
  else onSent?.();
}

function leave(): void {
  if (process.connected) process.disconnect?.();
}
