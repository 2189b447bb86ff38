/**
 * Frames: the container of template and capture files, as the Collector's file exporter writes it.
 *
 *   length   4 bytes, unsigned, big-endian
 *   message  `length` bytes: one encoded Export{Trace,Metrics,Logs}ServiceRequest
 *
 * Source: opentelemetry-collector-contrib, exporter/fileexporter/README.md (format: proto).
 */
import { closeSync, fstatSync, openSync, readSync, type WriteStream } from "node:fs";

export const FRAME_HEADER_BYTES = 4;

/** Largest message of a template frame. A length beyond it means that the file is not one of ours. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** A file is not made of frames. `message` names file, byte, what was found and what to do. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code = "bad_frame";
}

/** One message inside the reader's buffer: valid until the next step of the iteration. */
export interface Frame {
  /** Byte of the file at which the frame's header stands. */
  position: number;
  /** Ordinal of the frame in the file, from 0. */
  index: number;
  /** The message; a view that is overwritten by the next frame. */
  message: Buffer;
}

/** Prefix a message with its length. Allocates; for writers, not for the send path. */
export function encodeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt32BE(message.length, 0);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Walk the frames of a file in order, in a buffer of its own that is as large as the largest frame and some read-ahead.
 *
 * maxFrameBytes  lengths beyond it are errors; captures of a collector may need more than the template limit
 * Throws FrameError on a length of zero, a length beyond the limit or the file, and on a cut header.
 */
export function* readFrames(path: string, maxFrameBytes = MAX_FRAME_BYTES): Generator<Frame> {
  const fd = openSync(path, "r");
  try {
    const fileBytes = fstatSync(fd).size;
    if (fileBytes === 0) throw new FrameError(`${path}: the file is empty; generate it again`);
    let buffer = Buffer.allocUnsafe(Math.min(fileBytes, READ_AHEAD_BYTES));
    /** File position of buffer[0], and how many of its bytes are valid. */
    let bufferPosition = 0;
    let bufferBytes = 0;
    const frame: Frame = { position: 0, index: 0, message: buffer };
    const have = (position: number, bytes: number): void => {
      if (position + bytes <= bufferPosition + bufferBytes) return;
      if (bytes > buffer.length) buffer = Buffer.allocUnsafe(Math.max(bytes, READ_AHEAD_BYTES));
      bufferPosition = position;
      bufferBytes = readSync(fd, buffer, 0, buffer.length, position);
    };
    for (let position = 0; position < fileBytes; frame.index++) {
      const left = fileBytes - position;
      if (left < FRAME_HEADER_BYTES) {
        throw new FrameError(
          `${path}: byte ${position}: a frame header needs 4 bytes, found ${left}; the file is cut off, generate or copy it again`,
        );
      }
      have(position, FRAME_HEADER_BYTES);
      const bytes = buffer.readUInt32BE(position - bufferPosition);
      if (bytes === 0 || bytes > maxFrameBytes) {
        throw new FrameError(
          `${path}: byte ${position}: frame length must be 1 to ${maxFrameBytes}, found ${bytes}; this is not a file of OTLP frames; name one that stampede generate or the Collector's file exporter wrote`,
        );
      }
      if (bytes > left - FRAME_HEADER_BYTES) {
        throw new FrameError(
          `${path}: byte ${position}: a frame of ${bytes} bytes goes past the end of the file (${left - FRAME_HEADER_BYTES} left); the file is cut off, generate or copy it again`,
        );
      }
      have(position, FRAME_HEADER_BYTES + bytes);
      const start = position - bufferPosition + FRAME_HEADER_BYTES;
      frame.position = position;
      frame.message = buffer.subarray(start, start + bytes);
      yield frame;
      position += FRAME_HEADER_BYTES + bytes;
    }
  } finally {
    closeSync(fd);
  }
}

const READ_AHEAD_BYTES = 4 * 1024 * 1024;

/** Write one frame; resolves when the stream wants more. */
export async function writeFrame(stream: WriteStream, message: Uint8Array): Promise<void> {
  if (stream.write(encodeFrame(message))) return;
  await new Promise<void>((resolve, reject) => {
    const onDrain = () => {
      stream.off("error", onError);
      resolve();
    };
    const onError = (error: Error) => {
      stream.off("drain", onDrain);
      reject(error);
    };
    stream.once("drain", onDrain).once("error", onError);
  });
}
