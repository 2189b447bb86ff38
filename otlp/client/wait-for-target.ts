import { connect, isIP, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import type { TargetSettings } from "./contract.ts";
import { describeError, peerAddress } from "./socket-text.ts";

export interface WaitOptions {
  /** Give up after this long, ms; Infinity for never. At least one attempt is made, which may take a second. */
  timeoutMs: number;
  /** Called after each attempt that failed, with its reason (one line) and the time spent so far in ms. */
  onWaiting?: (reason: string, elapsedMs: number) => void;
  /** Stop waiting at once. */
  signal?: AbortSignal;
}

/** How waiting ended. */
export type WaitResult =
  | { reached: true; address: string }
  | { reached: false; reason: string; aborted: boolean };

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** Of one attempt: packets into the void must not use up the whole wait, and a name may come to stand for another address. */
const LONGEST_ATTEMPT_MS = 5_000;
const SHORTEST_ATTEMPT_MS = 1_000;

/**
 * Wait until a connection to the target can be made, TLS handshake included where the endpoint asks for it.
 * Sends nothing, so it says that somebody listens there, not that it understands OTLP. Never throws.
 */
export async function waitForTarget(target: TargetSettings, options: WaitOptions): Promise<WaitResult> {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const attemptMs = Math.min(
      LONGEST_ATTEMPT_MS,
      Math.max(SHORTEST_ATTEMPT_MS, options.timeoutMs - elapsed()),
    );
    const outcome = await attempt(target, attemptMs, options.signal);
    if ("address" in outcome) return { reached: true, address: outcome.address };
    const { reason } = outcome;
    if (options.signal?.aborted) return { reached: false, reason, aborted: true };
    if (elapsed() >= options.timeoutMs) return { reached: false, reason, aborted: false };
    options.onWaiting?.(reason, elapsed());
    const restMs = Math.max(0, Math.min(pauseMs, options.timeoutMs - elapsed()));
    await sleep(restMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

type Outcome = { address: string } | { reason: string };

function attempt(
  target: TargetSettings,
  attemptMs: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve({ reason: "stopped" });
    const socket = openSocket(target);
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.on("error", () => undefined);
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = (): void => finish({ reason: "stopped" });
    const timer = setTimeout(
      () => finish({ reason: `no answer within ${Math.ceil(attemptMs) / 1000} s` }),
      attemptMs,
    );
    signal?.addEventListener("abort", onAbort);
    socket.once(target.endpoint.secure ? "secureConnect" : "connect", () =>
      finish({ address: peerAddress(socket) }),
    );
    socket.once("error", (error) => finish({ reason: describeError(error) }));
    socket.once("close", () => finish({ reason: "the connection was closed at once" }));
  });
}

function openSocket({ endpoint, protocol, tls }: TargetSettings): Socket {
  const { host, port, secure } = endpoint;
  if (!secure) return connect({ host, port });
  const ALPNProtocols = [protocol === "grpc" ? "h2" : "http/1.1"];
  // SNI takes names only.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, ALPNProtocols, ...servername, ...tls });
}
