import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Endpoint } from "../../endpoint.ts";
import type { TlsMaterial } from "../../tls.ts";
import { http, https } from "../node-http.ts";
import { peerAddress } from "../socket-text.ts";

/** ip:port of every socket whose connection (and TLS session) stands; what is not in here was never written to. */
const addresses = new WeakMap<Duplex, string>();

/** Where a socket is connected to, or undefined as long as it is not. */
export function addressOf(socket: Duplex | null | undefined): string | undefined {
  return socket ? addresses.get(socket) : undefined;
}

/**
 * The pool of kept-alive connections to one endpoint. It opens a connection whenever a request finds none free, so
 * their number is that of the requests in flight; the free one used last goes first, so that idle ones can time out.
 */
export function openConnections(endpoint: Endpoint, tls: TlsMaterial): Agent {
  const options = { keepAlive: true, scheduling: "lifo" as const, maxFreeSockets: 1024 };
  const agent = endpoint.secure ? new (https().Agent)({ ...options, ...tls }) : new http.Agent(options);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (connect, callback) => {
    const socket = create(connect, callback);
    if (socket) noteAddress(socket as TLSSocket, endpoint.secure ? "secureConnect" : "connect");
    return socket;
  };
  return agent;
}

function noteAddress(socket: TLSSocket, standing: "connect" | "secureConnect"): void {
  socket.once(standing, () => {
    addresses.set(socket, peerAddress(socket));
  });
}
