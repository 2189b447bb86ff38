import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from "node:tls";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import type { Endpoint } from "../../endpoint.ts";
import type { TlsMaterial } from "../../tls.ts";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/**
 * Credentials for a channel over TLS, with a handshake of our own.
 *
 * grpc-js 1.14 sends the host as server name even when it is an IP address, which TLS has no room for (RFC 6066, 3) and
 * Node 26 refuses: no address could be connected to. The certificate is verified against the address all the same.
 */
export function tlsCredentials(endpoint: Endpoint, tls: TlsMaterial): ChannelCredentials {
  const { rejectUnauthorized = true, ...material } = tls;
  const context = createSecureContext(material);
  const channel = credentials.createFromSecureContext(context, { rejectUnauthorized });
  const { host } = endpoint;
  const options = {
    host,
    secureContext: context,
    rejectUnauthorized,
    ALPNProtocols: ["h2"],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
  const createConnector = channel._createSecureConnector.bind(channel);
  channel._createSecureConnector = (...words): SecureConnector => {
    const connector = createConnector(...words);
    connector.connect = async (socket) => ({ socket: await handshake(socket, options), secure: true });
    return connector;
  };
  return channel;
}

function handshake(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect({ ...options, socket });
    const onClose = (): void =>
      reject(new Error("the connection was closed in the middle of the TLS handshake"));
    secured.once("error", reject);
    secured.once("close", onClose);
    secured.once("secureConnect", () => {
      secured.off("error", reject);
      secured.off("close", onClose);
      resolve(secured);
    });
  });
}
