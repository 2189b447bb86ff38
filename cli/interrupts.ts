/** What Ctrl-C does to a run. */
import type { LiveView } from "../terminal/view.ts";
import { EXIT } from "./exit.ts";

/** The first SIGINT or SIGTERM asks to end, the second ends. Returns how to stop listening. */
export function onInterrupt(view: LiveView, ask: () => void): () => void {
  let isAsked = false;
  const listener = () => {
    if (isAsked) process.exit(EXIT.interrupted);
    isAsked = true;
    view.note("stopping: waiting for what is in flight; once more to end at once");
    ask();
  };
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener).off("SIGTERM", listener);
  };
}
