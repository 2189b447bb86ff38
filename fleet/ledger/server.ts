/**
 * The service's HTTP: statements come in, the account goes out. Whoever connects may be anybody: bodies, connections and time have bounds,
 * and what cannot be read has one clear answer.
 *
 *   POST /api/statements   a replica's statement; the reply carries what the fleet is told
 *   GET  /api/ledger       the account, as JSON
 *   GET  /api/history      the run as it went, in steps of time (ledger/history.ts)
 *   GET  /api/events       the account once a second, as server-sent events; rows of replicas and collectors with ?rows
 *   GET  /metrics          the same for Prometheus
 *   GET  /healthz          200 once the collectors' counters at the start are noted: replicas may begin
 *   POST /api/control      pause, resume, rate, burst, stop; with the token
 */
import { timingSafeEqual } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Account } from "../../ledger/account-schema.ts";
import type { History } from "../../ledger/history.ts";
import { MAX_STATEMENT_BYTES, StatementError } from "../../ledger/statement-schema.ts";
import { BodyCollector } from "../../otlp/server/body.ts";
import { listen, parseListenAddress } from "../../otlp/server/listen.ts";
import { ControlError, type StatementReply } from "./control.ts";

/** What the server asks its service. */
export interface ServerHandlers {
  /** Throws StatementError. Undefined: there are too many replicas. */
  take(value: unknown, text: string): StatementReply | undefined;
  account(): Account;
  isReady(): boolean;
  /** Throws ControlError. */
  control(order: unknown, from: string): void;
  metrics(): string | Promise<string>;
  history(): History;
}

export interface LedgerServer {
  /** host:port as bound. */
  address: string;
  /** Tell everybody who listens to events. */
  tell(account: Account): void;
  close(): Promise<void>;
}

const MAX_CONTROL_BYTES = 10_000;
/** Of one request, from its first byte to its last. */
const REQUEST_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 5000;
/** Replicas speak once a second. */
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 20_000;
const MAX_LISTENERS = 100;
/** A listener that has so much unread is gone or asleep. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** An answer that is no success: the status, and what to say. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Listener {
  response: ServerResponse;
  hasRows: boolean;
}

/** Start it. Throws ListenError. token: what control wants to hear. */
export async function startLedgerServer(
  listenAddress: string,
  token: string,
  handlers: ServerHandlers,
): Promise<LedgerServer> {
  const listeners = new Set<Listener>();
  const server = http.createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    },
    (request, response) => {
      response.on("error", ignore);
      serve(request, response, token, handlers, listeners).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        // The rest of the body is not read: the connection cannot carry another request.
        if (!request.complete) response.setHeader("connection", "close");
        replyJson(response, error.status, { error: error.message });
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  const { host, port } = parseListenAddress(listenAddress);
  const address = await listen(server, host, port);
  return {
    address,
    tell: (account) => tell(listeners, account),
    close: () =>
      new Promise((closed) => {
        for (const { response } of listeners) response.end();
        server.close(() => closed());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  handlers: ServerHandlers,
  listeners: Set<Listener>,
): Promise<void> {
  const [path, query] = (request.url ?? "").split("?", 2);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const mustBe = (expected: string) => {
    if (method === expected) return;
    response.setHeader("allow", expected);
    throw new Refusal(405, `${path} takes ${expected}`);
  };
  switch (path) {
    case "/api/statements": {
      mustBe("POST");
      const text = await textOf(request, MAX_STATEMENT_BYTES);
      if (text !== undefined) replyJson(response, 200, takeStatement(text, handlers));
      return;
    }
    case "/api/ledger":
      mustBe("GET");
      return replyJson(response, 200, handlers.account());
    case "/api/history":
      mustBe("GET");
      return replyJson(response, 200, handlers.history());
    case "/api/events":
      mustBe("GET");
      return listenTo(response, listeners, /(^|&)rows\b/.test(query ?? ""), handlers.account());
    case "/metrics":
      mustBe("GET");
      return reply(response, 200, "text/plain; version=0.0.4; charset=utf-8", await handlers.metrics());
    case "/healthz": {
      mustBe("GET");
      const isReady = handlers.isReady();
      return replyJson(response, isReady ? 200 : 503, { ready: isReady });
    }
    case "/api/control": {
      mustBe("POST");
      if (!isToken(request.headers.authorization, token))
        throw new Refusal(
          401,
          "control wants the header `authorization: Bearer TOKEN` with the token that the service printed",
        );
      const text = await textOf(request, MAX_CONTROL_BYTES);
      if (text === undefined) return;
      handOn(() => handlers.control(jsonOf(text), request.socket.remoteAddress ?? ""));
      return replyJson(response, 200, handlers.account().control);
    }
    default:
      throw new Refusal(
        404,
        "there are /api/statements, /api/ledger, /api/history, /api/events, /api/control, /metrics, /healthz",
      );
  }
}

function takeStatement(text: string, handlers: ServerHandlers): StatementReply {
  const taken = handOn(() => handlers.take(jsonOf(text), text));
  if (!taken) throw new Refusal(503, "there are more replicas than the ledger keeps");
  return taken;
}

/** What the sender has done wrong is a 400 with its text. */
function handOn<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StatementError || error instanceof ControlError)
      throw new Refusal(400, error.message);
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body must be JSON");
  }
}

/** The body; undefined when the client went away before its end. */
function textOf(request: IncomingMessage, limit: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new Refusal(413, `the body is larger than ${limit} bytes`);
    request.on("error", ignore);
    if (Number(request.headers["content-length"]) > limit) return reject(tooLarge());
    const collector = new BodyCollector(limit);
    request.on("data", (chunk: Buffer) => {
      if (collector.push(chunk)) return;
      request.pause();
      reject(tooLarge());
    });
    request.on("end", () => resolve(collector.take().toString("utf8")));
    request.on("close", () => resolve(undefined)); // after "end" this changes nothing
  });
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function listenTo(
  response: ServerResponse,
  listeners: Set<Listener>,
  hasRows: boolean,
  account: Account,
): void {
  if (listeners.size >= MAX_LISTENERS) throw new Refusal(503, `${MAX_LISTENERS} listen already`);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const listener = { response, hasRows };
  listeners.add(listener);
  response.once("close", () => listeners.delete(listener));
  response.write(eventOf(account, hasRows));
}

function tell(listeners: ReadonlySet<Listener>, account: Account): void {
  const events = new Map<boolean, string>();
  for (const { response, hasRows } of listeners) {
    if (response.writableLength > MAX_UNREAD_BYTES) {
      response.destroy();
      continue;
    }
    if (!events.has(hasRows)) events.set(hasRows, eventOf(account, hasRows));
    response.write(events.get(hasRows)!);
  }
}

function eventOf(account: Account, hasRows: boolean): string {
  const told = hasRows ? account : { ...account, replicaRows: [], collectorRows: [] };
  return `event: ledger\ndata: ${JSON.stringify(told)}\n\n`;
}

function replyJson(response: ServerResponse, status: number, value: object): void {
  reply(response, status, "application/json", `${JSON.stringify(value)}\n`);
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}

function ignore(): void {}
