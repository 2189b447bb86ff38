/**
 * Compiling while requests go out: in a process of its own that gives way to those that send, begun by one of all that send from a
 * file, on one core less than there are.
 *
 * Nobody waits for it. Each second a look tells whether the compiled files are there, and whether somebody is at those that are not:
 * when the one who was has died, another begins.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, setPriority } from "node:os";
import { type PerSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import type { CompileFailure, CompileJob } from "./compile-process.ts";
import { type CompiledForm, compiledName, formText, isValidFile } from "./compiled-files.ts";
import { isBeingMade } from "./make-once.ts";

const LOOK_MS = 1000;
/** Senders come first; 0 is the usual priority, 19 the lowest. */
const NICENESS = 15;

/** Threads of a compiler that is not alone on the machine. */
export const BEHIND_WORKERS = Math.max(1, availableParallelism() - 1);

export interface CompileBehind {
  /** Frozen files to be compiled, by signal. */
  frozen: Partial<PerSignal<string>>;
  form: CompiledForm;
  /** Told once when it begins, when a file is there, and when it fails. */
  onNote: (text: string) => void;
}

/** Begin. Returns how to end it; what is not complete by then is given up. */
export function compileBehind({ frozen, form, onNote }: CompileBehind): () => void {
  let missing = SIGNALS.filter((signal) => frozen[signal]);
  let child: ChildProcess | undefined;
  let hasFailed = false;
  const targetOf = (signal: Signal) => compiledName(frozen[signal]!, form);
  const begin = (signals: readonly Signal[]): void => {
    child = startCompiler({
      frozenPaths: signals.map((signal) => frozen[signal]!),
      form,
      workers: BEHIND_WORKERS,
    });
    const fail = (reason: string) => {
      if (!hasFailed)
        onNote(`batches cannot be compiled (${reason}); requests go on being compressed as they go`);
      hasFailed = true;
    };
    child.on("message", ({ error }: CompileFailure) => fail(error));
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code, signal) => {
      child = undefined;
      if (isEnded) return;
      if (code !== 0) fail(`the compiling process ended with ${signal ?? `code ${code}`}`);
    });
  };
  const look = (): void => {
    const done = missing.filter((signal) => isValidFile(targetOf(signal)));
    missing = missing.filter((signal) => !done.includes(signal));
    if (done.length > 0)
      onNote(`${done.join(", ")}: batches are compiled (${formText(form)}), and sent from now on`);
    if (missing.length === 0) clearInterval(timer);
    else if (!child && !hasFailed && !missing.every((signal) => isBeingMade(targetOf(signal))))
      begin(missing);
  };
  let isEnded = false;
  const timer = setInterval(look, LOOK_MS);
  onNote(
    `${missing.join(", ")}: batches are being compiled; until they are, requests are compressed as they go`,
  );
  look();
  return () => {
    isEnded = true;
    clearInterval(timer);
    if (child?.connected) child.disconnect();
  };
}

function startCompiler(job: CompileJob): ChildProcess {
  const child = fork(new URL("./compile-process.ts", import.meta.url), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    // Before it has threads, which take over what it has.
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  } catch {
    // It may have ended; and where priorities are not ours to change, it competes.
  }
  child.send(job, () => {});
  return child;
}
