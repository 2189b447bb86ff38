/**
 * gRPC as cheap as it can be read: HTTP/2 frames on a bare socket, nothing of them decoded but their nine bytes in front.
 *
 * Windows are as large as they get and the connection's is filled up in time, so flow control never holds a sender back. Every
 * stream that ends is answered with an empty reply and status 0, in bytes that need no HPACK table: what clients put into theirs
 * does not matter to who never looks a header up. Frames stay at 16 KiB, as grpc-go's servers have it. Source: RFC 9113, RFC 7541.
 */
import type { Socket } from "node:net";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FRAME,
  FRAME_HEAD_BYTES,
  frame,
  INITIAL_WINDOW_BYTES,
  MAX_WINDOW_BYTES,
  numberFrame,
  PREFACE,
} from "../../otlp/client/http2/frames.ts";
import { type Read, readInto } from "./read-into.ts";
import type { Tally } from "./tally.ts";

/** In front of a message: flag and length. */
const PREFIX_BYTES = 5;
const REFILL_BYTES = 2 ** 30;

/** Answer every call of a connection, which is read by `read`. */
export function discardGrpc(accepted: Socket, tally: Tally, read: Read = readInto): void {
  const connection = new Connection(tally);
  const socket = read(accepted, (bytes) => {
    const answer = connection.read(bytes);
    if (answer !== undefined) socket.write(answer);
  });
  socket.write(greeting());
}

class Connection {
  readonly #tally: Tally;
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES);
  readonly #ping = Buffer.alloc(8);
  #prefaceLeft = PREFACE.length;
  #headBytes = 0;
  #payloadBytes = 0;
  #payloadLeft = 0;
  /** Of connection's window, since it was last filled up. */
  #consumed = 0;
  /** Body bytes of streams that are not over; few at a time. */
  readonly #bodyBytes = new Map<number, number>();
  readonly #pieces = new Map<number, Buffer[]>();

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Read what has come; returns what to write, if anything. */
  read(chunk: Buffer): Buffer | undefined {
    const answers: Buffer[] = [];
    let at = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= at;
    while (at < chunk.length) {
      if (this.#headBytes < FRAME_HEAD_BYTES) {
        const taken = Math.min(FRAME_HEAD_BYTES - this.#headBytes, chunk.length - at);
        chunk.copy(this.#head, this.#headBytes, at, at + taken);
        this.#headBytes += taken;
        at += taken;
        if (this.#headBytes < FRAME_HEAD_BYTES) break;
        this.#payloadBytes = this.#head.readUIntBE(0, 3);
        this.#payloadLeft = this.#payloadBytes;
      }
      const taken = Math.min(this.#payloadLeft, chunk.length - at);
      if (taken > 0) this.#take(chunk, at, taken);
      this.#payloadLeft -= taken;
      at += taken;
      if (this.#payloadLeft > 0) break;
      this.#headBytes = 0;
      this.#endFrame(answers);
    }
    if (answers.length < 2) return answers[0];
    return Buffer.concat(answers);
  }

  #take(chunk: Buffer, at: number, bytes: number): void {
    const type = this.#head[3]!;
    if (type === FRAME.ping) chunk.copy(this.#ping, this.#payloadBytes - this.#payloadLeft, at, at + bytes);
    if (type !== FRAME.data || this.#tally.counted === undefined) return;
    const stream = this.#head.readUInt32BE(5);
    const piece = Buffer.from(chunk.subarray(at, at + bytes));
    const pieces = this.#pieces.get(stream);
    if (pieces) pieces.push(piece);
    else this.#pieces.set(stream, [piece]);
  }

  #endFrame(answers: Buffer[]): void {
    const type = this.#head[3]!;
    const flags = this.#head[4]!;
    const stream = this.#head.readUInt32BE(5);
    if (type === FRAME.data) {
      this.#consumed += this.#payloadBytes;
      if (this.#consumed > REFILL_BYTES) {
        answers.push(numberFrame(FRAME.windowUpdate, 0, this.#consumed));
        this.#consumed = 0;
      }
      this.#endData(answers, stream, (flags & END_STREAM) !== 0);
    } else if (type === FRAME.headers && (flags & END_STREAM) !== 0) {
      answers.push(replyTo(stream));
    } else if (type === FRAME.settings && (flags & ACK) === 0) {
      answers.push(frame(FRAME.settings, ACK, 0, Buffer.alloc(0)));
    } else if (type === FRAME.ping && (flags & ACK) === 0) {
      answers.push(frame(FRAME.ping, ACK, 0, this.#ping));
    }
  }

  #endData(answers: Buffer[], stream: number, isLast: boolean): void {
    const bodyBytes = (this.#bodyBytes.get(stream) ?? 0) + this.#payloadBytes;
    if (!isLast) {
      this.#bodyBytes.set(stream, bodyBytes);
      return;
    }
    this.#bodyBytes.delete(stream);
    const pieces = this.#pieces.get(stream);
    if (pieces) {
      this.#pieces.delete(stream);
      this.#tally.note(bodyBytes, [Buffer.concat(pieces).subarray(PREFIX_BYTES)]);
    } else this.#tally.note(bodyBytes, []);
    answers.push(replyTo(stream));
  }
}

/** Settings (the largest window for every stream) and the connection's window. */
function greeting(): Buffer {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(4, 0);
  settings.writeUInt32BE(MAX_WINDOW_BYTES, 2);
  const window = numberFrame(FRAME.windowUpdate, 0, MAX_WINDOW_BYTES - INITIAL_WINDOW_BYTES);
  return Buffer.concat([frame(FRAME.settings, 0, 0, settings), window]);
}

/** `:status: 200` from the static table, `content-type: application/grpc` as a literal with a name of that table. */
const RESPONSE_HEADERS = Buffer.from("\x88\x0f\x10\x10application/grpc", "latin1");
/** `grpc-status: 0`, literal. */
const TRAILERS = Buffer.from("\x00\x0bgrpc-status\x010", "latin1");

const REPLY = Buffer.concat([
  frame(FRAME.headers, END_HEADERS, 0, RESPONSE_HEADERS),
  frame(FRAME.data, 0, 0, Buffer.alloc(PREFIX_BYTES)),
  frame(FRAME.headers, END_HEADERS | END_STREAM, 0, TRAILERS),
]);
const STREAM_AT = [
  5,
  FRAME_HEAD_BYTES + RESPONSE_HEADERS.length + 5,
  FRAME_HEAD_BYTES * 2 + RESPONSE_HEADERS.length + PREFIX_BYTES + 5,
];

/** An empty Export*ServiceResponse and status 0. */
function replyTo(stream: number): Buffer {
  const reply = Buffer.from(REPLY);
  for (const at of STREAM_AT) reply.writeUInt32BE(stream, at);
  return reply;
}
