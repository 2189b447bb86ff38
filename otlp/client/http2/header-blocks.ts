import {
  END_HEADERS,
  END_STREAM,
  ERROR,
  FRAME_HEAD_BYTES,
  Http2Error,
  PRIORITY,
  withoutPadding,
} from "./frames.ts";
import { type Fields, HeaderDecoder, HpackError } from "./hpack/header-decoder.ts";

/** A larger list of header fields than this is not kept, as we tell the other end. Answers to OTLP have some hundred bytes. */
export const MAX_LIST_BYTES = 65_536;
/** Of one block, packed, with the heads of its frames: an endless one of empty frames ends, too. */
const MAX_BLOCK_BYTES = 65_536;
const TABLE_BYTES = 4096;
/** Dependency and weight, which nobody uses any more. */
const PRIORITY_BYTES = 5;

/** Puts together the header blocks that come over a connection, and reads them. */
export class HeaderBlocks {
  readonly #decoder = new HeaderDecoder(TABLE_BYTES, MAX_LIST_BYTES);
  /** Of the block that was begun last. */
  streamId = 0;
  endsStream = false;
  /** What has come of a block that is to be continued, by the next frame. */
  #parts: Buffer[] | undefined;
  #blockBytes = 0;

  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  /** A HEADERS frame. Returns the fields, unless the block goes on. Throws Http2Error. */
  begin(flags: number, streamId: number, payload: Buffer): Fields | undefined {
    let block = withoutPadding(flags, payload);
    if (flags & PRIORITY) {
      if (block.length < PRIORITY_BYTES)
        throw new Http2Error(ERROR.frameSize, "a HEADERS frame is too short");
      block = block.subarray(PRIORITY_BYTES);
    }
    this.streamId = streamId;
    this.endsStream = (flags & END_STREAM) !== 0;
    if (flags & END_HEADERS) return this.#decode(block);
    this.#blockBytes = 0;
    this.#parts = [];
    this.#keep(block);
    return undefined;
  }

  /** A CONTINUATION frame. Returns the fields, unless the block goes on. Throws Http2Error. */
  continue(flags: number, streamId: number, payload: Buffer): Fields | undefined {
    if (!this.#parts || streamId !== this.streamId) {
      throw new Http2Error(ERROR.protocol, "header fields were continued that had not begun");
    }
    this.#keep(payload);
    if (!(flags & END_HEADERS)) return undefined;
    const block = Buffer.concat(this.#parts);
    this.#parts = undefined;
    return this.#decode(block);
  }

  #keep(part: Buffer): void {
    this.#blockBytes += FRAME_HEAD_BYTES + part.length;
    if (this.#blockBytes > MAX_BLOCK_BYTES) {
      throw new Http2Error(ERROR.enhanceYourCalm, `more than ${MAX_BLOCK_BYTES} bytes of header fields came`);
    }
    this.#parts!.push(Buffer.from(part));
  }

  #decode(block: Buffer): Fields {
    try {
      return this.#decoder.decode(block);
    } catch (error) {
      if (error instanceof HpackError) throw new Http2Error(ERROR.compression, error.message);
      throw error;
    }
  }
}
