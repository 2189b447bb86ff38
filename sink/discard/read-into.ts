/**
 * Reading connections into one buffer that all of them share, for who looks at bytes once and keeps none.
 *
 * A connection that a server accepted allocates 64 KiB for each read, which costs a receiver four times the CPU of the reading itself.
 * Sockets that one opens can be given a buffer (`onread`), accepted ones cannot, so the accepted one's handle is moved to a socket that
 * has one. `_handle` and the option `handle` are Node's own and in no manual; where they are gone, reading falls back to events.
 */
import { Socket, type SocketConstructorOpts } from "node:net";

const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

interface Accepted {
  _handle?: object | null;
}

/** A way to read a connection: gives what comes to `onBytes`, returns the socket to write to. */
export type Read = (accepted: Socket, onBytes: (bytes: Buffer) => void) => Socket;

/**
 * Have what comes on an accepted connection given to `onBytes`; what it is given is valid during the call. The server must have
 * `pauseOnConnect`. Returns the socket to write to.
 */
export function readInto(accepted: Socket, onBytes: (bytes: Buffer) => void): Socket {
  const handle = (accepted as Accepted)._handle;
  if (!handle) return readEvents(accepted, onBytes);
  (accepted as Accepted)._handle = null;
  // Nothing is left of it; its server need not count it any more.
  accepted.destroy();
  const callback = (length: number): boolean => {
    onBytes(SHARED.subarray(0, length));
    return true;
  };
  const socket = new Socket({ handle, onread: { buffer: SHARED, callback } } as SocketConstructorOpts);
  socket.on("error", () => undefined);
  socket.resume();
  return socket;
}

/** The same, the usual way. */
export function readEvents(socket: Socket, onBytes: (bytes: Buffer) => void): Socket {
  socket.on("error", () => undefined);
  socket.on("data", onBytes);
  socket.resume();
  return socket;
}
