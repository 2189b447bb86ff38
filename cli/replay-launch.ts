/**
 * The light half of stampede replay. What reads flags and configs, imports and freezes templates takes 60 MB of code and heap;
 * it runs in a process of its own, which ends when it has handed over what to send. So a replayer that has been sending for an
 * hour holds what sending needs, and forty of them fit on a machine.
 */
import { type ChildProcess, fork } from "node:child_process";
import { EXIT } from "./exit.ts";
import type { ReplayRun } from "./replay-run.ts";

/** Set for the preparing process. */
const PREPARING = "STAMPEDE_PREPARING";

/** Said by whoever starts a replica and prepares what it sends: `replay --handed` is told it by message. */
export const HANDED = "--handed";

/** Flags that keep the heap of a process small which runs for hours; one that lives for a second spends half of it collecting garbage. */
const KEEPS_SMALL = /^--(max-semi-space-size|heap-growing-percent)=/;

/** Whether this command line is to be prepared by another process first. */
export function isLaunch(args: readonly string[]): boolean {
  return args[0] === "replay" && process.env[PREPARING] === undefined;
}

/** The command line: this process's own, or, where it prepares for another, what that one sends. */
export function commandLine(): Promise<readonly string[]> {
  if (process.env[PREPARING] === undefined || !process.send) return Promise.resolve(process.argv.slice(2));
  return new Promise((resolve) => process.once("message", (args: readonly string[]) => resolve(args)));
}

/** Have the command line prepared, if nobody has done so, then run it. Ends with the preparing process's code when that came to nothing. */
export async function launch(args: readonly string[]): Promise<void> {
  const isHanded = args[1] === HANDED && process.connected;
  const run = await (isHanded ? handedRun() : preparedRun(args));
  if (run) await runToTheEnd(run);
}

/** What this process is told to send. It ends with the one that is to tell it. */
async function handedRun(): Promise<ReplayRun> {
  process.once("disconnect", exitAlone);
  const [run] = await Promise.all([
    new Promise<ReplayRun>((resolve) => process.once("message", (told: ReplayRun) => resolve(told))),
    import("./replay-run.ts"),
  ]);
  process.off("disconnect", exitAlone);
  process.disconnect?.();
  return run;
}

function preparedRun(args: readonly string[]): Promise<ReplayRun | undefined> {
  return new Promise((resolve, reject) => {
    const child = fork(process.argv[1]!, [], {
      serialization: "advanced",
      env: { ...process.env, [PREPARING]: "1" },
      execArgv: process.execArgv.filter((flag) => !KEEPS_SMALL.test(flag)),
    });
    // Not as arguments, which every user of the machine can list: headers are secrets.
    child.send(args);
    let handedOver: ReplayRun | undefined;
    child.on("message", (message: ReplayRun) => {
      handedOver = message;
    });
    const release = onInterrupt(child);
    child.on("error", reject);
    import("./replay-run.ts").catch(reject);
    child.on("exit", (code, signal) => {
      release();
      if (signal !== null) process.exitCode = EXIT.interrupted;
      else if (code !== 0) process.exitCode = code ?? EXIT.bug;
      resolve(code === 0 ? handedOver : undefined);
    });
  });
}

/** Loaded while the preparing process is at work, so that a start waits for one of the two and not for both. */
async function runToTheEnd(run: ReplayRun): Promise<void> {
  return (await import("./replay-run.ts")).runToTheEnd(run);
}

/**
 * Until the preparing process has ended, it decides what an interrupt does: it may have files to put away. Ctrl-C has reached
 * it too, `kill` has not; both tell it, and its next signal is another one than Ctrl-C, so that it is never told the same twice.
 */
function onInterrupt(child: ChildProcess): () => void {
  const pass = () => child.kill("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  return () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, pass);
  };
}

/** In the preparing process: end with the one that started it, whatever ended that. */
export function endWithLauncher(): void {
  if (process.env[PREPARING] === undefined || !process.connected) return;
  process.once("disconnect", exitAlone);
  // Listening alone is no reason to stay.
  process.channel?.unref();
}

const exitAlone = () => process.exit(EXIT.interrupted);

/** Called by the preparing process; without one, what was prepared runs here. */
export async function handOver(run: ReplayRun): Promise<void> {
  if (process.env[PREPARING] === undefined || !process.send) return runToTheEnd(run);
  process.send(run, () => {
    process.off("disconnect", exitAlone);
    process.disconnect?.();
  });
}
