/**
 * What a thousand replicas cost the ledger service: each pushes a statement a second, as large as a busy one's; one console hears the account,
 * the history and the rows each second. CPU time of the service's process over the run, by proc(5).
 *
 *   scripts/node bench/ledger.ts [--replicas 1000] [--seconds 30]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { perCounter } from "../ledger/counts.ts";
import { coarse, Latencies } from "../ledger/latency.ts";
import type { SignalStatement, Statement } from "../ledger/statement-schema.ts";

const { values: flags } = parseArgs({
  options: { replicas: { type: "string", default: "1000" }, seconds: { type: "string", default: "30" } },
});
const REPLICAS = Number(flags.replicas);
const SECONDS = Number(flags.seconds);
const TICKS_A_SECOND = 100;

const directory = mkdtempSync(join(tmpdir(), "stampede-bench-ledger-"));
const main = join(import.meta.dirname, "../cli/main.ts");
const service = spawn(
  process.execPath,
  [
    "--disable-warning=ExperimentalWarning",
    main,
    "ledger",
    "serve",
    "--listen=127.0.0.1:0",
    `--state-dir=${directory}`,
  ],
  { stdio: ["ignore", "ignore", "pipe"] },
);
try {
  const address = await new Promise<string>((resolve, reject) => {
    let text = "";
    service.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const found = /ledger on http:\/\/([\d.:]+)/.exec(text);
      if (found) resolve(found[1]!);
    });
    service.once("exit", () => reject(new Error(`the service ended:\n${text}`)));
  });
  let heardBytes = 0;
  const listener = http.get(`http://${address}/api/events?rows`, (response) =>
    response.on("data", (part: Buffer) => {
      heardBytes += part.length;
    }),
  );
  const agent = new http.Agent({ keepAlive: true, maxSockets: REPLICAS });
  const bodies = Array.from({ length: REPLICAS }, (_, n) => statementOf(n));
  let answered = 0;
  let refused = 0;
  const push = (n: number, sequence: number) => {
    const body = bodies[n]!.replace('"sequence":0', `"sequence":${sequence}`);
    const request = http.request(
      `http://${address}/api/statements`,
      { agent, method: "POST", headers: { "content-length": Buffer.byteLength(body) } },
      (response) => {
        if (response.statusCode === 200) answered++;
        else refused++;
        response.resume();
      },
    );
    request.on("error", () => refused++);
    request.end(body);
  };
  // The first second makes the connections, the second one is for the compiler.
  const warmUpSeconds = 2;
  let before = cpuSeconds();
  for (let second = 0; second < warmUpSeconds + SECONDS; second++) {
    if (second === warmUpSeconds) {
      before = cpuSeconds();
      answered = 0;
      heardBytes = 0;
    }
    const beganMs = performance.now();
    // Replicas do not speak all at once.
    const slices = 20;
    for (let slice = 0; slice < slices; slice++) {
      for (let n = slice; n < REPLICAS; n += slices) push(n, second);
      await sleep(Math.max(0, beganMs + ((slice + 1) * 1000) / slices - performance.now()));
    }
  }
  const used = cpuSeconds() - before;
  listener.destroy();
  agent.destroy();
  process.stdout.write(
    `${REPLICAS} replicas, ${SECONDS} s, statements of ${(bodies[0]!.length / 1000).toFixed(1)} kB: ${answered} answered, ${refused} refused; told ${(heardBytes / SECONDS / 1000).toFixed(0)} kB/s\n` +
      `CPU of the service: ${used.toFixed(2)} s, ${(used / SECONDS).toFixed(3)} of a core; resident ${(residentBytes() / 1e6).toFixed(0)} MB; ` +
      `state ${(statSync(join(directory, "account.jsonl")).size / 1e6).toFixed(1)} MB\n`,
  );
} finally {
  service.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
}

/** User and system time of the service. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${service.pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function residentBytes(): number {
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${service.pid}/status`, "latin1"))![1]) * 1024;
}

/** A statement of three signals with latencies from 1 to 100 ms over four collectors, as JSON. */
function statementOf(n: number): string {
  const latencies = new Latencies();
  for (let ms = 1; ms < 100; ms *= 1.01) latencies.record(ms);
  const signal: SignalStatement = {
    ...perCounter(() => 0),
    intended: 1_234_567,
    sent: 1_234_567,
    accepted: 1_234_567,
    latencyUs: coarse(latencies.counts()).flat(),
  };
  const target = { requests: 1234, accepted: 925_925, rejected: 0, failed: 0, inDoubt: 0 };
  const statement: Statement = {
    version: 1,
    life: n.toString(16).padStart(12, "0"),
    name: `replica-${n}/1`,
    sequence: 0,
    startedAt: new Date().toISOString(),
    state: "running",
    share: { index: n, count: REPLICAS },
    elapsedMs: 60_000,
    signals: { traces: signal, metrics: signal, logs: signal },
    targets: Object.fromEntries([1, 2, 3, 4].map((host) => [`10.0.0.${host}:4317`, target])),
    lagMs: 1,
    worstLagMs: 12,
    inFlight: 3,
    processes: 1,
    cpuSeconds: 12,
    rssBytes: 90e6,
    maxRssBytes: 95e6,
    incarnations: ["0123456789ab"],
    answers: [],
  };
  return JSON.stringify(statement);
}
