/**
 * A ledger service in a process of its own, and replicas that are nothing but what they say to it: each pushes a statement a second, as
 * large as a busy one's, of a run that goes on.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startMain } from "../cli/test-process.ts";
import { perCounter } from "../ledger/counts.ts";
import { coarse, Latencies } from "../ledger/latency.ts";
import type { SignalStatement, Statement } from "../ledger/statement-schema.ts";
import { residentBytes } from "./resident.ts";

/** Replicas do not speak all at once. */
const SLICES = 20;
/** Stands in a statement where its numbers are to be put. */
const SENT = 1_234_567;
/** What a replica sends of each signal in a second. */
const PER_SECOND = 100;

export interface SpokenFleet {
  /** host:port of the service */
  address: string;
  /** Of the service. */
  pid: number;
  statementBytes: number;
  /** How statements were answered so far, since `speak` began last. */
  answered: number;
  refused: number;
  /** All replicas speak for so many seconds. */
  speak(seconds: number): Promise<void>;
  /** Of the service. */
  residentBytes(): number;
  /** What the service has written down. */
  stateBytes(): number;
  /** End the service, and remove what it has written. */
  stop(): void;
}

/** Start the service. Rejects when it ends before it listens. */
export async function startSpokenFleet(replicas: number): Promise<SpokenFleet> {
  const directory = mkdtempSync(join(tmpdir(), "stampede-bench-ledger-"));
  const service = startMain(["ledger", "serve", "--listen=127.0.0.1:0", `--state-dir=${directory}`]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: replicas });
  const stop = () => {
    agent.destroy();
    service.child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  const [, address] = await service.printed(/ledger on http:\/\/([\d.:]+)/).catch((error: unknown) => {
    stop();
    throw error;
  });
  const pid = service.child.pid!;
  const startedAt = new Date().toISOString();
  const bodies = Array.from({ length: replicas }, (_, n) => statementOf(n, replicas, startedAt));
  let second = 0;
  const push = (n: number) => {
    const body = bodies[n]!.replace('"sequence":0', `"sequence":${second}`)
      .replace('"elapsedMs":0', `"elapsedMs":${second * 1000}`)
      .replaceAll(String(SENT), String(SENT + second * PER_SECOND));
    const request = http.request(
      `http://${address}/api/statements`,
      { agent, method: "POST", headers: { "content-length": Buffer.byteLength(body) } },
      (response) => {
        if (response.statusCode === 200) fleet.answered++;
        else fleet.refused++;
        response.resume();
      },
    );
    request.on("error", () => fleet.refused++);
    request.end(body);
  };
  const fleet: SpokenFleet = {
    address: address!,
    pid,
    statementBytes: bodies[0]!.length,
    answered: 0,
    refused: 0,
    async speak(seconds) {
      fleet.answered = 0;
      fleet.refused = 0;
      for (const end = second + seconds; second < end; second++) {
        const beganMs = performance.now();
        for (let slice = 0; slice < SLICES; slice++) {
          for (let n = slice; n < replicas; n += SLICES) push(n);
          await sleep(Math.max(0, beganMs + ((slice + 1) * 1000) / SLICES - performance.now()));
        }
      }
    },
    residentBytes: () => residentBytes(pid),
    stateBytes: () => statSync(join(directory, "account.jsonl")).size,
    stop,
  };
  return fleet;
}

/** A statement of three signals with latencies from 1 to 100 ms over four collectors, as JSON. */
function statementOf(n: number, replicas: number, startedAt: string): string {
  const latencies = new Latencies();
  for (let ms = 1; ms < 100; ms *= 1.01) latencies.record(ms);
  const signal: SignalStatement = {
    ...perCounter(() => 0),
    intended: SENT,
    sent: SENT,
    accepted: SENT,
    latencyUs: coarse(latencies.counts()).flat(),
  };
  const target = { requests: 1234, accepted: 925_925, rejected: 0, failed: 0, inDoubt: 0 };
  const statement: Statement = {
    version: 1,
    life: n.toString(16).padStart(12, "0"),
    name: `replica-${n}/1`,
    sequence: 0,
    startedAt,
    state: "running",
    share: { index: n, count: replicas },
    elapsedMs: 0,
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
