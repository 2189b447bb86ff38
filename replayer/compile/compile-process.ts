/**
 * The process that compiles while others send: started by `compile-behind.ts`, told what to do by one message. It answers only when
 * it fails. Who started it ends it by going away; what it has begun is then removed.
 */
import { compileIfFree } from "./compile-once.ts";
import type { CompiledForm } from "./compiled-files.ts";

export interface CompileJob {
  frozenPaths: string[];
  form: CompiledForm;
  /** Threads. */
  workers: number;
}

export interface CompileFailure {
  error: string;
}

const abort = new AbortController();
const stop = () => abort.abort();
// Ctrl-C and a terminal that is closed reach the whole process group.
process.on("disconnect", stop).on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);

process.once("message", async ({ frozenPaths, form, workers }: CompileJob) => {
  try {
    for (const path of frozenPaths) {
      // One compiler is enough: whoever is at this file goes on with the next.
      if (!(await compileIfFree(path, form, { workers, signal: abort.signal }))) break;
    }
  } catch (error) {
    if (process.connected && !abort.signal.aborted) {
      process.send!({ error: (error as Error).message } satisfies CompileFailure);
    }
  }
  if (process.connected) process.disconnect?.();
});
