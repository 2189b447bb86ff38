/**
 * How many bytes request bodies take on the wire with grpc-js, which compresses inside and tells nobody.
 *
 * Node announces on a diagnostics channel every chunk that an HTTP/2 client stream hands to its session: the framed,
 * compressed message. The chunks of a method and authority add up here, and `take` hands over what came since it was
 * last called. So a single answer may be told some bytes of its neighbour's; the sum over all answers is exact.
 * (Two transports of a process to one authority share a count: an uncompressed one would add to the other's.)
 * Nothing of it runs before the first meter is made; uncompressed bodies need no meter, their size is known.
 */
import { subscribe } from "node:diagnostics_channel";
import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";

/** Counts the bodies of one method at one authority, for all transports of the process. */
export interface BodyMeter {
  /** Body bytes handed to connections since the last call. */
  take(): number;
}

interface Count {
  bytes: number;
}

const counts = new Map<string, Count>();
const countOfStream = new WeakMap<ClientHttp2Stream, Count>();
let listening = false;

/** A meter for the bodies that go to `path` (a gRPC method) at `authority` (host:port, as in the :authority header). */
export function bodyMeter(authority: string, path: string): BodyMeter {
  listen();
  const key = authority + path;
  const count = counts.get(key) ?? { bytes: 0 };
  counts.set(key, count);
  return {
    take: () => {
      const { bytes } = count;
      count.bytes = 0;
      return bytes;
    },
  };
}

function listen(): void {
  if (listening) return;
  listening = true;
  subscribe("http2.client.stream.created", (message) => {
    const { stream, headers } = message as { stream: ClientHttp2Stream; headers: OutgoingHttpHeaders };
    const count = counts.get(`${headers[":authority"]}${headers[":path"]}`);
    if (count) countOfStream.set(stream, count);
  });
  subscribe("http2.client.stream.bodyChunkSent", (message) => {
    const sent = message as { stream: ClientHttp2Stream; data: Chunk | { chunk: Chunk }[] };
    const count = countOfStream.get(sent.stream);
    if (count) count.bytes += chunkBytes(sent.data);
  });
}

type Chunk = Uint8Array | string;

/** A chunk, or what a corked stream collected: an array of them. */
function chunkBytes(data: Chunk | { chunk: Chunk }[]): number {
  if (!Array.isArray(data)) return Buffer.byteLength(data);
  let bytes = 0;
  for (const part of data) bytes += Buffer.byteLength("chunk" in part ? part.chunk : part);
  return bytes;
}
