/**
 * HTTP/1.1 as cheap as it can be read: the head up to the blank line, content-length bytes or chunks skipped, a fixed answer.
 * Requests may be pipelined; the answers to all that one read brought leave in one write.
 */
import type { Socket } from "node:net";
import { type Read, readInto } from "./read-into.ts";
import type { Tally } from "./tally.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/** Text is looked through in steps of this size: most heads are shorter. */
const TEXT_STEP_BYTES = 2048;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

/** Answer every request of a connection, which is read by `read`. */
export function discardHttp(accepted: Socket, tally: Tally, read: Read = readInto): void {
  const connection = new Connection(tally);
  const socket = read(accepted, (bytes) => {
    const answers = connection.read(bytes);
    if (answers > 0) socket.write(answers === 1 ? OK : OK.repeat(answers), "latin1");
  });
}

class Connection {
  readonly #tally: Tally;
  /** Text that is not whole yet: a head, or the line in front of a chunk. */
  #text = "";
  #isChunked = false;
  #bodyBytes = 0;
  /** Of the body, or of the chunk and its line end. */
  #left = 0;
  #pieces: Buffer[] = [];

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Read what has come; returns how many requests that ends. */
  read(bytes: Buffer): number {
    let ended = 0;
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        if (this.#tally.counted !== undefined) this.#keep(bytes, at, taken);
        this.#left -= taken;
        at += taken;
        if (this.#left > 0 || this.#isChunked) continue;
      } else {
        const before = this.#text.length;
        this.#text += bytes.toString("latin1", at, Math.min(bytes.length, at + TEXT_STEP_BYTES));
        const textEnd = this.#isChunked ? this.#endOfLine() : this.#endOfHead();
        if (textEnd < 0) {
          at += this.#text.length - before;
          continue;
        }
        at += textEnd - before;
        this.#text = "";
        if (this.#left > 0 || this.#isChunked) continue;
      }
      ended++;
      this.#tally.note(this.#bodyBytes, this.#pieces);
      if (this.#pieces.length > 0) this.#pieces = [];
    }
    return ended;
  }

  /** Where the head ends, -1 if it does not yet; then it is known how the body is to be read. */
  #endOfHead(): number {
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return -1;
    this.#bodyBytes = Number(CONTENT_LENGTH.exec(this.#text)?.[1] ?? 0);
    this.#left = this.#bodyBytes;
    this.#isChunked = this.#left === 0 && CHUNKED.test(this.#text.slice(0, end + 2));
    return end + 4;
  }

  /** The same of the line in front of a chunk; the last one is empty, and a blank line ends the body. */
  #endOfLine(): number {
    const end = this.#text.indexOf("\r\n");
    if (end < 0) return -1;
    const chunkBytes = Number.parseInt(this.#text, 16);
    if (chunkBytes > 0) {
      this.#bodyBytes += chunkBytes;
      this.#left = chunkBytes + 2;
      return end + 2;
    }
    if (this.#text.length < end + 4) return -1;
    this.#isChunked = false;
    return end + 4;
  }

  /** For who counts: a copy, without the line end behind a chunk. */
  #keep(bytes: Buffer, from: number, taken: number): void {
    const behind = this.#isChunked ? Math.max(0, Math.min(taken, taken - this.#left + 2)) : 0;
    if (taken > behind) this.#pieces.push(Buffer.from(bytes.subarray(from, from + taken - behind)));
  }
}
