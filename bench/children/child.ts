/**
 * A measured process: bench/children/start-child.ts starts one for each round, so that CPU time and memory are its own, gives it one
 * task and gets one answer. What a task needs is loaded when it is known, for a sender is to hold no more than a replayer does.
 */
import type { CompileFigures, CompileTask } from "./run-compile.ts";
import type { ReadyFigures, ReadyTask } from "./run-ready.ts";
import type { SendFigures, SendTask } from "./run-send.ts";
import type { StageTask } from "./run-stage.ts";

export type Task =
  | ({ kind: "send" } & SendTask)
  | ({ kind: "stage" } & StageTask)
  | ({ kind: "compile" } & CompileTask)
  | ({ kind: "ready" } & ReadyTask);

/** What each kind of task is answered with. */
export interface Answers {
  send: SendFigures;
  stage: SendFigures;
  compile: CompileFigures;
  ready: ReadyFigures;
}

process.once("disconnect", () => process.exit());
process.once("message", async (task: Task) => {
  const answer = await run(task);
  process.send!(answer, () => process.disconnect?.());
});

async function run(task: Task): Promise<Answers[Task["kind"]]> {
  switch (task.kind) {
    case "send":
      return (await import("./run-send.ts")).runSend(task);
    case "stage":
      return (await import("./run-stage.ts")).runStage(task);
    case "compile":
      return (await import("./run-compile.ts")).runCompile(task);
    case "ready":
      return (await import("./run-ready.ts")).runReady(task);
  }
}
