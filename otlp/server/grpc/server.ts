/**
 * OTLP/gRPC: the three unary Export methods, straight on HTTP/2.
 *
 * Not @grpc/grpc-js, because its server takes neither zstd nor deflate-by-choice, copies every message once more, and
 * cannot cut a connection in the middle of an exchange, which is what a sink with faults is for.
 *
 * Source: grpc/doc/PROTOCOL-HTTP2.md, grpc/doc/compression.md.
 */
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { grpcNumber } from "../../grpc-codes.ts";
import { GRPC_PATHS, SIGNALS, type Signal } from "../../signal.ts";
import { BodyCollector, bodyTooLarge, decompress, RequestError, readSlowly } from "../body.ts";
import {
  type Beginning,
  type Compression,
  DEFAULT_MAX_BODY_BYTES,
  type ExportAnswer,
  type ExportRequest,
  type OtlpServer,
  type ServerOptions,
} from "../handler.ts";
import { DEFAULT_LIMITS, lookMs } from "../limits.ts";
import { listen } from "../listen.ts";
import { GARBAGE } from "../page.ts";
import { encodePartialSuccess, encodeStatus, type Refusal } from "../reply.ts";
import { answerBroken, answerPage } from "./broken.ts";
import { frameMessage, PREFIX_BYTES, unframeMessage } from "./message.ts";
import { Peers } from "./peers.ts";

const SIGNAL_OF_PATH = new Map<string, Signal>(SIGNALS.map((signal) => [GRPC_PATHS[signal], signal]));

const COMPRESSIONS = new Map<string, Compression>([
  ["identity", "none"],
  ["gzip", "gzip"],
  ["deflate", "deflate"],
  ["zstd", "zstd"],
]);

const BASE_HEADERS = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": [...COMPRESSIONS.keys()].join(","),
};

const EMPTY_MESSAGE = frameMessage(new Uint8Array(0));

/**
 * Windows as wide as a sender can fill: 64 KiB, HTTP/2's default, costs a round trip per 64 KiB. Session memory is
 * counted in MB by Node and 10 by default, which many streams of megabytes each pass at once.
 */
const HTTP2_OPTIONS = {
  maxSessionMemory: 1024,
  settings: { initialWindowSize: 4 << 20, maxFrameSize: 1 << 20, maxConcurrentStreams: 4096 },
};
const SESSION_WINDOW = 64 << 20;

/** Start an OTLP/gRPC server without TLS. Throws ListenError. */
export async function startGrpcServer(options: ServerOptions): Promise<OtlpServer> {
  const limit = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const peers = new Peers(limits);
  const server = http2.createServer(HTTP2_OPTIONS);
  server.maxConnections = limits.connections;
  // Before the server's own listener, which makes the session: its socket is hidden behind one that refuses to be written to.
  let socket: Socket;
  server.prependListener("connection", (connected: Socket) => {
    socket = connected;
  });
  server.on("session", (session) => {
    peers.come(session);
    sockets.set(session, socket);
    session.on("error", ignore);
    session.setLocalWindowSize(SESSION_WINDOW);
  });
  server.on("sessionError", ignore);
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", ignore);
    peers.begin(stream);
    serve(stream, headers, options, peers, limit).catch((fault: unknown) => {
      options.onFault(fault);
      refuse(stream, { code: "INTERNAL", message: "fault of the server" });
    });
  });
  const address = await listen(server, options.host, options.port);
  const looking = setInterval(() => peers.look(), lookMs(limits)).unref();
  server.once("close", () => clearInterval(looking));
  return { address, close: (graceMs = 1000) => close(server, peers, graceMs) };
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: ServerOptions,
  peers: Peers,
  limit: number,
): Promise<void> {
  const httpStatus = httpRefusal(headers);
  if (httpStatus !== 0) {
    stream.resume();
    stream.respond({ ":status": httpStatus }, { endStream: true });
    return;
  }
  try {
    const signal = signalOf(headers[":path"]!);
    const encoding = compressionOf(headers["grpc-encoding"], options);
    const raw = await receive(stream, limit + PREFIX_BYTES, options.begin?.());
    peers.read(stream);
    if (raw === undefined) return; // the client went away, or nothing is to be read
    const { message, compressed } = unframeMessage(raw);
    if (compressed && encoding === "none") {
      throw new RequestError("INTERNAL", "the message is compressed, but there is no grpc-encoding");
    }
    const compression = compressed ? encoding : "none";
    const body = await decompress(message, compression, limit);
    const request: ExportRequest = {
      signal,
      protocol: "grpc",
      contentType: "protobuf",
      compression,
      body,
      wireBytes: raw.length,
    };
    const answer = await options.handle(request);
    if (stream.destroyed) return options.onUndelivered?.(request, answer);
    stream.once("close", () => {
      const isOut = stream.writableFinished && stream.rstCode === 0 && answer.kind !== "broken";
      if (!isOut) options.onUndelivered?.(request, answer);
    });
    if (answer.delayMs !== undefined) await sleep(answer.delayMs, undefined, { ref: false });
    express(stream, answer);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    stream.resume(); // the window of a client that still writes must not stay shut
    refuse(stream, { code: error.code, message: error.message });
  }
}

/** 0 for a gRPC request, else the HTTP status the protocol asks for. */
function httpRefusal(headers: IncomingHttpHeaders): number {
  if (headers[":method"] !== "POST") return 405;
  return (headers["content-type"] ?? "").startsWith("application/grpc") ? 0 : 415;
}

function signalOf(path: string): Signal {
  const signal = SIGNAL_OF_PATH.get(path);
  if (signal === undefined) throw new RequestError("UNIMPLEMENTED", `unknown method ${path.slice(0, 200)}`);
  return signal;
}

function compressionOf(
  encoding: string | string[] | undefined,
  { compressions }: ServerOptions,
): Compression {
  const compression = COMPRESSIONS.get(String(encoding ?? "identity"));
  if (compression === "none") return compression;
  if (compression !== undefined && (compressions?.includes(compression) ?? true)) return compression;
  throw new RequestError("UNIMPLEMENTED", `grpc-encoding "${encoding}" is not supported`);
}

/** What the client sends, read as was decided when it began; undefined when there is nothing to decide on. */
function receive(
  stream: ServerHttp2Stream,
  limit: number,
  beginning: Beginning | undefined,
): Promise<Buffer | undefined> {
  if (beginning?.kind === "cut") cut(stream);
  if (beginning?.kind === "cut" || beginning?.kind === "ignore") return Promise.resolve(undefined);
  return beginning && beginning.pauseMs > 0
    ? readSlowly(stream, limit, beginning.pauseMs)
    : readAll(stream, limit);
}

/** Everything the client sends; undefined when it went away before the end. Throws RequestError above the limit. */
function readAll(stream: ServerHttp2Stream, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const collector = new BodyCollector(limit);
    stream.on("data", (chunk: Buffer) => {
      if (!collector.push(chunk)) reject(bodyTooLarge(limit - PREFIX_BYTES));
    });
    stream.on("end", () => resolve(collector.take()));
    stream.on("aborted", () => resolve(undefined));
    stream.on("close", () => resolve(undefined)); // after "end" this changes nothing
  });
}

function express(stream: ServerHttp2Stream, answer: ExportAnswer): void {
  if (stream.destroyed || stream.headersSent) return;
  if (stream.session !== undefined && doomed.has(stream.session)) return;
  switch (answer.kind) {
    case "accepted":
      succeed(stream, answer.warning ? partialSuccess(0, answer.warning) : EMPTY_MESSAGE);
      if (answer.closes) stream.session?.close();
      break;
    case "partial":
      succeed(stream, partialSuccess(answer.rejected, answer.message));
      break;
    case "refused":
      refuse(stream, answer);
      break;
    case "page":
      answerPage(stream, answer.httpStatus);
      break;
    case "broken":
      if (answer.how === "garbage") cut(stream, GARBAGE);
      else answerBroken(stream, answer.how, BASE_HEADERS);
      break;
    case "silence":
      break;
    case "cut":
      cut(stream);
      break;
  }
}

function partialSuccess(rejected: number, message: string): Buffer {
  return frameMessage(encodePartialSuccess(rejected, message));
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  stream.respond(BASE_HEADERS, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(message);
}

/** Time that answers given earlier have to reach the client before its connection is cut, on a busy machine too. */
const CUT_AFTER_MS = 100;

/** Connections about to be cut: no more answers go out over them, so it is certain which ones did not arrive. */
const doomed = new WeakSet<object>();

/** The sockets below connections. */
const sockets = new WeakMap<object, Socket>();

/** farewell  bytes that come before the end, below HTTP/2 */
function cut(stream: ServerHttp2Stream, farewell?: Buffer): void {
  const { session } = stream;
  if (session === undefined || doomed.has(session)) return;
  doomed.add(session);
  setTimeout(() => {
    if (farewell) sockets.get(session)?.write(farewell, () => session.destroy());
    else session.destroy();
  }, CUT_AFTER_MS);
}

/** A status without a message goes as one block of headers ("Trailers-Only"). */
function refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ...BASE_HEADERS,
      "grpc-status": String(grpcNumber(refusal.code)),
      "grpc-message": percentEncode(refusal.message),
      "grpc-status-details-bin": Buffer.from(encodeStatus(refusal)).toString("base64"),
    },
    { endStream: true },
  );
}

/** As gRPC wants it: everything but printable ASCII, and the percent sign itself. */
function percentEncode(message: string): string {
  return message.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}

/** GOAWAY to every client; the calls that are in flight may finish for `graceMs`. */
async function close(server: http2.Http2Server, peers: Peers, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of peers.sessions()) session.close();
  const timer = setTimeout(() => {
    for (const session of peers.sessions()) session.destroy();
  }, graceMs);
  await closed;
  clearTimeout(timer);
}

function ignore(): void {}
