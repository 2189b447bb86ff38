import type { Socket } from "node:net";
import {
  END_HEADERS,
  END_STREAM,
  ERROR,
  FRAME,
  frame,
  frameHead,
  Http2Error,
  INITIAL_WINDOW_BYTES,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
} from "./frames.ts";
import type { Stream } from "./stream.ts";

/**
 * Answers to frames that ask for one. One read brings fewer such frames, and more answers wait only where the other end asks on and
 * on and reads nothing.
 */
const MOST_OPEN_REPLIES = 2_000;
/** Of a stream. Windows may open byte by byte: where nothing is read, what they let through is held, to leave in longer frames. */
const MOST_OPEN_WRITES = 100;

/**
 * What leaves over a connection. Frames of one turn of the event loop go down in one write; bodies are not copied, and leave as far
 * as the windows of stream and connection allow, the oldest stream first.
 */
export class Outbox {
  /** Payload of the longest frame that the other end takes. */
  maxFrameBytes = MAX_FRAME_BYTES;
  readonly #socket: Socket;
  readonly #onWritten: (stream: Stream) => void;
  /** Of the connection. */
  #windowBytes = INITIAL_WINDOW_BYTES;
  /** Streams with bytes that there was no room for. */
  readonly #held = new Set<Stream>();
  #isCorked = false;
  #openReplies = 0;

  /** onWritten: a write of the stream's is not read from any more; `openWrites` tells how many still are. */
  constructor(socket: Socket, onWritten: (stream: Stream) => void) {
    this.#socket = socket;
    this.#onWritten = onWritten;
  }

  write(bytes: Buffer): void {
    this.#cork();
    this.#socket.write(bytes);
  }

  /** Answer a frame that asks for one. Throws Http2Error where the other end does not read its answers. */
  reply(bytes: Buffer): void {
    if (++this.#openReplies > MOST_OPEN_REPLIES) {
      throw new Http2Error(ERROR.enhanceYourCalm, "it asks without reading the answers");
    }
    this.#cork();
    this.#socket.write(bytes, this.#onReplied);
  }

  /** Begin a stream: its header block, as many frames as it takes. */
  begin(stream: Stream, block: Buffer): void {
    if (block.length <= this.maxFrameBytes) {
      this.write(frame(FRAME.headers, END_HEADERS, stream.id, block));
      return;
    }
    for (let at = 0; at < block.length; at += this.maxFrameBytes) {
      const part = block.subarray(at, at + this.maxFrameBytes);
      const type = at === 0 ? FRAME.headers : FRAME.continuation;
      this.write(frame(type, at + part.length === block.length ? END_HEADERS : 0, stream.id, part));
    }
  }

  /** Write what the windows have room for; the rest follows when they open, or when the socket has taken what waits there. */
  send(stream: Stream): void {
    const until = stream.sentBytes + Math.min(stream.unsentBytes, stream.windowBytes, this.#windowBytes);
    if (until > stream.sentBytes && stream.openWrites < MOST_OPEN_WRITES) {
      stream.openWrites++;
      this.#cork();
      while (stream.sentBytes < until) this.#writeFrame(stream, until);
    }
    if (stream.unsentBytes > 0) this.#held.add(stream);
    else this.#held.delete(stream);
  }

  /** Nothing more is sent of it. */
  drop(stream: Stream): void {
    this.#held.delete(stream);
  }

  /** The other end takes so many bytes more, of all streams together. Throws Http2Error. */
  widen(bytes: number): void {
    this.#windowBytes += bytes;
    if (this.#windowBytes > MAX_WINDOW_BYTES) {
      throw new Http2Error(ERROR.flowControl, "the window of the connection grows beyond what there is");
    }
    for (const stream of this.#held) {
      if (this.#windowBytes <= 0) return;
      this.send(stream);
    }
  }

  /** Hand over now what was written, ahead of the end of the connection. */
  flush(): void {
    if (this.#isCorked) this.#uncork();
  }

  /** One frame of the message, which ends at `until` or before. */
  #writeFrame(stream: Stream, until: number): void {
    const { head, body, sentBytes } = stream;
    const bytes = Math.min(until - sentBytes, this.maxFrameBytes);
    const end = sentBytes + bytes;
    stream.sentBytes = end;
    stream.windowBytes -= bytes;
    this.#windowBytes -= bytes;
    const flags = stream.unsentBytes === 0 ? END_STREAM : 0;
    // Writes end in the order that they were made in, so the last one tells of all.
    const onWritten =
      end < until
        ? undefined
        : (error?: Error | null): void => {
            if (!error) this.#onWritten(stream);
          };
    this.#socket.write(frameHead(bytes, FRAME.data, flags, stream.id));
    if (sentBytes < head.length) {
      this.#socket.write(head.subarray(sentBytes, end), end > head.length ? undefined : onWritten);
    }
    if (end > head.length) {
      const from = Math.max(0, sentBytes - head.length);
      this.#socket.write(body.subarray(from, end - head.length), onWritten);
    }
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(this.#uncork);
  }

  #uncork = (): void => {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  };

  #onReplied = (): void => {
    this.#openReplies--;
  };
}
