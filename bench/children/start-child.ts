/** Measured processes: one a task, with the flags that `scripts/stampede` gives a replayer. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answers, Task } from "./child.ts";

const FLAGS = [
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=1",
  "--heap-growing-percent=30",
  "--expose-gc",
];
/** See scripts/stampede. */
const VARIABLES = {
  MALLOC_ARENA_MAX: "1",
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../.node/compile-cache", import.meta.url)),
};

/** Have a task done by a process of its own. Throws when that ends without an answer. */
export function runChild<T extends Task>(task: T): Promise<Answers[T["kind"]]> {
  const child = fork(new URL("./child.ts", import.meta.url), [], {
    serialization: "advanced",
    execArgv: FLAGS,
    env: { ...process.env, ...VARIABLES },
  });
  return new Promise((resolve, reject) => {
    child.once("message", (answer) => resolve(answer as Answers[T["kind"]]));
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      reject(new Error(`a measured process ended with ${signal ?? code} before it had an answer`)),
    );
    child.send(task);
  });
}
