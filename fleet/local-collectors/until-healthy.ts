/** Waiting for a server of this machine that tells its health by HTTP. */
import { setTimeout as sleep } from "node:timers/promises";

const WITHIN_MS = 30_000;
const LOOK_MS = 50;
/** Of one answer. */
const ANSWER_MS = 5000;

/**
 * Resolves when `url` answers with success. Rejects, in one line, when the server has ended, the signal aborts, or 30 s have passed.
 * ended  resolves with how it ended
 */
export async function untilHealthy(
  url: string,
  ended: Promise<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadlineMs = performance.now() + WITHIN_MS;
  let end: string | undefined;
  void ended.then((how) => {
    end = how;
  });
  while (performance.now() < deadlineMs) {
    if (end !== undefined) throw new Error(`it ended with ${end}`);
    if (signal?.aborted) throw new Error("interrupted");
    // Somebody else may have got the port, who takes connections and never answers.
    const healthy = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`${url} was not healthy within ${WITHIN_MS / 1000} s`);
}
