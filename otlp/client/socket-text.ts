import type { Socket } from "node:net";
import { plainLine } from "../answer.ts";
import { describeTlsFailure } from "./tls-failure.ts";

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
  return describeTlsFailure(error) ?? plainLine(error.message);
}
