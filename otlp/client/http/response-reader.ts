/**
 * Reads one HTTP/1.1 response after the other from the chunks of a connection.
 *
 * Strict where leniency would let two readers disagree on where an answer ends (RFC 9112, 6.3), bounded where a peer decides
 * how much comes. Only the reply's first 64 KiB are kept; what follows is read over, so that the connection can be used on.
 */
import { plainLine } from "../../answer.ts";
import { parseHead, type ResponseHead } from "./response-head.ts";

/** More of a reply than this is not kept. A reply is a count and a sentence. */
export const MAX_REPLY_BYTES = 64 * 1024;
/** Status line and header fields, of interim answers too; and the trailer fields of a chunked body. As node:http has it. */
const MAX_HEAD_BYTES = 16 * 1024;
/** A chunk's size with its extensions. */
const MAX_SIZE_LINE_BYTES = 256;

/** The answer is not HTTP/1.1, or not one that can be told from the next. */
export class ResponseError extends Error {
  override name = "ResponseError";
}

const HEAD = 0;
const LENGTH = 1;
const UNTIL_END = 2;
const CHUNK_SIZE = 3;
const CHUNK_DATA = 4;
const CHUNK_END = 5;
const TRAILERS = 6;
const COMPLETE = 7;
type State =
  | typeof HEAD
  | typeof LENGTH
  | typeof UNTIL_END
  | typeof CHUNK_SIZE
  | typeof CHUNK_DATA
  | typeof CHUNK_END
  | typeof TRAILERS
  | typeof COMPLETE;

/** The state of one connection's answers. Read `head`, `reply` and `isWhole` once `isComplete`; `begin` forgets them. */
export class ResponseReader {
  /** Undefined until the last status line and its fields have come. */
  head: ResponseHead | undefined;
  /** Something came after the end of the answer. */
  hasSurplus = false;
  #state: State = HEAD;
  /** What came of a head or line so far, and how many bytes all of them have had in this response. */
  #text = "";
  #headBytes = 0;
  /** Of the body or the chunk. */
  #bytesLeft = 0;
  #reply: Buffer[] = [];
  #replyBytes = 0;
  /** Answers of a receiver differ once a second, by their date: a head that is that of the answer before is not parsed again. */
  #lastBytes: Buffer = EMPTY;
  #lastHead: ResponseHead | undefined;

  /** Ready for the next response. */
  begin(): void {
    this.head = undefined;
    this.hasSurplus = false;
    this.#state = HEAD;
    this.#text = "";
    this.#headBytes = 0;
    this.#replyBytes = 0;
    if (this.#reply.length > 0) this.#reply = [];
  }

  get isComplete(): boolean {
    return this.#state === COMPLETE;
  }

  /** Whether the reply was short enough to be kept. */
  get isWhole(): boolean {
    return this.#replyBytes <= MAX_REPLY_BYTES;
  }

  /** The body of the response; empty unless `isWhole`. */
  get reply(): Buffer {
    return this.isWhole && this.#reply.length > 0 ? Buffer.concat(this.#reply) : EMPTY;
  }

  /** Read the first `length` bytes of a buffer, which is not kept. Throws ResponseError. */
  read(bytes: Buffer, length: number): void {
    for (let at = 0; at < length; ) {
      switch (this.#state) {
        case HEAD:
          at = this.#readHead(bytes, at, length);
          break;
        case CHUNK_SIZE:
          at = this.#readSize(bytes, at, length);
          break;
        case CHUNK_END:
          at = this.#readChunkEnd(bytes, at, length);
          break;
        case TRAILERS:
          at = this.#readTrailers(bytes, at, length);
          break;
        case COMPLETE:
          this.hasSurplus = true;
          return;
        default:
          at = this.#readBody(bytes, at, length);
      }
    }
  }

  /** The connection ended: that completes a body without a length. */
  end(): void {
    if (this.#state === UNTIL_END) this.#state = COMPLETE;
  }

  #readHead(bytes: Buffer, from: number, to: number): number {
    const { length } = this.#lastBytes;
    if (this.#lastHead && this.#headBytes === 0 && to - from >= length) {
      const isSame = this.#lastBytes.compare(bytes, from, from + length) === 0;
      if (isSame) return this.#takeHead(this.#lastHead, from + length);
    }
    const at = this.#readText(bytes, from, to, "\r\n\r\n", MAX_HEAD_BYTES, "header");
    if (at < 0) return to;
    const head = parseHead(this.#text);
    if (typeof head === "string") throw new ResponseError(head);
    this.#lastBytes = Buffer.from(this.#text, "latin1");
    this.#lastHead = head;
    this.#text = "";
    return this.#takeHead(head, at);
  }

  /** Returns where what follows the head begins. */
  #takeHead(head: ResponseHead, at: number): number {
    // 100 and 103 only announce the answer.
    if (head.status < 200) return at;
    this.head = head;
    this.#headBytes = 0;
    this.#beginBody(head);
    return at;
  }

  #beginBody({ bodyBytes }: ResponseHead): void {
    if (bodyBytes === "chunked") this.#state = CHUNK_SIZE;
    else if (bodyBytes === "until_end") {
      this.#state = UNTIL_END;
      this.#bytesLeft = Number.POSITIVE_INFINITY;
    } else {
      this.#state = bodyBytes === 0 ? COMPLETE : LENGTH;
      this.#bytesLeft = bodyBytes;
    }
  }

  #readBody(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#bytesLeft);
    this.#bytesLeft -= end - from;
    this.#replyBytes += end - from;
    if (this.isWhole) this.#reply.push(Buffer.from(bytes.subarray(from, end)));
    if (this.#bytesLeft === 0) this.#state = this.#state === CHUNK_DATA ? CHUNK_END : COMPLETE;
    return end;
  }

  #readSize(bytes: Buffer, from: number, to: number): number {
    const at = this.#readText(bytes, from, to, "\r\n", MAX_SIZE_LINE_BYTES, "chunk size");
    if (at < 0) return to;
    const size = /^([0-9a-f]{1,12})[ \t]*(;[^\r\n]*)?$/i.exec(this.#text.slice(0, -2))?.[1];
    if (size === undefined) throw new ResponseError(`the answer has a chunk of size ${shown(this.#text)}`);
    this.#text = "";
    this.#headBytes = 0;
    this.#bytesLeft = Number.parseInt(size, 16);
    this.#state = this.#bytesLeft === 0 ? TRAILERS : CHUNK_DATA;
    return at;
  }

  #readChunkEnd(bytes: Buffer, from: number, to: number): number {
    const at = this.#readText(bytes, from, to, "\r\n", MAX_SIZE_LINE_BYTES, "chunk end");
    if (!"\r\n".startsWith(this.#text)) {
      throw new ResponseError("the answer has a chunk that is longer than it says");
    }
    if (at < 0) return to;
    this.#text = "";
    this.#headBytes = 0;
    this.#state = CHUNK_SIZE;
    return at;
  }

  /** Fields after the last chunk say nothing to us; an empty line ends them. */
  #readTrailers(bytes: Buffer, from: number, to: number): number {
    const at = this.#readText(bytes, from, to, "\r\n", MAX_HEAD_BYTES, "trailer");
    if (at < 0) return to;
    if (this.#text === "\r\n") this.#state = COMPLETE;
    this.#text = "";
    return at;
  }

  /** Collect text until `end` has come: the place behind it, or -1 when more is to come. */
  #readText(bytes: Buffer, from: number, to: number, end: string, most: number, what: string): number {
    // The end may begin in what came before.
    const before = this.#text.length;
    const piece = bytes.toString("latin1", from, Math.min(to, from + most - this.#headBytes + 1));
    const text = before === 0 ? piece : this.#text + piece;
    const found = text.indexOf(end, Math.max(0, before - end.length));
    const taken = (found < 0 ? text.length : found + end.length) - before;
    this.#headBytes += taken;
    if (this.#headBytes > most) {
      throw new ResponseError(`the answer has a ${what} of more than ${most} bytes`);
    }
    this.#text = found < 0 ? text : text.slice(0, found + end.length);
    if (found >= 0) return from + taken;
    if (what === "header") refuseOtherProtocols(text);
    return -1;
  }
}

/** A peer that greets in another language is told of at once, not after its greeting has filled the bound. */
function refuseOtherProtocols(text: string): void {
  const start = "HTTP/1.";
  if (!text.startsWith(start.slice(0, text.length))) {
    throw new ResponseError(`the answer is not HTTP/1.1, it begins with ${shown(text)}`);
  }
}

function shown(text: string): string {
  return JSON.stringify(plainLine(text).slice(0, 40));
}

const EMPTY = Buffer.alloc(0);
