import type { Fields } from "./hpack/header-decoder.ts";
import type { HeaderList } from "./hpack/header-encoder.ts";

/** Who makes a request and hears of its answer. */
export interface Exchange {
  /** Header fields: of the response, and once more of its trailers. Those that end the stream are followed by `onEnd`. */
  onFields(fields: Fields): void;
  /** Bytes of the response: a view that is good for the time of the call. */
  onData(bytes: Buffer): void;
  /** The response is whole. */
  onEnd(): void;
  /** The message is with the operating system, and is not read any more. Not called where that comes to pass after the end. */
  onFlushed(): void;
  /** The last that is heard of the stream: nothing comes any more, and the message is not read any more. */
  onClose(): void;
}

/** One request and its answer on a session. All fields are the session's to change. */
export class Stream {
  /** 0 as long as it waits for the other end to take another stream. */
  id = 0;
  readonly headers: HeaderList;
  /** What is sent: a short head, and a body, which is not copied. */
  readonly head: Buffer;
  readonly body: Buffer;
  readonly exchange: Exchange;
  /** Bytes of head and body that have been written to the socket. */
  sentBytes = 0;
  /** Bytes that the other end takes of it beyond those; below 0 when it has changed its mind. */
  windowBytes = 0;
  /** Writes that the socket still reads from. */
  openWrites = 0;
  /** Bytes of the response that the other end has not been told of as taken. */
  receivedBytes = 0;
  hasResponse = false;
  /** Nothing that comes for it counts any more, and nothing more is sent. */
  isOver = false;
  /** The other end has not looked at it: it says so. */
  isRefused = false;
  /** With which the other end reset it. */
  resetCode: number | undefined;
  /** What the other end did wrong on it. */
  fault: Error | undefined;

  constructor(headers: HeaderList, head: Buffer, body: Buffer, exchange: Exchange) {
    this.headers = headers;
    this.head = head;
    this.body = body;
    this.exchange = exchange;
  }

  get unsentBytes(): number {
    return this.head.length + this.body.length - this.sentBytes;
  }
}
