import type { TargetSettings } from "./contract.ts";
import { openSocket } from "./open-socket.ts";
import { describeError, peerAddress } from "./socket-text.ts";

/** How long a target has to refuse our certificate, where it says nothing to the contrary: several round trips. */
const VERDICT_MS = 500;

const CLOSED = "the connection was closed at once";
/** Some targets say nothing when a client's certificate is not theirs. */
const CLOSED_AFTER_HANDSHAKE =
  "TLS: the target hung up right after the handshake; does it want a client certificate, or another one (--cert and --key)?";

/** What an attempt to connect came to: ip:port of the other end, or why there is none. */
export type Reach = { address: string } | { reason: string };

/**
 * Connect to an endpoint once, TLS handshake included where it asks for it, and hang up. Sends nothing, so it says that somebody
 * listens there, not that it understands OTLP. Never throws.
 *
 * limitMs  for the whole of it
 * signal   gives it up at once
 */
export function reach(
  target: Pick<TargetSettings, "endpoint" | "protocol" | "tls">,
  limitMs: number,
  signal?: AbortSignal,
): Promise<Reach> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve({ reason: "stopped" });
    const socket = openSocket(target.endpoint, target.protocol, target.tls);
    let verdict: NodeJS.Timeout | undefined;
    const finish = (outcome: Reach): void => {
      clearTimeout(timer);
      clearTimeout(verdict);
      signal?.removeEventListener("abort", onAbort);
      socket.on("error", () => undefined);
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = (): void => finish({ reason: "stopped" });
    const timer = setTimeout(
      () => finish({ reason: `no answer within ${Math.ceil(limitMs) / 1000} s` }),
      limitMs,
    );
    signal?.addEventListener("abort", onAbort);
    if (target.endpoint.secure) {
      socket.once("secureConnect", () => {
        const address = peerAddress(socket);
        const isReached = (): void => finish({ address });
        // In TLS 1.3 our side is done before the target has looked at our certificate. Its session ticket says that it was content,
        // its alert that it was not; not every target sends tickets.
        socket.once("session", isReached);
        verdict = setTimeout(isReached, VERDICT_MS);
      });
    } else socket.once("connect", () => finish({ address: peerAddress(socket) }));
    socket.once("error", (error) => finish({ reason: describeError(error) }));
    socket.once("close", () => finish({ reason: verdict === undefined ? CLOSED : CLOSED_AFTER_HANDSHAKE }));
  });
}
