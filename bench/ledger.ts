/**
 * What a thousand replicas cost the ledger service: each pushes a statement a second, as large as a busy one's; one console hears the account,
 * the history and the rows each second. CPU time of the service's process over the run, by proc(5).
 *
 *   scripts/node bench/ledger.ts [--replicas 1000] [--seconds 30]
 */
import http from "node:http";
import { parseArgs } from "node:util";
import { cpuSecondsOf } from "./process-usage.ts";
import { startSpokenFleet } from "./spoken-fleet.ts";

const { values: flags } = parseArgs({
  options: { replicas: { type: "string", default: "1000" }, seconds: { type: "string", default: "30" } },
});
const seconds = Number(flags.seconds);
/** The first second makes the connections, the second one is for the compiler. */
const WARM_UP_SECONDS = 2;

const fleet = await startSpokenFleet(Number(flags.replicas));
try {
  let heardBytes = 0;
  const listener = http.get(`http://${fleet.address}/api/events?rows`, (response) =>
    response.on("data", (part: Buffer) => {
      heardBytes += part.length;
    }),
  );
  await fleet.speak(WARM_UP_SECONDS);
  heardBytes = 0;
  const before = cpuSecondsOf(fleet.pid);
  await fleet.speak(seconds);
  const used = cpuSecondsOf(fleet.pid) - before;
  listener.destroy();
  process.stdout.write(
    `${flags.replicas} replicas, ${seconds} s, statements of ${(fleet.statementBytes / 1000).toFixed(1)} kB: ${fleet.answered} answered, ${fleet.refused} refused; told ${(heardBytes / seconds / 1000).toFixed(0)} kB/s\n` +
      `CPU of the service: ${used.toFixed(2)} s, ${(used / seconds).toFixed(3)} of a core; resident ${(fleet.residentBytes() / 1e6).toFixed(0)} MB; ` +
      `state ${(fleet.stateBytes() / 1e6).toFixed(1)} MB\n`,
  );
} finally {
  fleet.stop();
}
