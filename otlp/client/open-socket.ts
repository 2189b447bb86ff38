import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { Endpoint } from "../endpoint.ts";
import type { Protocol } from "../protocol.ts";
import type { TlsMaterial } from "../tls.ts";
import { tlsOptions } from "./tls-options.ts";

/** Hears of bytes that came: the first `length` of `memory`, which are gone after the call. */
export type OnRead = (memory: Buffer, length: number) => void;

const TCP_KEEP_ALIVE_MS = 1000;

/**
 * Begin to connect to an endpoint, with TLS where it asks for it: `connect`, or `secureConnect`, tells when the connection stands.
 *
 * What comes is read into one piece of memory of `readBytes`, made once, and handed to `onRead`; nothing is emitted as data.
 */
export function openSocket(
  endpoint: Endpoint,
  protocol: Protocol,
  tls: TlsMaterial,
  readBytes: number,
  onRead: OnRead,
): Socket {
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const callback = (length: number): boolean => {
    onRead(buffer, length);
    return true;
  };
  const options = {
    host: endpoint.address ?? endpoint.host,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    onread: { buffer, callback },
  };
  if (!endpoint.secure) return connect(options as NetConnectOpts);
  // TLS costs memory, so it is loaded for endpoints that are secure.
  const { connect: connectTls } = process.getBuiltinModule("node:tls");
  return connectTls({ ...options, ...tlsOptions(endpoint, protocol, tls) });
}
