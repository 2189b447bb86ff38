import { setTimeout as sleep } from "node:timers/promises";
import { plainLine } from "../answer.ts";
import { type Endpoint, formatEndpoint, placeOf } from "../endpoint.ts";
import { addressesOf } from "./balance/addresses.ts";
import type { Target } from "./contract.ts";
import { type Reach, reach } from "./reach.ts";

export interface WaitOptions {
  /** Give up after this long, ms; Infinity for never. At least one attempt is made, which may take a second. */
  timeoutMs: number;
  /** Called after each attempt that failed, with its reason (one line) and the time spent so far in ms. */
  onWaiting?: (reason: string, elapsedMs: number) => void;
  /** Stop waiting at once. */
  signal?: AbortSignal;
}

/** An address that could not be connected to, and why. */
export interface Missing {
  place: string;
  reason: string;
}

/** How waiting ended. Of several addresses one is enough; `missing` are those that had not been reached by then. */
export type WaitResult =
  | { reached: true; address: string; missing: Missing[] }
  | { reached: false; reason: string; aborted: boolean };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** Of one attempt: packets into the void must not use up the whole wait, and a name may come to stand for another address. */
const LONGEST_ATTEMPT_MS = 5_000;
const SHORTEST_ATTEMPT_MS = 1_000;
/** Once one address is reached the others have so long to say that they are there too. */
const OTHERS_MS = 500;

/**
 * Wait until a connection to the target can be made, to one of its addresses where it has several, TLS handshake included where
 * the endpoint asks for it. Sends nothing. Never throws.
 */
export async function waitForTarget(target: Target, options: WaitOptions): Promise<WaitResult> {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const attemptMs = Math.min(
      LONGEST_ATTEMPT_MS,
      Math.max(SHORTEST_ATTEMPT_MS, options.timeoutMs - elapsed()),
    );
    const { address, missing } = await attempt(target, attemptMs, options.signal);
    if (address !== undefined) return { reached: true, address, missing };
    const reason = plainLine([...new Set(missing.map((one) => one.reason))].join("; "));
    if (options.signal?.aborted) return { reached: false, reason, aborted: true };
    if (elapsed() >= options.timeoutMs) return { reached: false, reason, aborted: false };
    options.onWaiting?.(reason, elapsed());
    const restMs = Math.max(0, Math.min(pauseMs, options.timeoutMs - elapsed()));
    await sleep(restMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Try all addresses at once. */
async function attempt(
  target: Target,
  attemptMs: number,
  signal: AbortSignal | undefined,
): Promise<{ address?: string; missing: Missing[] }> {
  const missing: Missing[] = [];
  const endpoints = (await Promise.all(target.endpoints.map((one) => spread(one, missing)))).flat();
  const enough = new AbortController();
  const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const found: (Reach | undefined)[] = endpoints.map(() => undefined);
  const tries = endpoints.map(async (endpoint, at) => {
    const outcome = await reach({ ...target, endpoint }, attemptMs, stop);
    found[at] = outcome;
    if ("reason" in outcome) throw new Error(outcome.reason);
    return outcome.address;
  });
  const all = Promise.allSettled(tries);
  const address = await Promise.any(tries).catch(() => undefined);
  // Without an address all of them have failed by now.
  if (address !== undefined) await Promise.race([all, sleep(OTHERS_MS)]);
  for (const [at, endpoint] of endpoints.entries()) {
    const outcome = found[at] ?? { reason: "no answer yet" };
    if ("reason" in outcome) missing.push({ place: placeOf(endpoint), reason: outcome.reason });
  }
  enough.abort();
  return address === undefined ? { missing } : { address, missing };
}

/** The endpoints that stand behind one: those of its addresses, where all of a name are meant. A name without any is missing. */
async function spread(endpoint: Endpoint, missing: Missing[]): Promise<Endpoint[]> {
  if (!endpoint.dns) return [endpoint];
  try {
    const addresses = await addressesOf(endpoint.host, endpoint.dns);
    return addresses.map((address) => ({ ...endpoint, address }));
  } catch (error) {
    missing.push({ place: formatEndpoint(endpoint), reason: (error as Error).message });
    return [];
  }
}
