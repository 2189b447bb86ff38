/** A process of the fleet: started, listened to, ended. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { keepEnd, lastWords } from "../local/last-words.ts";
import type { PlannedProcess } from "./plan.ts";

/** How a process ended. */
export interface ProcessEnd {
  name: string;
  /** Undefined when a signal ended it. */
  code: number | undefined;
  /** `code 1`, or the signal. */
  how: string;
  /** The line that tells most of what it said last. */
  words: string | undefined;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number | undefined;
  send(signal: NodeJS.Signals): void;
  /** Never rejects: one that cannot be started has ended. */
  readonly ended: Promise<ProcessEnd>;
}

/**
 * Start a process, in a process group of its own: a Ctrl-C of the terminal reaches only the one that starts it, which says when to end.
 *
 * onLine  told each line of its standard error; returns what of it to keep for its last words
 */
export function startProcess(
  { name, command, args, message }: PlannedProcess,
  onLine: (line: string) => string | undefined,
): RunningProcess {
  const child = spawn(command, args, {
    // What it prints as its result is told by its parts elsewhere.
    stdio: ["ignore", "ignore", "pipe", ...(message ? (["ipc"] as const) : [])],
    serialization: "advanced",
    detached: true,
  });
  // One that ends before it has read it is told of as ended.
  if (message) child.send(message, () => {});
  let kept = "";
  const lines = createInterface(child.stderr!).on("line", (line) => {
    const words = onLine(line);
    if (words !== undefined) kept = keepEnd(kept, `${words}\n`);
  });
  const linesRead = new Promise((resolve) => lines.once("close", resolve));
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("error", ({ message }) => {
      if (child.pid === undefined) resolve({ name, code: undefined, how: message, words: undefined });
    });
    child.once("close", async (code, signal) => {
      await linesRead;
      resolve({ name, code: code ?? undefined, how: signal ?? `code ${code}`, words: lastWords(kept) });
    });
  });
  return { name, pid: child.pid, send: (signal) => void child.kill(signal), ended };
}

/** `replica 2 ended with SIGKILL: its last words`. */
export function describeEnd({ name, how, words }: ProcessEnd): string {
  return `${name} ended with ${how}${words === undefined ? "" : `: ${words}`}`;
}
