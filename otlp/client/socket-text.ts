import type { Socket } from "node:net";

/** ip:port at the other end of a connected socket, brackets around IPv6. */
export function peerAddress(socket: Socket): string {
  const ip = socket.remoteFamily === "IPv6" ? `[${socket.remoteAddress}]` : socket.remoteAddress;
  return `${ip}:${socket.remotePort}`;
}

/**
 * What went wrong on a connection, in one line with something to do where the error itself is a riddle.
 * Errors of node's happy eyeballs say it only in their parts.
 */
export function describeError(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map((part: Error) => describeError(part)))].join("; ");
  }
  const { code } = error as NodeJS.ErrnoException;
  // OpenSSL's own text is a line of internals; this is what a server without TLS looks like from here.
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return "the target does not speak TLS here; write http:// or set insecure";
  }
  if (code !== undefined && CERTIFICATE_ERRORS.test(code))
    return `certificate not accepted: ${error.message}`;
  return error.message;
}

const CERTIFICATE_ERRORS = /CERT|SELF_SIGNED|UNABLE_TO_/;
