import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { GrpcCode } from "../grpc-codes.ts";
import type { Compression } from "./handler.ts";

/** Why a request was refused before any handler saw it. `httpStatus` where HTTP has a more exact word. */
export class RequestError extends Error {
  override name = "RequestError";
  readonly code: GrpcCode;
  readonly httpStatus: number | undefined;

  constructor(code: GrpcCode, message: string, httpStatus?: number) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/** A body above the limit: RESOURCE_EXHAUSTED without a hint, which no client may retry; 413 over HTTP. */
export function bodyTooLarge(limit: number): RequestError {
  return new RequestError("RESOURCE_EXHAUSTED", `the request is larger than ${limit} bytes`, 413);
}

/** Chunks of one body as they arrive; memory grows with what came, never with what was announced. */
export class BodyCollector {
  length = 0;
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a chunk. False when the body is now above the limit; the chunks are let go. */
  push(chunk: Buffer): boolean {
    this.length += chunk.length;
    if (this.length > this.#limit) {
      this.#chunks.length = 0;
      return false;
    }
    this.#chunks.push(chunk);
    return true;
  }

  /** The whole body; a copy unless it came in one piece. */
  take(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.length);
  }
}

/** What is read at once of a request that is to be read slowly. */
const PIECE_BYTES = 16 * 1024;

/**
 * All of a body, piece by piece, with a pause after each: the connection's windows fill up meanwhile. Undefined when the client
 * went away before its end. Throws RequestError above `limit` bytes.
 */
export async function readSlowly(
  stream: Readable,
  limit: number,
  pauseMs: number,
): Promise<Buffer | undefined> {
  const collector = new BodyCollector(limit);
  while (!stream.readableEnded) {
    const piece = (stream.read(PIECE_BYTES) ?? stream.read()) as Buffer | null;
    if (piece === null) {
      if (stream.destroyed) return undefined;
      if (!stream.readableEnded) await moreOf(stream);
      continue;
    }
    if (!collector.push(piece)) throw bodyTooLarge(limit);
    await sleep(pauseMs, undefined, { ref: false });
  }
  return collector.take();
}

const NEWS = ["readable", "end", "close"] as const;

/** Resolves when there is more to read of a stream, or never will be. */
function moreOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const onNews = () => {
      for (const event of NEWS) stream.off(event, onNews);
      resolve();
    };
    for (const event of NEWS) stream.on(event, onNews);
  });
}

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate);
const unzstd = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);

/** Output comes in pieces of this size: with the usual 16 kB most of the time goes into trips between the threads. */
const CHUNK_BYTES = 512 * 1024;

/**
 * Decompress one body, off the main thread. "deflate" is the zlib format, as in HTTP and gRPC.
 *
 * Throws RequestError: too large when the result would pass `limit` bytes (a bomb stops there), or not what it claims.
 */
export async function decompress(body: Buffer, compression: Compression, limit: number): Promise<Buffer> {
  const options = { maxOutputLength: limit, chunkSize: CHUNK_BYTES };
  try {
    switch (compression) {
      case "none":
        return body;
      case "gzip":
        return await gunzip(body, options);
      case "deflate":
        return await inflate(body, options);
      case "zstd":
        return await unzstd(body, options);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw bodyTooLarge(limit);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestError("INVALID_ARGUMENT", `the body is not ${compression} data: ${reason}`);
  }
}
