import type { Socket } from "node:net";
import type { LostCode } from "../../answer.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { TlsMaterial } from "../../tls.ts";
import { whenOld } from "../connection-age.ts";
import { Http2Error } from "../http2/frames.ts";
import { Session } from "../http2/session.ts";
import { openSocket, readingInto } from "../open-socket.ts";
import { describeError, peerAddress } from "../socket-text.ts";
import type { Call, Line } from "./call.ts";

/** After an attempt that failed, calls fail with its reason for this long, so that a dead target costs one attempt, not one a call. */
const PAUSE_MS = 250;
/** Notice a peer that is gone without a word while calls wait for it. */
const PING_EVERY_MS = 30_000;
const PING_ANSWER_MS = 10_000;
/** Answers of many calls come in one read. */
const READ_BYTES = 16 * 1024;

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
  | { name: "open"; line: Line }
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
  readonly #tls: TlsMaterial;
  readonly #limits: ConnectionLimits;
  readonly #sessions = new Set<Session>();
  #state: State = { name: "idle" };
  #isClosed = false;

  constructor(endpoint: Endpoint, tls: TlsMaterial, limits: ConnectionLimits) {
    this.#endpoint = endpoint;
    this.#limits = limits;
    this.#tls = tls;
  }

  /** Put a call on the connection, now or when there is one. */
  put(call: Call): void {
    const state = this.#state;
    if (state.name === "open" && state.line.session.isUsable) {
      call.start(state.line);
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
    let session: Session | undefined;
    // What becomes of the connection once it stands is no failure to connect: the next call makes another at once.
    let isDecided = false;
    const fail = (reason: string, code: LostCode = "unreachable"): void => {
      if (isDecided) return;
      isDecided = true;
      clearTimeout(timer);
      this.#state = { name: "paused", until: performance.now() + PAUSE_MS, reason };
      socket.destroy();
      // In a later tick: no call may be answered before `send` returned.
      setImmediate(() => {
        for (const call of waiting) call.fail(code, reason);
      });
    };
    const { secure } = this.#endpoint;
    // Nothing comes over a connection before it stands.
    const reading = readingInto(READ_BYTES, (memory, length) => session!.read(memory.subarray(0, length)));
    const socket = openSocket(this.#endpoint, "grpc", this.#tls, reading);
    const { connectMs } = this.#limits;
    const timer = setTimeout(() => fail(`no connection within ${connectMs / 1000} s`), connectMs);
    this.#state = { name: "dialing", waiting, abort: () => fail("the transport was closed", "closed") };
    const hungUp = secure ? HUNG_UP : HUNG_UP_PLAIN;
    socket.on("error", (error) => fail(describeError(error)));
    socket.on("close", () => fail(session?.failure ? describeAttempt(session.failure) : hungUp));
    socket.once(secure ? "secureConnect" : "connect", () => {
      session = this.#openSession(socket, peerAddress(socket), (line) => {
        if (isDecided) return;
        isDecided = true;
        clearTimeout(timer);
        this.#state = { name: "open", line };
        // Listeners of the socket keep the list, and would keep the calls with it as long as the connection stands.
        for (const call of waiting.splice(0)) if (!call.isOver) this.put(call);
      });
    });
  }

  #openSession(socket: Socket, address: string, onReady: (line: Line) => void): Session {
    const stops: (() => void)[] = [];
    const session = new Session(socket, {
      onReady: () => {
        // What is under way on it comes to its end; the next call finds it retired, and makes another.
        stops.push(whenOld(this.#limits.maxAgeMs, () => session.retire()));
        stops.push(keepAlive(session));
        onReady({ address, session, isClosed: () => this.#isClosed });
      },
      onClose: () => {
        this.#sessions.delete(session);
        for (const stop of stops) stop();
      },
    });
    this.#sessions.add(session);
    return session;
  }
}

const HUNG_UP = "the target closed the connection before it spoke HTTP/2";
/** Short enough to stand whole in 80 columns. */
const HUNG_UP_PLAIN = "the target hung up at once; if it wants TLS, write https://";

/** Cut a connection whose other end is gone without a word. Returns how to call it off. */
function keepAlive(session: Session): () => void {
  let late: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    // A server that hears pings without calls thinks them abuse, and hangs up.
    if (session.active === 0) return;
    late = setTimeout(() => session.destroy(new Error("the target does not answer pings")), PING_ANSWER_MS);
    late.unref();
    session.ping(() => clearTimeout(late));
  }, PING_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearTimeout(late);
  };
}

function describeAttempt(error: Error): string {
  return error instanceof Http2Error
    ? `the target does not speak HTTP/2 here: ${error.message}; OTLP over gRPC usually has port 4317, over HTTP 4318`
    : describeError(error);
}
