import type { Socket } from "node:net";
import type { Answer, LostCode } from "../../answer.ts";
import { type Endpoint, placeOf } from "../../endpoint.ts";
import type { TlsMaterial } from "../../tls.ts";
import { whenOld } from "../connection-age.ts";
import type { Released } from "../contract.ts";
import { openSocket, readingInto } from "../open-socket.ts";
import { describeError, peerAddress } from "../socket-text.ts";
import { answerOfResponse } from "./http-answer.ts";
import { ResponseError, ResponseReader } from "./response-reader.ts";

/** Where and how connections are made, and who hears of their state. */
export interface ConnectionPlan {
  endpoint: Endpoint;
  tls: TlsMaterial;
  /** Of one request, connecting included, ms. */
  timeoutMs: number;
  /** Of connecting alone, ms. */
  connectMs: number;
  /** A connection that stands for about so long takes no other request, ms; 0: it may stand for ever. */
  maxAgeMs: number;
  /** It can take the next request. */
  onIdle: (connection: Connection) => void;
  /** It cannot take another one, ever. */
  onGone: (connection: Connection) => void;
}

/** Longer replies are read in several pieces; most have a head of 100 bytes and no body. */
const READ_BYTES = 4096;

/**
 * One connection to the target and the request that is under way on it: one at a time, the next when its answer has come.
 *
 * A request is over when its answer is complete and its body is with the operating system, or when the socket is gone: an answer
 * that comes early does not free a buffer which is still being written. One object serves all of a connection's requests.
 */
export class Connection {
  readonly #plan: ConnectionPlan;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  /** Of the request under way; never cleared, for an idle one has nothing to end. */
  readonly #timer: NodeJS.Timeout;
  /** ip:port once the connection, and its TLS session, stands. Nothing is written before. */
  #address: string | undefined;
  #expiresAtMs = Number.POSITIVE_INFINITY;
  readonly #connectTimer: NodeJS.Timeout | undefined;
  #isOld = false;
  #forgetAge: (() => void) | undefined;
  #head = "";
  #body: Buffer | undefined;
  #bodyBytes = 0;
  #done: ((answer: Answer) => void) | undefined;
  #released: Released | undefined;
  #isWritten = false;
  #isTimedOut = false;
  #isClosed = false;
  #error: Error | undefined;

  /** Begins to connect. */
  constructor(plan: ConnectionPlan) {
    this.#plan = plan;
    const { endpoint, tls } = plan;
    const socket = openSocket(
      endpoint,
      "http/protobuf",
      tls,
      readingInto(READ_BYTES, (memory, length) => this.#onRead(memory, length)),
    );
    this.#socket = socket;
    socket.once(endpoint.secure ? "secureConnect" : "connect", this.#onStanding);
    socket.on("error", this.#onError);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
    this.#timer = setTimeout(this.#onTimeout, plan.timeoutMs);
    // The socket keeps the process alive while a request is under way, and only then.
    this.#timer.unref();
    if (plan.connectMs < plan.timeoutMs) {
      this.#connectTimer = setTimeout(this.#onNoConnection, plan.connectMs).unref();
    }
  }

  /** Whether an idle connection can be used: it may have outlived what the target promised. */
  get isUsable(): boolean {
    if (!this.#socket.writable) return false;
    return this.#expiresAtMs === Number.POSITIVE_INFINITY || performance.now() < this.#expiresAtMs;
  }

  /**
   * Send a request. Only on a connection that is new or was given to `onIdle`.
   *
   * head  of the request up to the length of the body, latin1: `...content-length: `
   * body, done, released  as in the contract of transports
   */
  send(head: string, body: Buffer, done: (answer: Answer) => void, released?: Released): void {
    this.#head = head;
    this.#body = body;
    this.#bodyBytes = body.length;
    this.#done = done;
    this.#released = released;
    this.#isWritten = false;
    this.#reader.begin();
    this.#timer.refresh();
    this.#socket.ref();
    if (this.#address !== undefined) this.#write();
  }

  /** Close it now; a request under way is answered as lost. */
  destroy(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #write(): void {
    const socket = this.#socket;
    socket.cork();
    socket.write(`${this.#head}${this.#bodyBytes}\r\n\r\n`, "latin1");
    socket.write(this.#body!, this.#onWritten);
    socket.uncork();
    this.#body = undefined;
  }

  #onStanding = (): void => {
    this.#address = peerAddress(this.#socket);
    clearTimeout(this.#connectTimer);
    this.#forgetAge = whenOld(this.#plan.maxAgeMs, this.#onOld);
    if (this.#done) this.#write();
  };

  #onNoConnection = (): void => {
    this.#socket.destroy(new Error(`no connection within ${this.#plan.connectMs / 1000} s`));
  };

  /** A request that is under way comes to its end first. */
  #onOld = (): void => {
    this.#isOld = true;
    if (!this.#done) this.#socket.destroy();
  };

  #onWritten = (error?: Error | null): void => {
    // What failed is still being written until the socket is closed; and that may have come first.
    if (error || !this.#done) return;
    this.#isWritten = true;
    this.#release();
    if (this.#reader.isComplete) this.#settle();
  };

  #release(intact = false): void {
    const released = this.#released;
    this.#released = undefined;
    released?.(intact);
  }

  #onRead(bytes: Buffer, length: number): void {
    // Nothing was asked, so whatever it is cannot be an answer.
    if (!this.#done) {
      this.#socket.destroy();
      return;
    }
    try {
      this.#reader.read(bytes, length);
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      this.#error ??= error;
      this.#socket.destroy();
      return;
    }
    if (this.#reader.isComplete && this.#isWritten) this.#settle();
  }

  #onEnd = (): void => {
    this.#reader.end();
    if (!this.#done || !this.#reader.isComplete || this.#isWritten) this.#socket.destroy();
  };

  #onError = (error: Error): void => {
    this.#error ??= error;
  };

  #onTimeout = (): void => {
    if (!this.#done) return;
    this.#isTimedOut = true;
    this.#socket.destroy();
  };

  /** The last that comes of a socket; the memory of the body is read no more. */
  #onClose = (): void => {
    clearTimeout(this.#timer);
    clearTimeout(this.#connectTimer);
    this.#forgetAge?.();
    this.#plan.onGone(this);
    const done = this.#done;
    if (!done) return;
    this.#done = undefined;
    this.#body = undefined;
    this.#release(this.#address === undefined);
    // A complete answer counts, even if the connection broke afterwards.
    done(this.#reader.isComplete || this.#isRefusal() ? this.#answered() : this.#lost());
  };

  /**
   * A connection that broke in the words of a refusal: the status says all that counts. A server that refuses without reading the body,
   * such as one that wants TLS, closes with bytes unread, and TCP makes a reset of that.
   */
  #isRefusal(): boolean {
    const { head } = this.#reader;
    const isBroken = !this.#isTimedOut && !this.#isClosed && !(this.#error instanceof ResponseError);
    return isBroken && head !== undefined && head.status >= 300;
  }

  /** The answer is complete and the body is written. */
  #settle(): void {
    const done = this.#done!;
    const answer = this.#answered();
    const { keepsAlive, keepAliveMs } = this.#reader.head!;
    this.#done = undefined;
    if (keepsAlive && !this.#isOld && !this.#reader.hasSurplus && this.#socket.writable) {
      this.#expiresAtMs =
        keepAliveMs === Number.POSITIVE_INFINITY ? keepAliveMs : performance.now() + keepAliveMs;
      this.#socket.unref();
      this.#plan.onIdle(this);
    } else this.#socket.destroy();
    done(answer);
  }

  #answered(): Answer {
    const { head, reply, isWhole } = this.#reader;
    return answerOfResponse(head!, reply, isWhole, this.#address!, this.#bodyBytes);
  }

  #lost(): Answer {
    const address = this.#address;
    const sent = address !== undefined;
    return {
      kind: "lost",
      sent,
      code: this.#lostCode(sent),
      message: this.#reason(sent),
      address: address ?? placeOf(this.#plan.endpoint),
      wireBytes: sent ? this.#bodyBytes : 0,
    };
  }

  #lostCode(sent: boolean): LostCode {
    if (this.#isTimedOut) return "timeout";
    if (this.#isClosed) return "closed";
    return sent ? "connection_lost" : "unreachable";
  }

  #reason(sent: boolean): string {
    if (this.#isTimedOut) {
      return `${sent ? "no answer" : "no connection"} within ${this.#plan.timeoutMs / 1000} s`;
    }
    if (this.#isClosed) return "the transport was closed before an answer came";
    if (this.#error instanceof ResponseError) return this.#error.message;
    if (this.#reader.head) return "the connection broke in the middle of the answer";
    return this.#error ? describeError(this.#error) : "the connection was closed before an answer came";
  }
}
