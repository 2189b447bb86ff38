/** The system's table of processes, for tests that end some of them and look whether others are gone. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The command line of a replayer process that fleet/local starts has this in it. */
export const REPLAYER = "fleet/local/worker.ts";

interface Listed {
  pid: number;
  parent: number;
  command: string;
}

function listed(): Listed[] {
  const table = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, command]) => ({
    pid: Number(pid),
    parent: Number(parent),
    command: command!,
  }));
}

/** Ids of the processes that one has started, of those whose command line has `word` in it. */
export function childrenOf(pid: number, word = ""): number[] {
  return listed()
    .filter(({ parent, command }) => parent === pid && command.includes(word))
    .map((child) => child.pid);
}

/** Ids of all that a process has started, and of what these have. */
export function descendantsOf(pid: number): number[] {
  const all = listed();
  const found = [pid];
  for (const id of found) found.push(...all.filter(({ parent }) => parent === id).map((child) => child.pid));
  return found.slice(1);
}

/** False too of a process that has ended and was not asked for its end yet. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
