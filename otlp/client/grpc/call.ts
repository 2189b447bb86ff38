import { type Answer, type LostCode, plainLine } from "../../answer.ts";
import type { Released } from "../contract.ts";
import { ERROR, errorName, Http2Error } from "../http2/frames.ts";
import type { Fields } from "../http2/hpack/header-decoder.ts";
import type { HeaderList } from "../http2/hpack/header-encoder.ts";
import type { Session } from "../http2/session.ts";
import type { Exchange, Stream } from "../http2/stream.ts";
import { describeError } from "../socket-text.ts";
import { answerOfReply, PREFIX_BYTES } from "./grpc-answer.ts";

/** More of a reply than this is not kept. A reply is a count and a sentence. */
const MAX_REPLY_BYTES = 64 * 1024;

/** The connection that a call is put on, as far as the call must know it. */
export interface Line {
  /** ip:port of the other end. */
  readonly address: string;
  readonly session: Session;
  /** It was closed from our side, by whoever owns it. */
  isClosed(): boolean;
}

/** What all calls of one signal and encoding have in common. */
export interface CallPlan {
  headers: HeaderList;
  /** The flag in front of the message. */
  compressed: boolean;
  timeoutMs: number;
  /** Where it was to go, for calls that come to no connection. */
  place: string;
}

/**
 * One unary call: waits for a connection, is put on one, gets one answer.
 *
 * `done` comes when the stream is over and the body is written or cast away, or when the call ends without ever having been put
 * on a connection.
 */
export class Call implements Exchange {
  readonly plan: CallPlan;
  readonly #body: Buffer;
  readonly #done: (answer: Answer) => void;
  #released: Released | undefined;
  readonly #timer: NodeJS.Timeout;
  #stream: Stream | undefined;
  #line: Line | undefined;
  /** What had come over the connection when this call was put on it. */
  #answersBefore = 0;
  #headers: Fields | undefined;
  #trailers: Fields | undefined;
  #data: Buffer = EMPTY;
  #tooLong = false;
  #ended = false;
  #timedOut = false;
  #over = false;

  constructor(plan: CallPlan, body: Buffer, done: (answer: Answer) => void, released?: Released) {
    this.plan = plan;
    this.#body = body;
    this.#done = done;
    this.#released = released;
    this.#timer = setTimeout(onTimeout, plan.timeoutMs, this);
  }

  /** Nobody waits for it any more: it was too late for a connection, or there was none to be had. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Put it on a connection. */
  start(line: Line): void {
    const { session } = line;
    this.#line = line;
    this.#answersBefore = session.answers;
    const prefix = prefixOf(this.#body.length, this.plan.compressed);
    this.#stream = session.request(this.plan.headers, prefix, this.#body, this);
  }

  /** End a call that was never put on a connection. */
  fail(code: LostCode, message: string): void {
    if (this.#over) return;
    this.#finish({ kind: "lost", sent: false, code, message, address: this.plan.place, wireBytes: 0 });
  }

  onFields(fields: Fields): void {
    if (this.#headers) this.#trailers = fields;
    else this.#headers = fields;
  }

  onData(bytes: Buffer): void {
    this.#tooLong ||= this.#data.length + bytes.length > MAX_REPLY_BYTES;
    if (!this.#tooLong) this.#data = Buffer.concat([this.#data, bytes]);
  }

  onEnd(): void {
    this.#ended = true;
  }

  onFlushed(): void {
    this.#release();
  }

  onClose(): void {
    this.#finish(this.#answered() ?? this.#lost());
  }

  onTimeout(): void {
    this.#timedOut = true;
    if (!this.#stream) {
      this.fail("timeout", this.#late("no connection"));
      return;
    }
    const { session } = this.#line!;
    // A peer that went without a word keeps its connection for a long time. The next call finds out sooner by another one.
    if (session.answers === this.#answersBefore) session.retire();
    session.cancel(this.#stream);
  }

  #finish(answer: Answer): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#release(this.#stream === undefined);
    this.#done(answer);
  }

  #release(intact = false): void {
    const released = this.#released;
    this.#released = undefined;
    released?.(intact);
  }

  #answered(): Answer | undefined {
    if (!this.#headers) return undefined;
    const whole = this.#ended || this.#headers.has("grpc-status");
    if (!whole) return undefined;
    const data = this.#tooLong ? undefined : this.#data;
    const reply = { headers: this.#headers, trailers: this.#trailers, data };
    return answerOfReply(reply, this.#line!.address, this.#body.length + PREFIX_BYTES);
  }

  #lost(): Answer {
    return {
      kind: "lost",
      sent: !this.#wasRefused(),
      code: this.#lostCode(),
      message: this.#timedOut ? this.#late("no answer") : this.#reason(),
      address: this.#line!.address,
      wireBytes: this.#body.length + PREFIX_BYTES,
    };
  }

  #lostCode(): LostCode {
    if (this.#timedOut) return "timeout";
    if (this.#line!.isClosed()) return "closed";
    return this.#wasRefused() ? "refused_stream" : "connection_lost";
  }

  /** The target did not look at the stream: it refused it, was going away, or never had room for it. RFC 9113, 6.8 and 8.7. */
  #wasRefused(): boolean {
    return this.#stream!.isRefused || this.#stream!.id === 0;
  }

  #reason(): string {
    if (this.#line!.isClosed()) return "the transport was closed before an answer came";
    const { fault, resetCode } = this.#stream!;
    const { failure } = this.#line!.session;
    const broken = fault ?? failure;
    if (broken instanceof Http2Error) return `the target does not keep to HTTP/2: ${broken.message}`;
    if (resetCode !== undefined && resetCode !== ERROR.none && resetCode !== ERROR.cancel) {
      return `the target reset the stream: ${errorName(resetCode)}`;
    }
    if (this.#wasRefused()) return "the target goes away, and did not look at the request";
    if (failure) return describeError(failure);
    if (!this.#headers) return "the connection was closed before an answer came";
    const contentType = this.#headers.get("content-type") ?? "";
    if (!contentType.startsWith("application/grpc")) {
      return `the answer is not gRPC, its content type is "${plainLine(contentType).slice(0, 40)}"`;
    }
    return this.#ended
      ? "the answer ended without a status"
      : "the connection broke in the middle of the answer";
  }

  #late(what: string): string {
    return `${what} within ${this.plan.timeoutMs / 1000} s`;
  }
}

const EMPTY = Buffer.alloc(0);

function prefixOf(messageBytes: number, compressed: boolean): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(messageBytes, 1);
  return prefix;
}

function onTimeout(call: Call): void {
  call.onTimeout();
}
