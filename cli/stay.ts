/**
 * Staying after the end: for what starts again at once whatever ends, as Kubernetes does with the Pods of a StatefulSet.
 */

const ASKING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The longest that a timer takes, 24 days. */
const LONG_MS = 2 ** 31 - 1;

/** Resolves when this process is asked to stop. Until then it stays, even with nothing else to do. */
export function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    // Listening to signals alone keeps no process.
    const timer = setInterval(() => {}, LONG_MS);
    const onSignal = () => {
      clearInterval(timer);
      for (const signal of ASKING) process.off(signal, onSignal);
      resolve();
    };
    for (const signal of ASKING) process.on(signal, onSignal);
  });
}
