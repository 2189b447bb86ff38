/**
 * Being process 1, as in a container: the system does nothing for it about signals that it does not listen for, where it would end any
 * other process. `docker stop` on a command that is just starting would wait for its whole grace period, and then kill it.
 */
import { constants } from "node:os";

/** Answer signals that nobody else in this process listens for, by ending as the system would have any other process end. */
export function answerSignalsAsProcessOne(): void {
  if (process.pid !== 1) return;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}
