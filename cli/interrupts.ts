/**
 * What Ctrl-C, `kill` and a closed terminal do to a command (docs/ending.md).
 */
import type { LiveView } from "../terminal/view.ts";
import { EXIT } from "./exit.ts";

/** Signals that ask for an end. */
const ASKING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Shells, npm and containers pass a Ctrl-C on that has come already: within that time it is the same one. */
const ECHO_MS = 50;

/**
 * Call `ask` once, at the first signal. The second SIGINT or SIGTERM ends the process. SIGHUP never does, for it comes twice when a
 * terminal is closed: from the system and from the shell. Returns how to stop listening.
 */
export function onInterrupt(view: Pick<LiveView, "note">, ask: () => void): () => void {
  return listen((signal) => {
    view.note(
      signal === "SIGHUP"
        ? "stopping, for the terminal is gone: waiting for what is in flight"
        : "stopping: waiting for what is in flight; once more to end at once",
    );
    ask();
  });
}

/** End the process with 130 at the first signal, once `last` has put away what is drawn. Returns how to stop listening. */
export function exitOnInterrupt(last: () => void): () => void {
  return listen(() => {
    last();
    process.exit(EXIT.interrupted);
  });
}

function listen(ask: (signal: NodeJS.Signals) => void): () => void {
  let askedAtMs = Number.NaN;
  const listener = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (Number.isNaN(askedAtMs)) {
      askedAtMs = now;
      ask(signal);
    } else if (signal !== "SIGHUP" && now - askedAtMs > ECHO_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of ASKING) process.on(signal, listener);
  return () => {
    for (const signal of ASKING) process.off(signal, listener);
  };
}
