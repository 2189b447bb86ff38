import type { Socket } from "node:net";
import { plainLine } from "../answer.ts";

/** ip:port at the other end of a connected socket, brackets around IPv6. */
export function peerAddress(socket: Socket): string {
  const ip = socket.remoteFamily === "IPv6" ? `[${socket.remoteAddress}]` : socket.remoteAddress;
  return `${ip}:${socket.remotePort}`;
}

/** What went wrong on a connection, in one line. Errors of node's happy eyeballs say it only in their parts. */
export function describeError(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map((part: Error) => describeError(part)))].join("; ");
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && CERTIFICATE_ERRORS.test(code))
    return `certificate not accepted: ${error.message}`;
  return describeReason(error.message);
}

const CERTIFICATE_ERRORS = /CERT|SELF_SIGNED|UNABLE_TO_/;

/** The text of a connection error, with what to do in place of OpenSSL's line of internals. */
export function describeReason(text: string): string {
  if (/:wrong version number:|:packet length too long:/.test(text)) {
    return "the target does not speak TLS here; write http:// or set insecure";
  }
  return plainLine(text);
}
