/**
 * The service's HTTP: statements come in, the account goes out. Whoever connects may be anybody: bodies, connections and time have bounds,
 * and what cannot be read has one clear answer.
 *
 *   POST /api/statements   a replica's statement; the reply carries what the fleet is told
 *   GET  /api/ledger       the account, as JSON
 *   GET  /api/history      the run as it went, in steps of time (ledger/history.ts)
 *   GET  /api/events       both as they move, as server-sent events; rows of replicas and collectors with ?rows
 *   GET  /metrics          the same for Prometheus
 *   GET  /healthz          200 once the collectors' counters at the start are noted: replicas may begin
 *   GET  /                 the console's page, where there is one, and /console/ what it is made of
 *   POST /api/control      pause, resume, rate, burst, stop; with the token
 */
import { timingSafeEqual } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Account } from "../../../ledger/account-schema.ts";
import type { History, HistoryPoint } from "../../../ledger/history.ts";
import { MAX_STATEMENT_BYTES, StatementError } from "../../../ledger/statement-schema.ts";
import { plainLine } from "../../../otlp/answer.ts";
import { type Gate, gateOf, whyNot } from "../../../otlp/server/gate.ts";
import { listen, parseListenAddress } from "../../../otlp/server/listen.ts";
import { ControlError, type StatementReply, UnconfirmedError } from "../control.ts";
import { Listeners } from "./events.ts";
import { jsonOf, Refusal, textOf } from "./request-body.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { type Site, serveFile } from "./site.ts";

/** What the server asks its service. */
export interface ServerHandlers {
  /** Throws StatementError. Undefined: there are too many replicas. */
  take(value: unknown, text: string): StatementReply | undefined;
  account(): Account;
  isReady(): boolean;
  /** Throws ControlError. */
  control(order: unknown, from: string): void;
  metrics(): Promise<string>;
  history(): History;
  /** See HistoryBook.since. */
  since(id: number): HistoryPoint[] | undefined;
  /** Told of a request that could not be answered, in one line. */
  onFault(text: string): void;
}

export interface ServerOptions {
  /** host:port */
  listen: string;
  /** What control wants to hear. */
  token: string;
  /** Further names that the service is called by. */
  allowedHosts: readonly string[];
  /** Made when somebody asks for it first. */
  site: (() => Promise<Site>) | undefined;
}

export interface LedgerServer {
  /** host:port as bound. */
  address: string;
  /** Tell everybody who listens of a second. */
  tell(account: Account, point: HistoryPoint | undefined): void;
  /** Tell them of the end: nobody hears more. */
  tellEnd(account: Account, point: HistoryPoint | undefined): void;
  close(): Promise<void>;
}

const MAX_CONTROL_BYTES = 10_000;
/** Of one request, from its first byte to its last. */
const REQUEST_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 5000;
/** Replicas speak once a second. */
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 20_000;

/** The answer to what is no HTTP. */
const BAD_REQUEST = [
  "HTTP/1.1 400 Bad Request",
  ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
  "connection: close",
  "\r\n",
].join("\r\n");

/** What requests are served with. */
interface Parts {
  handlers: ServerHandlers;
  listeners: Listeners;
  token: string;
  gate: Gate;
  site: () => Promise<Site | undefined>;
}

/** Start it. Throws ListenError. */
export async function startLedgerServer(
  options: ServerOptions,
  handlers: ServerHandlers,
): Promise<LedgerServer> {
  const listeners = new Listeners();
  const { host, port } = parseListenAddress(options.listen);
  const parts: Parts = {
    handlers,
    listeners,
    token: options.token,
    gate: gateOf(host, options.allowedHosts),
    site: onDemand(options.site),
  };
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
      serve(request, response, parts).catch((error: unknown) => {
        const refusal = refusalOf(error, handlers);
        // Half an answer is none.
        if (response.headersSent) response.destroy();
        // The rest of the body is not read: the connection cannot carry another request.
        if (!request.complete) response.setHeader("connection", "close");
        replyJson(response, refusal.status, { error: refusal.message });
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end(BAD_REQUEST);
  });
  const address = await listen(server, host, port);
  return {
    address,
    tell: (account, point) => listeners.tell(account, point),
    tellEnd: (account, point) => listeners.close(account, point),
    close: () =>
      new Promise((closed) => {
        listeners.drop();
        server.close(() => closed());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}

/** A fault of ours ends no account. Who asked is told that there was one, and whoever runs the service which. */
function refusalOf(error: unknown, { onFault }: ServerHandlers): Refusal {
  if (error instanceof Refusal) return error;
  onFault(plainLine(String(error)));
  return new Refusal(500, "this service failed to answer; it says why where it runs");
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { handlers, listeners, token, gate, site }: Parts,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const objection = whyNot(request.method, request.headers, gate);
  if (objection !== undefined) throw new Refusal(403, objection);
  const [path = "", query] = (request.url ?? "").split("?", 2);
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
      return beginTelling(request, response, new URLSearchParams(query), handlers, listeners);
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
    default: {
      const file = (await siteOf(site))?.get(path);
      if (file) {
        mustBe("GET");
        return serveFile(request, response, file);
      }
      throw new Refusal(
        404,
        "there are /api/statements, /api/ledger, /api/history, /api/events, /api/control, /metrics, /healthz",
      );
    }
  }
}

function beginTelling(
  request: IncomingMessage,
  response: ServerResponse,
  wishes: URLSearchParams,
  handlers: ServerHandlers,
  listeners: Listeners,
): void {
  if (!listeners.hasRoom) throw new Refusal(503, "there are as many listeners already as are told");
  const last = request.headers["last-event-id"];
  listeners.add(
    response,
    {
      hasRows: wishes.has("rows"),
      after: (Array.isArray(last) ? last[0] : last) ?? wishes.get("after") ?? undefined,
    },
    { account: handlers.account(), since: handlers.since },
  );
}

/** The same promise for all who ask; what failed is tried again. */
function onDemand<T>(make: (() => Promise<T>) | undefined): () => Promise<T | undefined> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make?.();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

/** A page that cannot be read ends no account. */
async function siteOf(site: Parts["site"]): Promise<Site | undefined> {
  try {
    return await site();
  } catch (error) {
    throw new Refusal(500, `the console's page cannot be read: ${(error as Error).message}`);
  }
}

function takeStatement(text: string, handlers: ServerHandlers): StatementReply {
  const taken = handOn(() => handlers.take(jsonOf(text), text));
  if (!taken) throw new Refusal(503, "there are more replicas than the ledger keeps");
  return taken;
}

/** What the sender has done wrong is a 400 with its text, and what wants a yes first is a 409. */
function handOn<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnconfirmedError) throw new Refusal(409, error.message);
    if (error instanceof StatementError || error instanceof ControlError)
      throw new Refusal(400, error.message);
    throw error;
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
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
