/**
 * The most memory that this process has held.
 *
 * Not getrusage's ru_maxrss alone: Linux hands that on from the process that started this one, over fork and exec, so a replayer of 80 MB
 * which was started by a program of 200 MB would claim 200. The status file of proc(5) counts from exec on.
 */
import { readFileSync } from "node:fs";

/** Largest resident set so far, bytes. */
export function peakMemoryBytes(): number {
  return (peakOfStatus() ?? process.resourceUsage().maxRSS) * 1024;
}

/** VmHWM in KiB; undefined where there is no such file. */
function peakOfStatus(): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes);
  } catch {
    return undefined;
  }
}
