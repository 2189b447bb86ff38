/**
 * OTLP/HTTP: POST /v1/{traces,metrics,logs} with protobuf or JSON, compressed or not.
 *
 * Source: opentelemetry-proto 1.11, docs/specification.md, "OTLP/HTTP".
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HTTP_PATHS, SIGNALS, type Signal } from "../../signal.ts";
import { BodyCollector, bodyTooLarge, decompress, RequestError, readSlowly } from "../body.ts";
import { type Gate, gateOf, whyNot } from "../gate.ts";
import {
  type Beginning,
  type Compression,
  DEFAULT_MAX_BODY_BYTES,
  type ExportAnswer,
  type ExportRequest,
  type OtlpServer,
  type Refused,
  type ServerOptions,
} from "../handler.ts";
import { httpStatusOf } from "../http-status.ts";
import { DEFAULT_LIMITS, lookMs } from "../limits.ts";
import { listen } from "../listen.ts";
import {
  encodePartialSuccess,
  encodeStatus,
  partialSuccessJson,
  type Refusal,
  statusJson,
} from "../reply.ts";
import { answerBroken, answerPage } from "./broken.ts";

type ContentType = ExportRequest["contentType"];

const SIGNAL_OF_PATH = new Map<string, Signal>(SIGNALS.map((signal) => [HTTP_PATHS[signal], signal]));

const MEDIA_TYPES: Record<ContentType, string> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

const COMPRESSIONS = new Map<string, Compression>([
  ["", "none"],
  ["identity", "none"],
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["zstd", "zstd"],
]);

const NO_BYTES = new Uint8Array(0);

/** What the head of a request says about the body to come. */
interface RequestHead {
  signal: Signal;
  contentType: ContentType;
  compression: Compression;
}

/** Start an OTLP/HTTP server. Throws ListenError. */
export async function startHttpServer(options: ServerOptions): Promise<OtlpServer> {
  const limit = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const gate = gateOf(options.host, options.allowedHosts ?? []);
  const server = http.createServer(
    {
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: lookMs(limits),
      noDelay: true,
    },
    (request, response) => {
      response.on("error", ignore);
      serve(request, response, options, gate, limit).catch((fault: unknown) => {
        options.onFault(fault);
        refuse(response, "json", { code: "INTERNAL", message: "fault of the server" }, 500);
      });
    },
  );
  // An answer that is not read holds a connection, too.
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connections;
  // A client that writes garbage gets Node's 400; what follows on its socket is no concern of ours.
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Any status would tell who is slow in good faith that it is for good.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") socket.destroy();
    else if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  const address = await listen(server, options.host, options.port);
  return { address, close: (graceMs = 1000) => close(server, graceMs) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  gate: Gate,
  limit: number,
): Promise<void> {
  let replyType: ContentType = isJson(request) ? "json" : "protobuf";
  try {
    const objection = whyNot(request.method, request.headers, gate);
    if (objection !== undefined) throw new RequestError("PERMISSION_DENIED", objection);
    const seen = request.method === "GET" ? options.look?.(pathOf(request)) : undefined;
    if (seen !== undefined) return reply(response, 200, "json", JSON.stringify(seen));
    const head = readHead(request, options);
    replyType = head.contentType;
    const raw = await receive(request, limit, options.begin?.());
    if (raw === undefined) return; // the client went away, or nothing is to be read
    const body = await decompress(raw, head.compression, limit);
    const received: ExportRequest = { ...head, protocol: "http", body, wireBytes: raw.length };
    const answer = await options.handle(received);
    if (response.destroyed) return options.onUndelivered?.(received, answer);
    response.once("close", () => {
      if (!response.writableFinished) options.onUndelivered?.(received, answer);
    });
    if (answer.delayMs !== undefined) await sleep(answer.delayMs, undefined, { ref: false });
    express(request, response, head, answer);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // The rest of the body is not read: the connection cannot carry another request.
    if (!request.complete) response.setHeader("connection", "close");
    refuse(response, replyType, error, error.httpStatus ?? httpStatusOf(error.code));
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0]!;
}

function isJson(request: IncomingMessage): boolean {
  return (request.headers["content-type"] ?? "").toLowerCase().startsWith(MEDIA_TYPES.json);
}

function readHead(request: IncomingMessage, { compressions }: ServerOptions): RequestHead {
  const path = pathOf(request);
  const signal = SIGNAL_OF_PATH.get(path);
  if (signal === undefined) {
    const known = [...SIGNAL_OF_PATH.keys()].join(", ");
    throw new RequestError("NOT_FOUND", `no such path: ${path.slice(0, 100)}; there are ${known}`, 404);
  }
  if (request.method !== "POST") {
    throw new RequestError("UNIMPLEMENTED", `${path} takes POST, not ${request.method}`, 405);
  }
  const mediaType = (request.headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (mediaType !== MEDIA_TYPES.protobuf && mediaType !== MEDIA_TYPES.json) {
    const expected = `expected ${MEDIA_TYPES.protobuf} or ${MEDIA_TYPES.json}`;
    throw new RequestError("INVALID_ARGUMENT", `content type "${mediaType}": ${expected}`, 415);
  }
  const encoding = (request.headers["content-encoding"] ?? "").trim().toLowerCase();
  const compression = COMPRESSIONS.get(encoding);
  const isTaken = compression === "none" || (compressions?.includes(compression!) ?? true);
  if (compression === undefined || !isTaken) {
    const expected = `expected one of none, ${(compressions ?? ["gzip", "deflate", "zstd"]).join(", ")}`;
    throw new RequestError("INVALID_ARGUMENT", `content encoding "${encoding}": ${expected}`, 415);
  }
  return { signal, contentType: mediaType === MEDIA_TYPES.json ? "json" : "protobuf", compression };
}

/** The body, read as was decided when the request began; undefined when there is nothing to decide on. */
function receive(
  request: IncomingMessage,
  limit: number,
  beginning: Beginning | undefined,
): Promise<Buffer | undefined> {
  if (beginning?.kind === "cut") request.socket.resetAndDestroy();
  if (beginning?.kind === "cut" || beginning?.kind === "ignore") {
    request.on("error", ignore);
    return Promise.resolve(undefined);
  }
  if (!beginning || beginning.pauseMs === 0) return readBody(request, limit);
  request.on("error", ignore);
  return readSlowly(request, limit, beginning.pauseMs);
}

/** The body as it came; undefined when the client went away before its end. Throws RequestError above the limit. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"]) > limit) return reject(bodyTooLarge(limit));
    const collector = new BodyCollector(limit);
    request.on("data", (chunk: Buffer) => {
      if (collector.push(chunk)) return;
      request.pause();
      reject(bodyTooLarge(limit));
    });
    request.on("end", () => resolve(collector.take()));
    request.on("close", () => resolve(undefined)); // after "end" this changes nothing
    request.on("error", ignore);
  });
}

function express(
  request: IncomingMessage,
  response: ServerResponse,
  head: RequestHead,
  answer: ExportAnswer,
): void {
  if (response.destroyed || response.headersSent) return;
  switch (answer.kind) {
    case "accepted":
      if (answer.closes) response.setHeader("connection", "close");
      if (answer.warning !== undefined) replyPartial(response, head, 0, answer.warning);
      else reply(response, 200, head.contentType, head.contentType === "json" ? "{}" : NO_BYTES);
      break;
    case "partial":
      replyPartial(response, head, answer.rejected, answer.message);
      break;
    case "refused":
      refuse(response, head.contentType, answer, answer.httpStatus ?? httpStatusOf(answer.code));
      break;
    case "page":
      answerPage(response, answer.httpStatus);
      break;
    case "broken":
      answerBroken(response, answer.how);
      break;
    case "silence":
      break;
    case "cut":
      request.socket.resetAndDestroy();
      break;
  }
}

function replyPartial(
  response: ServerResponse,
  { signal, contentType }: RequestHead,
  rejected: number,
  message: string,
): void {
  const body =
    contentType === "json"
      ? partialSuccessJson(signal, rejected, message)
      : encodePartialSuccess(rejected, message);
  reply(response, 200, contentType, body);
}

function refuse(
  response: ServerResponse,
  type: ContentType,
  refusal: Refusal & Pick<Refused, "retryAfterAsDate">,
  status: number,
): void {
  if (refusal.retryAfterMs !== undefined && !response.headersSent) {
    response.setHeader("retry-after", retryAfter(refusal.retryAfterMs, refusal.retryAfterAsDate ?? false));
  }
  if (status === 405 && !response.headersSent) response.setHeader("allow", "POST");
  reply(response, status, type, type === "json" ? statusJson(refusal) : encodeStatus(refusal));
}

/** Seconds or a date, neither of which knows fractions: never earlier than asked for. */
function retryAfter(ms: number, asDate: boolean): string {
  const seconds = Math.ceil(ms / 1000);
  if (!asDate) return String(seconds);
  return new Date(Math.ceil((Date.now() + ms) / 1000) * 1000).toUTCString();
}

function reply(response: ServerResponse, status: number, type: ContentType, body: Uint8Array | string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    "content-type": MEDIA_TYPES[type],
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

async function close(server: http.Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function ignore(): void {}
