/** What the system says of another process. Linux only. */
import { readFileSync } from "node:fs";

const CLOCK_TICKS = 100;

/** User and system time of all its threads so far, seconds, in steps of 10 ms; children that have ended are not in it. */
export function cpuSecondsOf(pid: number): number {
  // The name before it is in brackets and may hold anything. Then: user and system time are fields 14 and 15 of the line, proc(5).
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
