import { connect, isIP, type Socket } from "node:net";
import type { TargetSettings } from "./contract.ts";
import { describeError, peerAddress } from "./socket-text.ts";

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
    const socket = openSocket(target);
    const finish = (outcome: Reach): void => {
      clearTimeout(timer);
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
    socket.once(target.endpoint.secure ? "secureConnect" : "connect", () =>
      finish({ address: peerAddress(socket) }),
    );
    socket.once("error", (error) => finish({ reason: describeError(error) }));
    socket.once("close", () => finish({ reason: "the connection was closed at once" }));
  });
}

function openSocket({
  endpoint,
  protocol,
  tls,
}: Pick<TargetSettings, "endpoint" | "protocol" | "tls">): Socket {
  const { port, secure } = endpoint;
  const host = endpoint.address ?? endpoint.host;
  if (!secure) return connect({ host, port });
  const ALPNProtocols = [protocol === "grpc" ? "h2" : "http/1.1"];
  // SNI takes names only.
  const servername = isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {};
  // TLS costs memory, so it is loaded for endpoints that are secure.
  const { connect: connectTls } = process.getBuiltinModule("node:tls");
  return connectTls({ host, port, ALPNProtocols, ...servername, ...tls });
}
