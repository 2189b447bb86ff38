/** V8's sampling profiler over a stretch of a process's life. */

import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";

/** Fine enough for functions that take a microsecond a request, over seconds. */
const INTERVAL_US = 100;

/** Begin to sample the main thread. */
export async function startProfile(): Promise<{ stop(): Promise<Profiler.Profile> }> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await session.post("Profiler.start");
  return {
    async stop() {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      return profile;
    },
  };
}
