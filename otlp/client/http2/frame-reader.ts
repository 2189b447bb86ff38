import { ERROR, FRAME_HEAD_BYTES, Http2Error, MAX_FRAME_BYTES } from "./frames.ts";

/** Hears of a frame. The payload is a view that is good for the time of the call. */
export type OnFrame = (type: number, flags: number, streamId: number, payload: Buffer) => void;

/**
 * Cuts bytes into frames. Frames that lie whole in what was read are not copied; of one that does not, the parts are put together in
 * memory that is as large as one frame may be.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** Made when a frame first comes in parts. */
  #parts: Buffer | undefined;
  #partBytes = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /**
   * Take bytes, and tell of each frame that they complete. Keeps nothing of them.
   * Throws Http2Error for a frame that is longer than one may be; the reader is of no use afterwards.
   */
  read(bytes: Buffer): void {
    let at = 0;
    if (this.#partBytes > 0) at = this.#complete(bytes);
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const end = at + FRAME_HEAD_BYTES + payloadBytesOf(bytes, at);
      if (end > bytes.length) break;
      this.#tell(bytes, at, end);
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes, at, bytes.length);
  }

  /** Add to the frame that is kept, and tell of it when it is whole. Returns how many of the bytes it took. */
  #complete(bytes: Buffer): number {
    let at = 0;
    if (this.#partBytes < FRAME_HEAD_BYTES) {
      at = Math.min(bytes.length, FRAME_HEAD_BYTES - this.#partBytes);
      this.#keep(bytes, 0, at);
      if (this.#partBytes < FRAME_HEAD_BYTES) return at;
    }
    const parts = this.#parts!;
    const frameBytes = FRAME_HEAD_BYTES + payloadBytesOf(parts, 0);
    const end = Math.min(bytes.length, at + frameBytes - this.#partBytes);
    this.#keep(bytes, at, end);
    if (this.#partBytes < frameBytes) return end;
    this.#partBytes = 0;
    this.#tell(parts, 0, frameBytes);
    return end;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#parts ??= Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + MAX_FRAME_BYTES);
    bytes.copy(this.#parts, this.#partBytes, from, to);
    this.#partBytes += to - from;
  }

  #tell(bytes: Buffer, at: number, end: number): void {
    // The highest bit of a stream's id means nothing.
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, streamId, bytes.subarray(at + FRAME_HEAD_BYTES, end));
  }
}

function payloadBytesOf(bytes: Buffer, at: number): number {
  const payloadBytes = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if (payloadBytes > MAX_FRAME_BYTES) {
    throw new Http2Error(
      ERROR.frameSize,
      `a frame of ${payloadBytes} bytes came, more than ${MAX_FRAME_BYTES}`,
    );
  }
  return payloadBytes;
}
