import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { LostCode } from "../../answer.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { TlsMaterial } from "../../tls.ts";
import { whenOld } from "../connection-age.ts";
import { describeError, peerAddress } from "../socket-text.ts";
import { tlsOptions } from "../tls-options.ts";
import type { Call, Line } from "./call.ts";
import { keepUntilCollected, nativeHalf } from "./outlive-streams.ts";

/** After an attempt that failed, calls fail with its reason for this long, so that a dead target costs one attempt, not one a call. */
const PAUSE_MS = 250;
/** Notice a peer that is gone without a word while calls wait for it. */
const PING_EVERY_MS = 30_000;
const PING_ANSWER_MS = 10_000;
/** Stream ids end at 2^31 and only odd ones are ours: a connection makes room for another before. */
const LAST_OWN_STREAM_ID = 2 ** 31 - 1024;

/**
 * idle      nothing stands; the next call connects
 * dialing   a connection is made; calls wait for it
 * open      the target has sent its settings, so it speaks HTTP/2: calls are put on it. Once it goes away, the next call dials
 *           again, while the calls that it still answers finish on it
 * paused    the last attempt failed a moment ago
 */
type State =
  | { name: "idle" }
  | { name: "dialing"; waiting: Call[]; abort: () => void }
  | { name: "open"; session: ClientHttp2Session; line: Line }
  | { name: "paused"; until: number; reason: string };

/** Times of a connection, ms. */
export interface ConnectionLimits {
  /** How long connecting may take: no call waits longer. */
  connectMs: number;
  /** One that stands for about so long takes no new call; 0: it may stand for ever. */
  maxAgeMs: number;
}

/** One connection to a target at a time, made when a call needs it, and made anew when it is gone. */
export class Connection {
  readonly #endpoint: Endpoint;
  readonly #tls: ConnectionOptions;
  readonly #limits: ConnectionLimits;
  readonly #sessions = new Set<ClientHttp2Session>();
  #state: State = { name: "idle" };
  #isClosed = false;

  constructor(endpoint: Endpoint, tls: TlsMaterial, limits: ConnectionLimits) {
    this.#endpoint = endpoint;
    this.#limits = limits;
    this.#tls = endpoint.secure ? tlsOptions(endpoint, "grpc", tls) : {};
  }

  /** Put a call on the connection, now or when there is one. */
  put(call: Call): void {
    const state = this.#state;
    if (state.name === "open" && !state.session.closed && !state.session.destroyed) {
      start(call, state.session, state.line);
    } else if (state.name === "dialing") {
      state.waiting.push(call);
    } else if (state.name === "paused" && performance.now() < state.until) {
      setImmediate(() => call.fail("unreachable", state.reason));
    } else this.#dial(call);
  }

  /** Cut what stands. Calls on it are answered as lost, those that wait fail. */
  close(): void {
    this.#isClosed = true;
    if (this.#state.name === "dialing") this.#state.abort();
    for (const session of this.#sessions) session.destroy();
  }

  #dial(first: Call): void {
    const waiting = [first];
    const socket = this.#openSocket();
    let session: ClientHttp2Session | undefined;
    // What becomes of the connection once it stands is no failure to connect: the next call makes another at once.
    let isDecided = false;
    const fail = (reason: string, code: LostCode = "unreachable"): void => {
      if (isDecided) return;
      isDecided = true;
      clearTimeout(timer);
      this.#state = { name: "paused", until: performance.now() + PAUSE_MS, reason };
      session?.destroy();
      socket.destroy();
      // In a later tick: no call may be answered before `send` returned.
      setImmediate(() => {
        for (const call of waiting) call.fail(code, reason);
      });
    };
    const onError = (error: Error): void => fail(describeAttempt(error));
    const onEnd = (): void => fail(this.#endpoint.secure ? HUNG_UP : HUNG_UP_PLAIN);
    const { connectMs } = this.#limits;
    const timer = setTimeout(() => fail(`no connection within ${connectMs / 1000} s`), connectMs);
    this.#state = { name: "dialing", waiting, abort: () => fail("the transport was closed", "closed") };
    socket.on("error", onError);
    socket.on("close", onEnd);
    socket.once(this.#endpoint.secure ? "secureConnect" : "connect", () => {
      const address = peerAddress(socket);
      session = this.#openSession(socket);
      session.on("error", onError);
      session.on("close", onEnd);
      session.once("remoteSettings", () => {
        if (isDecided) return;
        isDecided = true;
        clearTimeout(timer);
        this.#open(session!, socket, address, waiting);
      });
    });
  }

  #open(session: ClientHttp2Session, socket: Socket, address: string, waiting: Call[]): void {
    const half = nativeHalf(session);
    const line: Line = {
      address,
      lastStreamId: Number.POSITIVE_INFINITY,
      active: 0,
      answers: 0,
      isSilent: false,
      isClosed: () => this.#isClosed,
      isDrained: () => session.destroyed || waitingBytes(socket) === 0,
      retire: () => session.close(),
      cut: () => session.destroy(),
      outlive: (stream) => keepUntilCollected(half, stream),
    };
    session.on("goaway", (_code, lastStreamId) => {
      line.lastStreamId = lastStreamId;
    });
    keepAlive(session, line);
    // What is under way on it comes to its end; the next call finds it closed, and makes another.
    session.once(
      "close",
      whenOld(this.#limits.maxAgeMs, () => session.close()),
    );
    this.#state = { name: "open", session, line };
    // Listeners of the socket keep the list, and would keep the calls with it as long as the connection stands.
    for (const call of waiting.splice(0)) if (!call.isOver) this.put(call);
  }

  #openSession(socket: Socket): ClientHttp2Session {
    const { secure, authority } = this.#endpoint;
    const session = connectHttp2(`${secure ? "https" : "http"}://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      // What is in flight is bounded by who calls.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
    return session;
  }

  #openSocket(): Socket {
    const { host, port, secure, address } = this.#endpoint;
    const place = { host: address ?? host, port };
    return secure ? connectTls({ ...this.#tls, ...place }) : connect(place);
  }
}

function start(call: Call, session: ClientHttp2Session, line: Line): void {
  const stream = session.request(call.plan.headers, STREAM_OPTIONS);
  call.start(stream, line);
  // The last ones finish, and the next call finds a closed connection.
  if (stream.id !== undefined && stream.id > LAST_OWN_STREAM_ID) session.close();
}

const HUNG_UP = "the target closed the connection before it spoke HTTP/2";
/** Short enough to stand whole in 80 columns. */
const HUNG_UP_PLAIN = "the target hung up at once; if it wants TLS, write https://";

const STREAM_OPTIONS = { endStream: false };

function keepAlive(session: ClientHttp2Session, line: Line): void {
  const timer = setInterval(() => {
    // A server that hears pings without calls thinks them abuse, and hangs up.
    if (line.active === 0) return;
    const late = setTimeout(
      () => session.destroy(new Error("the target does not answer pings")),
      PING_ANSWER_MS,
    );
    late.unref();
    const isSent = !session.destroyed && session.ping(() => clearTimeout(late));
    if (!isSent) clearTimeout(late);
  }, PING_EVERY_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

/**
 * Bytes that libuv has not handed to the system yet. HTTP/2 writes below the socket's own stream, whose `writableLength` stays 0.
 * TLS copies what it encrypts, and has no such figure: nothing of a body waits there.
 */
function waitingBytes(socket: Socket): number {
  const { _handle } = socket as unknown as { _handle?: { writeQueueSize?: number } | null };
  return _handle?.writeQueueSize ?? 0;
}

function describeAttempt(error: NodeJS.ErrnoException): string {
  return error.code === "ERR_HTTP2_ERROR"
    ? `the target does not speak HTTP/2 here: ${error.message}; OTLP over gRPC usually has port 4317, over HTTP 4318`
    : describeError(error);
}
