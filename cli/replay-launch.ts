/**
 * The light half of stampede replay. What reads flags and configs, imports and freezes templates takes 60 MB of code and heap;
 * it runs in a process of its own, which ends when it has handed over what to send. So a replayer that has been sending for an
 * hour holds what sending needs, and forty of them fit on a machine.
 */
import { fork } from "node:child_process";
import { type ReplayRun, runToTheEnd } from "./replay-run.ts";

/** Set for the preparing process. */
const PREPARING = "STAMPEDE_PREPARING";

/** Whether this command line is to be prepared by another process first. */
export function isLaunch(args: readonly string[]): boolean {
  return args[0] === "replay" && process.env[PREPARING] === undefined;
}

/** Have the command line prepared, then run it. Ends with the preparing process's code when that came to nothing. */
export async function launch(args: readonly string[]): Promise<void> {
  const run = await new Promise<ReplayRun | undefined>((resolve, reject) => {
    const child = fork(process.argv[1]!, args, {
      serialization: "advanced",
      env: { ...process.env, [PREPARING]: "1" },
    });
    let handedOver: ReplayRun | undefined;
    child.on("message", (message: ReplayRun) => {
      handedOver = message;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      // Ctrl-C reached it too.
      if (signal !== null) process.exitCode = 130;
      else if (code !== 0) process.exitCode = code ?? 70;
      resolve(code === 0 ? handedOver : undefined);
    });
  });
  if (run) await runToTheEnd(run);
}

/** Called by the preparing process; without one, what was prepared runs here. */
export async function handOver(run: ReplayRun): Promise<void> {
  if (process.env[PREPARING] === undefined || !process.send) return runToTheEnd(run);
  process.send(run, () => process.disconnect?.());
}
