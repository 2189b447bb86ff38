/**
 * What a fleet weighs that is there and sends nothing: memory, CPU and start of n replicas on one machine.
 *
 *   scripts/node bench/fleet/footprint.ts [replicas] [seconds] [-- node flags and other words in place of scripts/stampede]
 *
 * Each replica is started as from a shell, over templates that are frozen already, before a receiver of this machine. A first one warms
 * the caches and is not counted. Printed as JSON:
 *
 *   startMs      from the start of the process until it says what it sends, which is when it begins; one replica after the other
 *   pssBytes     memory, what is shared counted in parts (proc(5), smaps_rollup); private: what no other process has
 *   cpuShare     of one core, of all replicas while they are idle
 *   wakeups      voluntary context switches a second of all threads of all replicas
 *
 * Linux only.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startReceiver } from "../../sink/discard/start-receiver.ts";
import { cpuSecondsOf } from "../process-usage.ts";
import { spreadOf } from "../statistics.ts";

const STAMPEDE = fileURLToPath(new URL("../../scripts/stampede", import.meta.url));
/** What they would send together. */
const RATE = "10000";
/** Until what starting left behind is done: collections of garbage, threads that end. */
const SETTLE_MS = 3000;

interface Started {
  child: ChildProcess;
  startMs: number;
}

const words = process.argv.slice(2);
const replicas = Number(words[0] ?? 5);
const seconds = Number(words[1] ?? 20);
const [command = STAMPEDE, ...before] = words.slice(3);

const receiver = await startReceiver();
const endpoint = `http://127.0.0.1:${receiver.ports.grpc}`;
const running: Started[] = [];
try {
  await end(await start(0, 1));
  for (let index = 0; index < replicas; index++) running.push(await start(index, replicas));
  await sleep(SETTLE_MS);
  const pids = running.map(({ child }) => child.pid!);
  const first = pids.map(usageOf);
  const beganMs = performance.now();
  await sleep(seconds * 1000);
  const last = pids.map(usageOf);
  const spent = (performance.now() - beganMs) / 1000;
  const grown = (of: keyof Usage) => last.reduce((sum, usage, at) => sum + usage[of] - first[at]![of], 0);
  const memory = pids.map(memoryOf);
  const sum = (of: keyof Memory) => memory.reduce((all, one) => all + one[of], 0);
  const startMs = running.map((one) => Math.round(one.startMs));
  const result = {
    replicas,
    startMs: spreadOf(startMs),
    pssBytes: sum("pssBytes"),
    pssBytesEach: Math.round(sum("pssBytes") / replicas),
    privateBytesEach: Math.round(sum("privateBytes") / replicas),
    rssBytesEach: Math.round(sum("rssBytes") / replicas),
    cpuShare: grown("cpuSeconds") / spent,
    wakeupsPerSecondEach: grown("wakeups") / spent / replicas,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await Promise.all(running.map(end));
  receiver.stop();
}

/** Start a replica and wait until it begins. */
async function start(index: number, count: number): Promise<Started> {
  const args = [
    "replay",
    "--paused",
    "--endpoint",
    endpoint,
    "--rate",
    RATE,
    "--replica",
    `${index}/${count}`,
  ];
  const beganMs = performance.now();
  const child = spawn(command, [...before, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface(child.stderr!)) {
    if (!line.includes('"msg":"sending ')) continue;
    // What comes later nobody reads, and nobody has to.
    child.stderr!.resume();
    return { child, startMs: performance.now() - beganMs };
  }
  throw new Error(`replica ${index} of ${count} ended before it sent`);
}

async function end({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

interface Usage {
  cpuSeconds: number;
  wakeups: number;
}

function usageOf(pid: number): Usage {
  const wakeups = readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1"))
    .reduce((all, status) => all + Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0), 0);
  return { cpuSeconds: cpuSecondsOf(pid), wakeups };
}

interface Memory {
  pssBytes: number;
  privateBytes: number;
  rssBytes: number;
}

function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) * 1024;
  return {
    pssBytes: bytes("Pss"),
    privateBytes: bytes("Private_Clean") + bytes("Private_Dirty"),
    rssBytes: bytes("Rss"),
  };
}
