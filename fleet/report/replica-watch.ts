/**
 * When are all replicas done? Either a number of reports is expected, or the replicas are those that DNS shows: containers
 * and Pods are under their service's name exactly as long as they run.
 */
import { addressesOf } from "./addresses.ts";
import { listReports } from "./replica-reports.ts";

export interface ReplicaWatch {
  directory: string;
  /** Reports that were there before the run, not to be counted. */
  known: ReadonlySet<string>;
  /** How many reports make the fleet complete. */
  expected?: number;
  /** DNS name of the replicas; with `expected` as well, the number counts and DNS tells when to give up. */
  dnsName?: string;
  /** How long to wait for the first replica under `dnsName`. */
  appearWithinMs: number;
  /** Called between looks, about once a second. */
  eachSecond: () => Promise<void>;
  /** Aborting ends the wait; what is there by then counts. */
  signal: AbortSignal;
}

export interface Replicas {
  /** Names of the reports, of this run only. */
  reports: string[];
  /** How many replicas there were, reports or not. */
  expected: number;
}

/** A name goes for a moment when a container starts again; gone for so long it is over. */
const GONE_AFTER_LOOKS = 3;

/**
 * Wait until all replicas have written their reports or are gone. With neither a number nor a name, what is there counts.
 */
export async function waitForReplicas(watch: ReplicaWatch): Promise<Replicas> {
  const seen = new Set<string>();
  const startedMs = performance.now();
  let looksWithout = 0;
  for (;;) {
    const reports = listReports(watch.directory).filter((name) => !watch.known.has(name));
    const expected = watch.expected ?? (watch.dnsName === undefined ? reports.length : seen.size);
    const complete =
      watch.dnsName === undefined ? reports.length >= expected : looksWithout >= GONE_AFTER_LOOKS;
    if (complete || watch.signal.aborted) return { reports, expected };

    if (watch.dnsName !== undefined) {
      const addresses = await addressesOf(watch.dnsName);
      for (const address of addresses) seen.add(address);
      const someCame = seen.size > 0 || reports.length > 0;
      const late = performance.now() - startedMs > watch.appearWithinMs;
      looksWithout = addresses.length === 0 && (someCame || late) ? looksWithout + 1 : 0;
    }
    await watch.eachSecond();
    await pause(1000, watch.signal);
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
