import type { ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";

/** Calls on a connection that is at its end wait this long for the news, at most. */
const LISTEN_EVERY_MS = 250;

/**
 * See to it that the end of a connection is noticed when it is being closed already.
 *
 * A session that is closing, by a GOAWAY of the target or by us, and then gets bytes that are no HTTP/2, says nothing about them: it
 * wants no more bytes, and Node stops to read its socket, so that the end of the connection is not seen either. The socket would stay
 * in CLOSE-WAIT, and the calls on it wait for their deadline. Reading on is enough: what comes is cast away, the end is heard.
 * Source: `MaybeStopReading` in node_http2.cc, Node 24 to 26.
 *
 * socket  the one below the session
 */
export function hearTheEnd(session: ClientHttp2Session, socket: Socket): void {
  const timer = setInterval(() => {
    // Otherwise Node stops and goes on by itself, while it writes.
    if (session.closed) nativeSocket(socket)?.readStart?.();
  }, LISTEN_EVERY_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

/** The native half of a socket, below which HTTP/2 reads and writes; null once it is closed. */
function nativeSocket(socket: Socket): { readStart?: () => number } | null | undefined {
  return (socket as unknown as { _handle?: { readStart?: () => number } | null })._handle;
}
