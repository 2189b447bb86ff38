import type { Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";
import {
  ACK,
  END_STREAM,
  ERROR,
  errorName,
  FRAME,
  frame,
  goAwayFrame,
  Http2Error,
  INITIAL_WINDOW_BYTES,
  LAST_STREAM_ID,
  MAX_WINDOW_BYTES,
  numberFrame,
  PREFACE,
  withoutPadding,
} from "./frames.ts";
import { HeaderBlocks, MAX_LIST_BYTES } from "./header-blocks.ts";
import type { Fields } from "./hpack/header-decoder.ts";
import { HeaderEncoder, type HeaderList } from "./hpack/header-encoder.ts";
import { Outbox } from "./outbox.ts";
import { clientSettings, DEFAULT_PEER_SETTINGS, type PeerSettings, settingsAfter } from "./peer-settings.ts";
import { type Exchange, Stream } from "./stream.ts";

/** How long the other end has to take what was written, once there is no use in it, before the connection is cut. */
const FLUSH_MS = 1_000;
const UNREAD = "the target does not read what it is sent";
const PING_BYTES = 8;
const NO_GROWTH = "a window was to grow by nothing";
const TOO_WIDE = "a window grows beyond what there is";

/** Who made a session and hears of it. */
export interface SessionOwner {
  /** The other end speaks HTTP/2: its settings have come. */
  onReady(): void;
  /** The connection is gone; its streams have been told. `failure` of the session says why, if anybody knows. */
  onClose(): void;
}

/**
 * The client's side of HTTP/2 on one connection, for requests whose bodies are known from the start and whose answers are short:
 * what unary gRPC needs, and no more. Source: RFC 9113.
 *
 * Nothing is pushed, nothing has a priority, and bodies are not copied. What the other end decides is bounded: the length of a frame,
 * of a header block, of what waits to be answered. What it does wrong ends the stream or the connection, and never more than that.
 *
 * Not node:http2, which costs more, stops to read a connection that is going away, and aborts the process for some broken answers.
 */
export class Session {
  readonly #socket: Socket;
  readonly #owner: SessionOwner;
  readonly #reader = new FrameReader((type, flags, id, payload) => this.#onFrame(type, flags, id, payload));
  readonly #blocks = new HeaderBlocks();
  readonly #encoder = new HeaderEncoder();
  readonly #outbox: Outbox;
  /** Those that were begun, by id, until their end. */
  readonly #streams = new Map<number, Stream>();
  /** Those that the other end has no room for yet. */
  readonly #waiting: Stream[] = [];
  #settings: Readonly<PeerSettings> = DEFAULT_PEER_SETTINGS;
  #isReady = false;
  #isRetired = false;
  #isDestroyed = false;
  #failure: Error | undefined;
  #nextId = 1;
  /** Bytes of all responses that the other end has not been told of as taken. */
  #receivedBytes = 0;
  #onPong: (() => void) | undefined;
  /** Responses that have begun to come. */
  answers = 0;

  /** On a connection that stands, TLS session included. Whoever has the socket hands what comes over it to `read`. */
  constructor(socket: Socket, owner: SessionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#outbox = new Outbox(socket, (stream) => this.#onWritten(stream));
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    // Whoever says no more does not answer any more.
    socket.on("end", () => this.destroy());
    socket.on("close", () => this.#onSocketClose());
    const settings = clientSettings(MAX_LIST_BYTES);
    this.#outbox.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0, settings)]));
  }

  /** It takes requests. */
  get isUsable(): boolean {
    return !this.#isRetired && !this.#isDestroyed;
  }

  /** Streams that are not over, and those whose message the socket still reads. */
  get active(): number {
    return this.#streams.size + this.#waiting.length;
  }

  /** Why the connection is gone, or is going: undefined when it ended in good order, or without a word. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /**
   * Make a request. Only on a session that is usable, after `onReady`.
   *
   * headers  pseudo-header fields first; the very same list again costs next to nothing
   * head, body  of the message, which is not empty; belong to the session until the exchange hears `onFlushed` or `onClose`
   */
  request(headers: HeaderList, head: Buffer, body: Buffer, exchange: Exchange): Stream {
    const stream = new Stream(headers, head, body, exchange);
    // One that is made while another ends must not overtake those that wait.
    if (this.#waiting.length === 0 && this.#hasRoom()) this.#begin(stream);
    else this.#waiting.push(stream);
    return stream;
  }

  /** Nobody wants the answer any more. `onClose` follows, at once where nothing of the message is under way. */
  cancel(stream: Stream): void {
    if (stream.isOver || this.#isDestroyed) return;
    if (stream.id === 0) {
      this.#waiting.splice(this.#waiting.indexOf(stream), 1);
      this.#close(stream);
      return;
    }
    this.#outbox.write(numberFrame(FRAME.resetStream, stream.id, ERROR.cancel));
    this.#end(stream);
  }

  /** Ask for a sign of life; `onPong` is called when it comes. One at a time. */
  ping(onPong: () => void): void {
    this.#onPong = onPong;
    this.#outbox.write(frame(FRAME.ping, 0, 0, Buffer.alloc(PING_BYTES)));
  }

  /** Take no further request; what is under way comes to its end, and the connection with it. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  /** Cut the connection. What is under way hears `onClose`, later. */
  destroy(failure?: Error): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#failure ??= failure;
    if (failure instanceof Http2Error) this.#outbox.write(goAwayFrame(failure.errorCode));
    this.#outbox.flush();
    this.#socket.destroy();
  }

  /** Bytes that came over the connection. Nothing of them is kept. */
  read(bytes: Buffer): void {
    if (this.#isDestroyed) return;
    try {
      this.#reader.read(bytes);
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.destroy(error);
    }
  }

  #hasRoom(): boolean {
    return this.#streams.size < this.#settings.maxStreams;
  }

  #begin(stream: Stream): void {
    stream.id = this.#nextId;
    this.#nextId += 2;
    stream.windowBytes = this.#settings.windowBytes;
    this.#streams.set(stream.id, stream);
    this.#outbox.begin(stream, this.#encoder.encode(stream.headers));
    this.#outbox.send(stream);
    if (this.#nextId > LAST_STREAM_ID) {
      this.#isRetired = true;
      this.#giveUpWaiting();
    }
  }

  #beginWaiting(): void {
    while (this.#waiting.length > 0 && this.#hasRoom() && !this.#isDestroyed)
      this.#begin(this.#waiting.shift()!);
  }

  /** Nothing begins any more. */
  #giveUpWaiting(): void {
    const streams = this.#waiting.splice(0);
    // All of them before anybody hears of it: whoever does may cancel the others.
    for (const stream of streams) stream.isOver = true;
    for (const stream of streams) this.#close(stream);
  }

  #onWritten(stream: Stream): void {
    if (--stream.openWrites > 0) return;
    if (stream.isOver) this.#close(stream);
    else if (stream.unsentBytes === 0) stream.exchange.onFlushed();
    else if (!this.#isDestroyed) this.#outbox.send(stream);
  }

  /** Tell the other end that, for what it said, a stream is of no use any more. Throws Http2Error. */
  #reset(stream: Stream, errorCode: number): void {
    this.#outbox.reply(numberFrame(FRAME.resetStream, stream.id, errorCode));
    this.#end(stream);
  }

  /** Nothing of the stream counts any more. It stays until the socket has let go of its body: what waits there would be overwritten. */
  #end(stream: Stream): void {
    stream.isOver = true;
    this.#outbox.drop(stream);
    if (stream.openWrites === 0) this.#close(stream);
    else setTimeout(() => stream.openWrites > 0 && this.destroy(new Error(UNREAD)), FLUSH_MS).unref();
  }

  #close(stream: Stream): void {
    stream.isOver = true;
    this.#streams.delete(stream.id);
    stream.exchange.onClose();
    this.#beginWaiting();
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#isRetired || this.active > 0 || this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#outbox.write(goAwayFrame(ERROR.none));
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), FLUSH_MS).unref();
  }

  #onSocketClose(): void {
    this.#isDestroyed = true;
    for (const stream of [...this.#streams.values(), ...this.#waiting.splice(0)]) this.#close(stream);
    this.#owner.onClose();
  }

  #onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (this.#isDestroyed) return;
    if (!this.#isReady && (type !== FRAME.settings || flags & ACK)) {
      throw new Http2Error(ERROR.protocol, "what it says first are not its settings");
    }
    if (this.#blocks.isOpen && type !== FRAME.continuation) {
      throw new Http2Error(ERROR.protocol, "header fields were broken off");
    }
    switch (type) {
      case FRAME.data:
        this.#onData(flags, streamId, payload);
        break;
      case FRAME.headers:
        this.#known(streamId);
        this.#onFields(this.#blocks.begin(flags, streamId, payload));
        break;
      case FRAME.continuation:
        this.#onFields(this.#blocks.continue(flags, streamId, payload));
        break;
      case FRAME.resetStream:
        this.#onReset(streamId, payload);
        break;
      case FRAME.settings:
        this.#onSettings(flags, streamId, payload);
        break;
      case FRAME.ping:
        this.#onPing(flags, streamId, payload);
        break;
      case FRAME.goAway:
        this.#onGoAway(streamId, payload);
        break;
      case FRAME.windowUpdate:
        this.#onWindowUpdate(streamId, payload);
        break;
      case FRAME.pushPromise:
        throw new Http2Error(ERROR.protocol, "it pushes what nobody asked for");
      // Others mean nothing to us: priorities, and what may be added to HTTP/2.
    }
  }

  /** The stream that a frame is about; undefined when it is over. Throws for one that was never begun. */
  #known(streamId: number): Stream | undefined {
    if (streamId % 2 === 0 || streamId >= this.#nextId) {
      throw new Http2Error(ERROR.protocol, `a frame came for stream ${streamId}, which there is not`);
    }
    const stream = this.#streams.get(streamId);
    return stream?.isOver ? undefined : stream;
  }

  #onFields(fields: Fields | undefined): void {
    if (!fields) return;
    const { streamId, endsStream } = this.#blocks;
    const stream = this.#known(streamId);
    if (!stream) return;
    if (!stream.hasResponse) {
      const status = fields.get(":status") ?? "";
      const isWordBetween = /^1\d\d$/.test(status) && !endsStream;
      if (isWordBetween) return;
      if (!/^[2-5]\d\d$/.test(status)) {
        this.#fault(stream, "an answer came without a status of HTTP");
        return;
      }
      stream.hasResponse = true;
      this.answers++;
    } else if (!endsStream) {
      this.#fault(stream, "header fields came in the middle of an answer");
      return;
    }
    stream.exchange.onFields(fields);
    if (endsStream) this.#onStreamEnd(stream);
  }

  #onData(flags: number, streamId: number, payload: Buffer): void {
    const stream = this.#known(streamId);
    this.#receivedBytes = this.#taken(0, this.#receivedBytes + payload.length);
    if (!stream) return;
    if (!stream.hasResponse) {
      this.#fault(stream, "data came before the answer");
      return;
    }
    const endsStream = (flags & END_STREAM) !== 0;
    stream.receivedBytes += payload.length;
    if (!endsStream) stream.receivedBytes = this.#taken(streamId, stream.receivedBytes);
    const bytes = withoutPadding(flags, payload);
    if (bytes.length > 0) stream.exchange.onData(bytes);
    if (endsStream) this.#onStreamEnd(stream);
  }

  /**
   * Bytes that came, and were taken: half a window of them is told to the other end. Returns those that are still to be told.
   * No frame is as long as the other half, so none can be too much: a peer that waits for no window fills no memory either.
   */
  #taken(streamId: number, receivedBytes: number): number {
    if (receivedBytes < INITIAL_WINDOW_BYTES / 2) return receivedBytes;
    this.#outbox.reply(numberFrame(FRAME.windowUpdate, streamId, receivedBytes));
    return 0;
  }

  /** The answer is whole. One that came before all of the body was sent means that nobody wants the rest. */
  #onStreamEnd(stream: Stream): void {
    // Whoever heard the last of it may have cancelled it.
    if (stream.isOver) return;
    stream.exchange.onEnd();
    if (stream.isOver) return;
    if (stream.unsentBytes > 0) this.#reset(stream, ERROR.cancel);
    else this.#end(stream);
  }

  #fault(stream: Stream, what: string, errorCode: number = ERROR.protocol): void {
    stream.fault = new Http2Error(errorCode, what);
    this.#reset(stream, errorCode);
  }

  #onReset(streamId: number, payload: Buffer): void {
    const code = numberOf(payload, "RST_STREAM");
    const stream = this.#known(streamId);
    if (!stream) return;
    stream.resetCode = code;
    stream.isRefused = code === ERROR.refusedStream;
    this.#end(stream);
  }

  #onSettings(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw new Http2Error(ERROR.protocol, "settings came for a stream");
    if (flags & ACK) {
      if (payload.length > 0) throw new Http2Error(ERROR.frameSize, "settings were acknowledged with more");
      return;
    }
    const before = this.#settings;
    const settings = settingsAfter(before, payload);
    this.#settings = settings;
    this.#outbox.reply(frame(FRAME.settings, ACK, 0, Buffer.alloc(0)));
    this.#outbox.maxFrameBytes = settings.maxFrameBytes;
    if (settings.headerTableBytes !== before.headerTableBytes)
      this.#encoder.setTableSize(settings.headerTableBytes);
    if (settings.windowBytes !== before.windowBytes) {
      for (const stream of this.#streams.values()) {
        // Not a fault of one stream, as with WINDOW_UPDATE: RFC 9113, 6.9.2.
        if (!this.#widen(stream, settings.windowBytes - before.windowBytes))
          throw new Http2Error(ERROR.flowControl, TOO_WIDE);
      }
    }
    if (!this.#isReady) {
      this.#isReady = true;
      this.#owner.onReady();
    }
    this.#beginWaiting();
  }

  #onPing(flags: number, streamId: number, payload: Buffer): void {
    if (payload.length !== PING_BYTES)
      throw new Http2Error(ERROR.frameSize, `a ping of ${payload.length} bytes came`);
    if (streamId !== 0) throw new Http2Error(ERROR.protocol, "a ping came for a stream");
    if (flags & ACK) {
      const onPong = this.#onPong;
      this.#onPong = undefined;
      onPong?.();
    } else this.#outbox.reply(frame(FRAME.ping, ACK, 0, payload));
  }

  /** Streams above the one that it names were not looked at; the others may still be answered. */
  #onGoAway(streamId: number, payload: Buffer): void {
    if (payload.length < 8) throw new Http2Error(ERROR.frameSize, "a GOAWAY is too short");
    if (streamId !== 0) throw new Http2Error(ERROR.protocol, "a GOAWAY came for a stream");
    const lastStreamId = payload.readUInt32BE(0) & 0x7fffffff;
    const code = payload.readUInt32BE(4);
    if (code !== ERROR.none) this.#failure ??= new Error(`the target goes away: ${errorName(code)}`);
    this.#isRetired = true;
    this.#giveUpWaiting();
    for (const stream of [...this.#streams.values()]) {
      if (stream.id <= lastStreamId || stream.isOver) continue;
      stream.isRefused = true;
      this.#end(stream);
    }
    this.#closeIfDone();
  }

  #onWindowUpdate(streamId: number, payload: Buffer): void {
    const bytes = numberOf(payload, "WINDOW_UPDATE") & 0x7fffffff;
    if (streamId === 0) {
      if (bytes === 0) throw new Http2Error(ERROR.protocol, NO_GROWTH);
      this.#outbox.widen(bytes);
      return;
    }
    const stream = this.#known(streamId);
    if (stream && bytes === 0) this.#fault(stream, NO_GROWTH);
    else if (stream && !this.#widen(stream, bytes)) this.#fault(stream, TOO_WIDE, ERROR.flowControl);
  }

  /** Returns false where the window is wider then than one may be. */
  #widen(stream: Stream, bytes: number): boolean {
    if (stream.isOver) return true;
    stream.windowBytes += bytes;
    if (stream.windowBytes > MAX_WINDOW_BYTES) return false;
    if (stream.unsentBytes > 0) this.#outbox.send(stream);
    return true;
  }
}

function numberOf(payload: Buffer, name: string): number {
  if (payload.length !== 4)
    throw new Http2Error(ERROR.frameSize, `a ${name} of ${payload.length} bytes came`);
  return payload.readUInt32BE(0);
}
