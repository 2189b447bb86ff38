import { connect, type NetConnectOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import type { Endpoint } from "../endpoint.ts";
import type { Protocol } from "../protocol.ts";
import type { TlsMaterial } from "../tls.ts";
import { tlsOptions } from "./tls-options.ts";

/** Hears of bytes that came: the first `length` of `memory`, which are gone after the call. */
export type OnRead = (memory: Buffer, length: number) => void;

const TCP_KEEP_ALIVE_MS = 1000;

/**
 * Begin to connect to an endpoint, with TLS where it asks for it: `connect`, or `secureConnect`, tells when the connection stands.
 * options  of node:net, beside host and port
 */
export function openSocket(
  endpoint: Endpoint,
  protocol: Protocol,
  tls: TlsMaterial | undefined,
  options: Partial<TcpNetConnectOpts> = {},
): Socket {
  const { host, port, secure, address } = endpoint;
  const all = { ...options, host: address ?? host, port };
  if (!secure) return connect(all as NetConnectOpts);
  // TLS costs memory, so it is loaded for endpoints that are secure.
  const { connect: connectTls } = process.getBuiltinModule("node:tls");
  return connectTls({ ...all, ...tlsOptions(endpoint, protocol, tls) });
}

/**
 * For a connection that carries requests. What comes is read into one piece of memory of `readBytes`, made once, and handed to
 * `onRead`; nothing is emitted as data.
 */
export function readingInto(readBytes: number, onRead: OnRead): Partial<TcpNetConnectOpts> {
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const callback = (length: number): boolean => {
    onRead(buffer, length);
    return true;
  };
  return {
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    onread: { buffer, callback },
  };
}
