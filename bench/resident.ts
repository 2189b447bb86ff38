/** Memory of processes that run, from proc(5). */
import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes of a process and of all that it has started; 0 when it is gone. */
export function residentBytes(pid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const belongs = (one: number | undefined): boolean =>
    one !== undefined && (one === pid || belongs(parents.get(one)));
  return [...parents.keys()].filter(belongs).reduce((sum, one) => sum + residentOf(one), 0);
}

function parentOf(pid: string): number | undefined {
  // The name before it is in brackets and may hold anything.
  const fields = read(`/proc/${pid}/stat`);
  return fields === undefined ? undefined : Number(fields.slice(fields.lastIndexOf(")") + 2).split(" ")[1]);
}

function residentOf(pid: number): number {
  const kibibytes = /^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Undefined when the process has ended meanwhile. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
