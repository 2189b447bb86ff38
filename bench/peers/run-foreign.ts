/** A program of others, run and measured from outside: CPU time by the shell that waits for it, memory by looking at it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ForeignFigures {
  /** User and system time, from start to end. */
  cpuSeconds: number;
  seconds: number;
  /** 0 where the operating system does not tell. */
  maxRssBytes: number;
  stdout: string;
}

/** Tell the process's id, wait for it, then what the operating system has booked for it. POSIX. */
const SCRIPT = '"$@" 2>&4 3>&- & echo $! >&3; wait $!; code=$?; times >&3; exit $code';
const LOOK_MS = 100;

/** Run a command to its end. Throws, with its last words, when it fails. */
export async function runForeign(
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ForeignFigures> {
  const began = performance.now();
  const child = spawn("sh", ["-c", SCRIPT, "sh", ...command], {
    stdio: ["ignore", "pipe", "ignore", "pipe", "pipe"],
    env: { ...process.env, ...variables },
  });
  const [stdout, told, stderr] = [1, 3, 4].map((fd) => collect(child.stdio[fd] as NodeJS.ReadableStream));
  let maxRssBytes = 0;
  const looks = setInterval(() => {
    const pid = Number.parseInt(told!.text, 10);
    maxRssBytes = Math.max(maxRssBytes, peakRssOf(pid));
  }, LOOK_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(looks);
  if (code !== 0) {
    throw new Error(
      `${command[0]} ended with ${code}: ${`${stderr!.text}${stdout!.text}`.trim().slice(-500)}`,
    );
  }
  return {
    cpuSeconds: childSeconds(told!.text),
    seconds: (performance.now() - began) / 1000,
    maxRssBytes,
    stdout: stdout!.text,
  };
}

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: "" };
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    collected.text += text;
  });
  return collected;
}

/** The last line of `times`: user and system time of children, `0m1.230s 0m0.450s`. */
function childSeconds(told: string): number {
  const line = told.trim().split("\n").at(-1)!;
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

function peakRssOf(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // It has not begun, is gone already, or this is not Linux.
    return 0;
  }
}
