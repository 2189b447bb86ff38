/**
 * A template file in the making: frames go to a temporary file beside the final one, which appears only when all is well.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { decodeRequest } from "../otlp/message/decode.ts";
import { toOtlpJson } from "../otlp/message/json.ts";
import type { Signal } from "../otlp/signal.ts";
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from "../template/frames.ts";
import type { FrameSink } from "./frame-sink.ts";
import { writingTo } from "./output-error.ts";

/** Bytes gathered before they are written: one write per so many small frames. */
const BUFFER_BYTES = 2 * 1024 * 1024;

/** OTLP/JSON after which garbage is collected. */
const COLLECT_AFTER_BYTES = 8 * 1024 * 1024;

/** A file that is written in large pieces and hashed on the way. */
class PieceFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  /** Bytes that are in the file; `bytes` counts those that wait too. */
  #written = 0;
  bytes = 0;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async create(path: string): Promise<PieceFile> {
    const temporary = `${path}.${process.pid}.tmp`;
    return new PieceFile(path, temporary, await writingTo(path, () => open(temporary, "w")));
  }

  /** The next `bytes` bytes of the file, to be filled in at once; wait for `flush` first when they do not fit. */
  take(bytes: number): Buffer {
    if (bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(bytes);
      this.#buffer = larger;
    }
    this.#filled += bytes;
    this.bytes += bytes;
    return this.#buffer.subarray(this.#filled - bytes, this.#filled);
  }

  fits(bytes: number): boolean {
    return this.#filled + bytes <= this.#buffer.length;
  }

  async flush(): Promise<void> {
    const piece = this.#buffer.subarray(0, this.#filled);
    this.#filled = 0;
    this.#hash.update(piece);
    await writingTo(
      this.path,
      async () => {
        for (let at = 0; at < piece.length; ) {
          const { bytesWritten } = await this.#handle.write(piece, at);
          at += bytesWritten;
          this.#written += bytesWritten;
        }
      },
      () => this.#written,
    );
  }

  async close(): Promise<string> {
    await this.flush();
    await writingTo(
      this.path,
      () => this.#handle.close(),
      () => this.#written,
    );
    return this.#hash.digest("hex");
  }

  async publish(): Promise<void> {
    await writingTo(this.path, () => rename(this.#temporary, this.path));
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }
}

/** What became of a closed frame file. */
export interface FrameFileTotals {
  bytes: number;
  frames: number;
  items: number;
  sha256: string;
}

/** One signal's file, and its OTLP/JSON twin if wanted. Life: create, write, close, then publish or discard. */
export class FrameFile implements FrameSink {
  readonly #signal: Signal;
  readonly #frames: PieceFile;
  readonly #json: PieceFile | undefined;
  readonly #abort: AbortSignal | undefined;
  #frameCount = 0;
  #items = 0;
  #uncollected = 0;

  private constructor(signal: Signal, frames: PieceFile, json: PieceFile | undefined, abort?: AbortSignal) {
    this.#signal = signal;
    this.#frames = frames;
    this.#json = json;
    this.#abort = abort;
  }

  /**
   * Open the temporary file.
   *
   * path      the final path, ending in .pb
   * jsonPath  the path of the OTLP/JSON twin: the same requests, one a line
   * abort     once aborted, `write` throws its reason
   * Throws OutputError, as all that writes here.
   */
  static async create(
    signal: Signal,
    path: string,
    jsonPath?: string,
    abort?: AbortSignal,
  ): Promise<FrameFile> {
    const frames = await PieceFile.create(path);
    try {
      return new FrameFile(signal, frames, jsonPath ? await PieceFile.create(jsonPath) : undefined, abort);
    } catch (error) {
      await frames.discard();
      throw error;
    }
  }

  write(message: Uint8Array, items: number): Promise<void> | undefined {
    if (message.length > MAX_FRAME_BYTES) {
      throw new Error(`a frame of ${message.length} bytes is above the limit of ${MAX_FRAME_BYTES}`);
    }
    this.#frameCount++;
    this.#items += items;
    const bytes = FRAME_HEADER_BYTES + message.length;
    if (this.#json || !this.#frames.fits(bytes)) return this.#writeSlowly(message);
    this.#put(message);
    return undefined;
  }

  /** Finish the temporary files; nothing is visible yet. */
  async close(): Promise<FrameFileTotals> {
    const sha256 = await this.#frames.close();
    await this.#json?.close();
    return { bytes: this.#frames.bytes, frames: this.#frameCount, items: this.#items, sha256 };
  }

  /** Put the closed files in their place. */
  async publish(): Promise<void> {
    await this.#frames.publish();
    await this.#json?.publish();
  }

  /** Remove the temporary files, closed or not. */
  async discard(): Promise<void> {
    await this.#frames.discard();
    await this.#json?.discard();
  }

  #put(message: Uint8Array): void {
    const frame = this.#frames.take(FRAME_HEADER_BYTES + message.length);
    frame.writeUInt32BE(message.length, 0);
    frame.set(message, FRAME_HEADER_BYTES);
  }

  /**
   * Texts of megabytes are born old, and V8 lets many of them gather before it looks: 410 MB instead of 290. Needs
   * `node --expose-gc`, which the launcher gives.
   */
  #collect(jsonBytes: number): void {
    this.#uncollected += jsonBytes;
    if (this.#uncollected < COLLECT_AFTER_BYTES) return;
    this.#uncollected = 0;
    globalThis.gc?.();
  }

  async #writeSlowly(message: Uint8Array): Promise<void> {
    this.#abort?.throwIfAborted();
    if (!this.#frames.fits(FRAME_HEADER_BYTES + message.length)) await this.#frames.flush();
    this.#put(message);
    if (!this.#json) return;
    const line = Buffer.from(`${toOtlpJson(this.#signal, decodeRequest(this.#signal, message))}\n`);
    if (!this.#json.fits(line.length)) await this.#json.flush();
    this.#json.take(line.length).set(line);
    this.#collect(line.length);
  }
}
