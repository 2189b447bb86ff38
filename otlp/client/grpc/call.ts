import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { constants } from "node:http2";
import { type Answer, type LostCode, plainLine } from "../../answer.ts";
import type { Released } from "../contract.ts";
import { describeError } from "../socket-text.ts";
import { answerOfReply, PREFIX_BYTES } from "./grpc-answer.ts";

/** More of a reply than this is not kept. A reply is a count and a sentence. */
const MAX_REPLY_BYTES = 64 * 1024;

/** The connection that a call is put on, as far as the call must know it. */
export interface Line {
  /** ip:port of the other end. */
  readonly address: string;
  /** Streams above this were not looked at by the target, which is going away; Infinity as long as it is not. */
  lastStreamId: number;
  /** Calls on it that are not over. */
  active: number;
  /** Answers that have begun to come over it. */
  answers: number;
  /** Nothing has come over it for as long as a call may take: no further call is put on it, and with its last call it is cut. */
  isSilent: boolean;
  /** It was closed from our side, by whoever owns it. */
  isClosed(): boolean;
  /** Nothing that was written waits in our socket: no body of a cancelled call either. */
  isDrained(): boolean;
  /** Put no further call on it; those that are on it come to their end. */
  retire(): void;
  /** Cut the connection. */
  cut(): void;
  /** A stream ended while its bytes wait in our socket: do not let the connection be freed before it. */
  outlive(stream: ClientHttp2Stream): void;
}

/** What all calls of one signal and encoding have in common. */
export interface CallPlan {
  /** Names and values in turn, as node:http2 takes raw headers. */
  headers: string[];
  /** The flag in front of the message. */
  compressed: boolean;
  timeoutMs: number;
  /** Where it was to go, for calls that come to no connection. */
  place: string;
}

/**
 * A call that ended before its body was written holds the body until the connection lets go of it: what waits in the socket
 * would be overwritten, and arrive. A target that takes no byte for this long loses the connection.
 */
const FLUSH_MS = 1_000;

/** The streams carry their call, so that listeners are functions made once. */
type CallStream = ClientHttp2Stream & { call: Call };

/**
 * One unary call: waits for a connection, is put on one, gets one answer.
 *
 * `done` comes when the stream is closed and the body is written or cast away, or when the call ends without ever having been put
 * on a connection.
 */
export class Call {
  readonly plan: CallPlan;
  readonly #body: Buffer;
  readonly #done: (answer: Answer) => void;
  #released: Released | undefined;
  readonly #timer: NodeJS.Timeout;
  #stream: ClientHttp2Stream | undefined;
  #line: Line | undefined;
  /** What had come over the connection when this call was put on it. */
  #answersBefore = 0;
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #data: Buffer = EMPTY;
  #tooLong = false;
  #ended = false;
  #error: Error | undefined;
  #timedOut = false;
  #flushed = false;
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

  /** Write it to a stream that was opened for it, with the plan's headers sent. */
  start(stream: ClientHttp2Stream, line: Line): void {
    this.#stream = stream;
    this.#line = line;
    line.active++;
    this.#answersBefore = line.answers;
    (stream as CallStream).call = this;
    stream.on("response", onResponse);
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("trailers", onTrailers);
    stream.on("error", onError);
    stream.on("close", onClose);
    // Corked, prefix and body go down in one call. The callback comes when the connection has written them, or never will.
    stream.cork();
    stream.write(prefixOf(this.#body.length, this.plan.compressed));
    stream.write(this.#body, () => this.#onFlushed());
    stream.end();
  }

  /** End a call that was never put on a connection. */
  fail(code: LostCode, message: string): void {
    if (this.#over) return;
    this.#finish({ kind: "lost", sent: false, code, message, address: this.plan.place, wireBytes: 0 });
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

  /** The body is written; or cast away with its stream, and then parts of it may still wait in the socket. */
  #onFlushed(): void {
    if (this.#stream!.destroyed) return;
    this.#flushed = true;
    this.#release();
  }

  onTimeout(): void {
    this.#timedOut = true;
    if (this.#stream) {
      this.#retireSilentLine();
      this.#cancel();
    } else this.fail("timeout", this.#late("no connection"));
  }

  /** Tell the target, and do not wait until it has been told: the connection may be stuck. */
  #cancel(): void {
    const stream = this.#stream!;
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy();
  }

  /** A peer that went without a word keeps its connection for a long time. The next call finds out sooner by another one. */
  #retireSilentLine(): void {
    const line = this.#line!;
    if (line.isSilent || line.answers !== this.#answersBefore) return;
    line.isSilent = true;
    line.retire();
  }

  onResponse(headers: IncomingHttpHeaders): void {
    this.#line!.answers++;
    this.#headers = headers;
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers;
  }

  onData(chunk: Buffer): void {
    this.#tooLong ||= this.#data.length + chunk.length > MAX_REPLY_BYTES;
    if (!this.#tooLong) this.#data = this.#data.length === 0 ? chunk : Buffer.concat([this.#data, chunk]);
  }

  /** The reply is whole. One that came before all of the body was read means that the rest will not be. */
  onEnd(): void {
    this.#ended = true;
    const stream = this.#stream!;
    if (!stream.writableFinished && this.#headers) stream.close(constants.NGHTTP2_CANCEL);
  }

  onError(error: Error): void {
    this.#error ??= error;
  }

  onClose(): void {
    this.#line!.active--;
    if (!this.#flushed || !this.#ended) this.#line!.outlive(this.#stream!);
    if (this.#flushed || this.#line!.isDrained()) this.#end();
    else setTimeout(onStuck, FLUSH_MS, this);
    // It would wait for ever for the other end to close it, too.
    if (this.#line!.isSilent && this.#line!.active === 0) setImmediate(cutSilent, this.#line!);
  }

  onStuck(): void {
    if (!this.#line!.isDrained()) this.#line!.cut();
    this.#end();
  }

  #end(): void {
    if (!this.#over) this.#finish(this.#answered() ?? this.#lost());
  }

  #answered(): Answer | undefined {
    if (!this.#headers) return undefined;
    const whole = this.#ended || this.#trailers !== undefined || this.#headers["grpc-status"] !== undefined;
    if (!whole) return undefined;
    const data = this.#tooLong ? undefined : this.#data;
    const reply = { headers: this.#headers, trailers: this.#trailers, data };
    return answerOfReply(reply, this.#line!.address, this.#body.length + PREFIX_BYTES);
  }

  #lost(): Answer {
    const wasRefused = this.#wasRefused();
    return {
      kind: "lost",
      sent: !wasRefused,
      code: this.#lostCode(wasRefused),
      message: this.#timedOut ? this.#late("no answer") : this.#reason(),
      address: this.#line!.address,
      wireBytes: this.#body.length + PREFIX_BYTES,
    };
  }

  #lostCode(wasRefused: boolean): LostCode {
    if (this.#timedOut) return "timeout";
    if (this.#line!.isClosed()) return "closed";
    return wasRefused ? "refused_stream" : "connection_lost";
  }

  /** The target did not look at the stream: it refused it, or was going away. RFC 9113, 6.8 and 8.7. */
  #wasRefused(): boolean {
    const { id, rstCode } = this.#stream!;
    return rstCode === constants.NGHTTP2_REFUSED_STREAM || id === undefined || id > this.#line!.lastStreamId;
  }

  #reason(): string {
    if (this.#line!.isClosed()) return "the transport was closed before an answer came";
    const code = this.#stream!.rstCode;
    if ((this.#error as NodeJS.ErrnoException | undefined)?.code === "ERR_HTTP2_ERROR") {
      return `the target does not keep to HTTP/2: ${describeError(this.#error!)}`;
    }
    if (
      this.#error &&
      !/ERR_HTTP2_(STREAM|SESSION)_/.test(`${(this.#error as NodeJS.ErrnoException).code}`)
    ) {
      return describeError(this.#error);
    }
    if (code !== 0 && code !== constants.NGHTTP2_CANCEL)
      return `the target reset the stream: ${RESETS[code] ?? code}`;
    if (!this.#headers) return "the connection was closed before an answer came";
    const contentType = this.#headers["content-type"] ?? "";
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

/** Names of HTTP/2's error codes. Source: RFC 9113, 7. */
const RESETS = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

function prefixOf(messageBytes: number, compressed: boolean): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(messageBytes, 1);
  return prefix;
}

function onTimeout(call: Call): void {
  call.onTimeout();
}

function cutSilent(line: Line): void {
  line.cut();
}

function onStuck(call: Call): void {
  call.onStuck();
}

function onResponse(this: CallStream, headers: IncomingHttpHeaders): void {
  this.call.onResponse(headers);
}

function onData(this: CallStream, chunk: Buffer): void {
  this.call.onData(chunk);
}

function onEnd(this: CallStream): void {
  this.call.onEnd();
}

function onTrailers(this: CallStream, trailers: IncomingHttpHeaders): void {
  this.call.onTrailers(trailers);
}

function onError(this: CallStream, error: Error): void {
  this.call.onError(error);
}

function onClose(this: CallStream): void {
  this.call.onClose();
}
