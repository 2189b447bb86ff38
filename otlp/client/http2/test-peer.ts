/** For tests: a session over a real connection, whose other end is written by hand, in bytes. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { parseEndpoint } from "../../endpoint.ts";
import { openSocket, readingInto } from "../open-socket.ts";
import { FRAME, FRAME_HEAD_BYTES, PREFACE } from "./frames.ts";
import type { Fields } from "./hpack/header-decoder.ts";
import { Session, type SessionOwner } from "./session.ts";
import type { Exchange, Stream } from "./stream.ts";

export interface HeardFrame {
  type: number;
  flags: number;
  streamId: number;
  payload: Buffer;
}

const PING = Buffer.from([0, 0, 8, FRAME.ping, 0, 0, 0, 0, 0]);
/** What no test sends for itself. */
const FENCE = Buffer.from("a fence!");

/** The other end of a session. */
export class Peer {
  readonly socket: Socket;
  /** What the client sent, without answers to `fence`. */
  readonly frames: HeardFrame[] = [];
  /** The connection is gone, or the client has said its last. */
  readonly ended: Promise<unknown>;
  readonly preface: Promise<Buffer>;
  #unread = Buffer.alloc(0);
  #fences = 0;
  #fencesPassed = 0;
  #onHeard: (() => void)[] = [];
  #tellPreface!: (bytes: Buffer) => void;
  #hasPreface = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.preface = new Promise((resolve) => {
      this.#tellPreface = resolve;
    });
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    this.ended = new Promise((resolve) => {
      socket.on("end", resolve);
      socket.on("close", resolve);
    });
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Wait until the client has read all that was sent, and until what it said to it is here. */
  async fence(): Promise<void> {
    const id = ++this.#fences;
    this.send(PING, FENCE);
    await this.until(() => this.#fencesPassed >= id);
  }

  /** Wait until something holds of what was heard; for ever, where it does not come to hold. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#onHeard.push(resolve));
  }

  /** Wait for the first frame of a type, of a stream. */
  async hear(type: number, streamId?: number): Promise<HeardFrame> {
    await this.until(() => this.heard(type, streamId).length > 0);
    return this.heard(type, streamId)[0]!;
  }

  heard(type: number, streamId?: number): HeardFrame[] {
    return this.frames.filter(
      (frame) => frame.type === type && (streamId === undefined || frame.streamId === streamId),
    );
  }

  /** What has come of a stream's message. */
  message(streamId: number): Buffer {
    return Buffer.concat(this.heard(FRAME.data, streamId).map(({ payload }) => payload));
  }

  /** Codes of the RST_STREAM frames for a stream. */
  resets(streamId: number): number[] {
    return this.heard(FRAME.resetStream, streamId).map(({ payload }) => payload.readUInt32BE(0));
  }

  /** Codes of the GOAWAY frames. */
  goAways(): number[] {
    return this.heard(FRAME.goAway).map(({ payload }) => payload.readUInt32BE(4));
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    if (!this.#hasPreface) {
      if (this.#unread.length < PREFACE.length) return;
      this.#hasPreface = true;
      this.#tellPreface(this.#unread.subarray(0, PREFACE.length));
      this.#unread = this.#unread.subarray(PREFACE.length);
    }
    let at = 0;
    while (this.#unread.length - at >= FRAME_HEAD_BYTES) {
      const end = at + FRAME_HEAD_BYTES + this.#unread.readUIntBE(at, 3);
      if (end > this.#unread.length) break;
      this.#take({
        type: this.#unread[at + 3]!,
        flags: this.#unread[at + 4]!,
        streamId: this.#unread.readUInt32BE(at + 5),
        payload: Buffer.from(this.#unread.subarray(at + FRAME_HEAD_BYTES, end)),
      });
      at = end;
    }
    this.#unread = this.#unread.subarray(at);
    for (const resolve of this.#onHeard.splice(0)) resolve();
  }

  #take(frame: HeardFrame): void {
    const isFence = frame.type === FRAME.ping && frame.payload.equals(FENCE);
    if (isFence) this.#fencesPassed++;
    else this.frames.push(frame);
  }
}

/** An exchange that keeps what it hears, as words in order. */
export class Heard implements Exchange {
  readonly words: string[] = [];
  readonly fields: Fields[] = [];
  readonly closed: Promise<void>;
  dataBytes = 0;
  closes = 0;
  /** Called by each of them, with what it is. */
  onWord: ((word: string) => void) | undefined;
  #close!: () => void;

  constructor(onWord?: (word: string) => void) {
    this.onWord = onWord;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  onFields(fields: Fields): void {
    this.fields.push(fields);
    this.#hear("fields");
  }

  onData(bytes: Buffer): void {
    this.dataBytes += bytes.length;
    this.#hear("data");
  }

  onEnd(): void {
    this.#hear("end");
  }

  onFlushed(): void {
    this.#hear("flushed");
  }

  onClose(): void {
    this.closes++;
    this.#close();
    this.#hear("close");
  }

  #hear(word: string): void {
    this.words.push(word);
    this.onWord?.(word);
  }
}

/** Both ends of one connection. */
export interface Meeting {
  session: Session;
  /** The client's end. */
  socket: Socket;
  peer: Peer;
  /** Times that the session's owner heard of it. */
  owner: { ready: number; closed: number };
  /** The session has told its owner that it is ready, or gone. */
  ready: Promise<void>;
  gone: Promise<void>;
  end(): void;
}

/** Connect a session to a peer. `greeting`: what the peer says first; nothing where it is empty. */
export async function meet(greeting: Buffer, events: Partial<SessionOwner> = {}): Promise<Meeting> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, { protocol: "grpc" });
  const socket = openSocket(
    endpoint,
    "grpc",
    {},
    readingInto(16 * 1024, (memory, length) => meeting.session.read(memory.subarray(0, length))),
  );
  const [[accepted]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
  const owner = { ready: 0, closed: 0 };
  let tellReady = (): void => undefined;
  let tellGone = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    tellGone = resolve;
  });
  const session = new Session(socket, {
    onReady: () => {
      owner.ready++;
      events.onReady?.();
      tellReady();
    },
    onClose: () => {
      owner.closed++;
      events.onClose?.();
      tellGone();
    },
  });
  const peer = new Peer(accepted as Socket);
  const end = (): void => {
    socket.destroy();
    peer.socket.destroy();
    server.close();
  };
  const meeting: Meeting = { session, socket, peer, owner, ready, gone, end };
  if (greeting.length > 0) {
    peer.send(greeting);
    await ready;
  }
  return meeting;
}

export const LIST = [":method", "POST", ":path", "/"];
/** As gRPC puts it in front of a message. */
export const HEAD = Buffer.from([0, 0, 0, 0, 4]);
export const BODY = Buffer.from("body");

/** A request, and what is heard of it. */
export function ask(
  { session }: Meeting,
  body: Buffer = BODY,
  onWord?: (word: string) => void,
): [Stream, Heard] {
  const heard = new Heard(onWord);
  return [session.request(LIST, HEAD, body, heard), heard];
}
