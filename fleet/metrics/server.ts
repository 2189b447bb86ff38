/**
 * The small HTTP server that tells of a replica: `/metrics` for Prometheus, `/healthz` for who starts and stops it.
 *
 * It shares a process with what sends, so whoever can reach it must not be able to slow that down: a connection carries one request
 * without a body, there are few at a time, each is over within seconds, and a page is made at most a few times a second however
 * often it is asked for.
 *
 * On sockets, not on node:http: that takes 8 MB of its own in each of forty replicas, and more rules than two pages have.
 */
import { createServer, type Socket } from "node:net";
import { type Gate, gateOf, whyNot } from "../../otlp/server/gate.ts";
import { listen, parseListenAddress } from "../../otlp/server/listen.ts";

/** Connections at a time; those beyond are closed. Two Prometheus servers and a health check need three. */
const MAX_CONNECTIONS = 16;

/** From the beginning of a connection to its end: for who says nothing, who says it slowly, and who does not read the answer. */
const CONNECTION_TIMEOUT_MS = 5000;

/** A request line and the headers that Prometheus sends take some 500 bytes. */
const MAX_HEAD_BYTES = 8192;

/** A page that is no older is given again. */
const FRESH_MS = 200;

/** What a replica is doing. */
export type HealthState = "starting" | "waiting" | "sending" | "paused" | "ending";

/** The answer to `/healthz`, as JSON. */
export interface Health {
  /** `waiting`: for a target that cannot be reached yet, or for its fleet. */
  state: HealthState;
  version: string;
  /** Processes that send. */
  processes: number;
}

/** A page of `/metrics`. */
export interface Page {
  contentType: string;
  text: string;
}

/** What the server tells. */
export interface Pages {
  metrics(): Promise<Page>;
  health(): Health;
}

export interface MetricsServer {
  /** `host:port` as bound. */
  address: string;
  close(): Promise<void>;
}

/** States in which a replica does what it is there for. */
const HEALTHY: readonly HealthState[] = ["waiting", "sending", "paused"];

/**
 * Start the server. Throws ListenError.
 *
 * address       as parseListenAddress takes it
 * allowedHosts  names that it may be asked by, besides private ones
 */
export async function startMetricsServer(
  address: string,
  pages: Pages,
  allowedHosts: readonly string[] = [],
): Promise<MetricsServer> {
  const { host, port } = parseListenAddress(address);
  const answer = answerer(pages, gateOf(host, allowedHosts, "--metrics-allow-host"));
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    converse(socket, answer);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const bound = await listen(server, host, port);
  // It is no reason to stay when the run is over.
  server.unref();
  return {
    address: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

interface Answer {
  status: string;
  contentType: string;
  body: string;
}

/** What of a request decides over its answer. */
interface Head {
  method: string;
  path: string;
  host: string | undefined;
  origin: string | undefined;
}

/** Read one head, give one answer. What is no request is not answered. */
function converse(socket: Socket, answer: (head: Head) => Promise<Answer>): void {
  const timer = setTimeout(() => socket.destroy(), CONNECTION_TIMEOUT_MS).unref();
  socket.once("close", () => clearTimeout(timer));
  // Whoever goes away before the end is no concern of ours.
  socket.on("error", () => {});
  let head = "";
  // Half open only while there is an answer to come.
  const giveUp = () => void socket.destroy();
  const read = (part: string) => {
    head += part;
    if (head.length > MAX_HEAD_BYTES) return giveUp();
    if (!head.includes("\r\n\r\n")) return undefined;
    socket.off("data", read).off("end", giveUp);
    // What comes after the head goes unread.
    socket.resume();
    const [, method, path] = /^([A-Z]+) (\/[^ ?]*)\S* HTTP\/1\.[01]\r\n/.exec(head) ?? [];
    if (method === undefined || path === undefined) return giveUp();
    const [host, origin] = [HOST, ORIGIN].map((header) => header.exec(head)?.[1]);
    return void answer({ method, path, host, origin }).then((answered) =>
      socket.end(formatAnswer(answered, method)),
    );
  };
  socket.setEncoding("latin1").on("data", read).on("end", giveUp);
}

const HOST = /\r\nhost:[ \t]*(.*?)[ \t]*\r\n/i;
const ORIGIN = /\r\norigin:[ \t]*(.*?)[ \t]*\r\n/i;

function answerer({ metrics, health }: Pages, gate: Gate): (head: Head) => Promise<Answer> {
  const page = freshEnough(metrics);
  const line = (status: string, body: string): Answer => ({
    status,
    contentType: "text/plain",
    body: `${body}\n`,
  });
  return async (head) => {
    const { method, path } = head;
    const objection = whyNot(method, head, gate);
    if (objection !== undefined) return line("403 Forbidden", objection);
    if (method !== "GET" && method !== "HEAD") return line("405 Method Not Allowed", "GET or HEAD");
    if (path === "/healthz") {
      const state = health();
      const status = HEALTHY.includes(state.state) ? "200 OK" : "503 Service Unavailable";
      return { status, contentType: "application/json", body: `${JSON.stringify(state)}\n` };
    }
    if (path !== "/metrics") return line("404 Not Found", "there are /metrics and /healthz");
    return page().then(
      ({ contentType, text }) => ({ status: "200 OK", contentType, body: text }),
      (error: Error) => line("500 Internal Server Error", error.message),
    );
  };
}

/** Make a page when it is asked for, not again while that is under way or its result is fresh. */
function freshEnough(make: () => Promise<Page>): () => Promise<Page> {
  let latest: Promise<Page> | undefined;
  return () => {
    if (latest) return latest;
    latest = make();
    const forget = () => {
      latest = undefined;
    };
    latest.then(() => setTimeout(forget, FRESH_MS).unref(), forget);
    return latest;
  };
}

function formatAnswer({ status, contentType, body }: Answer, method: string): string {
  const head = [
    `HTTP/1.1 ${status}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    ...(status.startsWith("405") ? ["allow: GET, HEAD"] : []),
  ];
  return `${head.join("\r\n")}\r\n\r\n${method === "HEAD" ? "" : body}`;
}
