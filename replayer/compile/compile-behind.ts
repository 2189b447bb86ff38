/**
 * Compiling while requests go out: in a process of its own that gives way to those that send, begun by one of all that send from a
 * file, on one core less than there are.
 *
 * Nobody waits for it. Each second a look tells which compiled files are there, and whether somebody is at those that are not: when
 * the one who was has died, another begins.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, setPriority } from "node:os";
import { type PerSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import { isBeingMade } from "../freeze/make-once.ts";
import type { CompileFailure, CompileJob } from "./compile-process.ts";
import { type CompiledForm, compiledName, formText, isValidFile } from "./compiled-files.ts";

const LOOK_MS = 1000;
/** Senders come first; 0 is the usual priority, 19 the lowest. */
const NICENESS = 15;

/** Threads of a compiler that is not alone on the machine. */
export const BEHIND_WORKERS = Math.max(1, availableParallelism() - 1);

export interface CompileBehind {
  /** Frozen files to be compiled, by signal. */
  frozen: Partial<PerSignal<string>>;
  form: CompiledForm;
  /** Told when it begins, when a file is there, and when it fails. */
  onNote: (text: string) => void;
}

/** Have files compiled until `end`; what is not complete by then is given up. */
export class CompilingBehind {
  readonly #order: CompileBehind;
  readonly #timer: NodeJS.Timeout;
  #missing: Signal[];
  #child: ChildProcess | undefined;
  /** It failed here, or is not wanted any more: nothing is begun. */
  #isOver = false;

  constructor(order: CompileBehind) {
    this.#order = order;
    this.#missing = SIGNALS.filter((signal) => order.frozen[signal]);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    order.onNote(
      `${this.#missing.join(", ")}: batches are being compiled; until they are, requests are compressed as they go`,
    );
    this.#look();
  }

  /** Safe to call again. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    if (this.#child?.connected) this.#child.disconnect();
  }

  #look(): void {
    const targets = new Map(this.#missing.map((signal) => [signal, this.#targetOf(signal)]));
    const done = this.#missing.filter((signal) => isValidFile(targets.get(signal)!));
    this.#missing = this.#missing.filter((signal) => !done.includes(signal));
    if (done.length > 0) {
      const form = formText(this.#order.form);
      this.#order.onNote(`${done.join(", ")}: batches are compiled (${form}) and taken from now on`);
    }
    if (this.#missing.length === 0) this.end();
    else if (!this.#child && !this.#isOver && !this.#missing.some((one) => isBeingMade(targets.get(one)!))) {
      this.#begin();
    }
  }

  #targetOf(signal: Signal): string {
    return compiledName(this.#order.frozen[signal]!, this.#order.form);
  }

  #begin(): void {
    const { frozen, form } = this.#order;
    const child = startCompiler({
      frozenPaths: this.#missing.map((signal) => frozen[signal]!),
      form,
      workers: BEHIND_WORKERS,
    });
    this.#child = child;
    child.on("message", ({ error }: CompileFailure) => this.#fail(error));
    child.on("error", (error) => this.#fail(error.message));
    child.on("exit", (code, signal) => {
      this.#child = undefined;
      if (code !== 0) this.#fail(`the compiling process ended with ${signal ?? `code ${code}`}`);
    });
  }

  /** Files that others make are still waited for. */
  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#order.onNote(
      `${this.#missing.join(", ")}: batches cannot be compiled (${reason}); requests go on being compressed as they go`,
    );
  }
}

function startCompiler(job: CompileJob): ChildProcess {
  const child = fork(new URL("./compile-process.ts", import.meta.url), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    // Before it has threads: these take over what it has.
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  } catch {
    // It may have ended, and where priorities are not ours to change it competes.
  }
  child.send(job, () => {});
  return child;
}
