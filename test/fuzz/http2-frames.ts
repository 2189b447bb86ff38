/**
 * HTTP/2 frames written by hand, so that nothing stands in the way of wrong ones.
 * Sources: RFC 9113, 4 and 6; RFC 7541 (HPACK).
 */
import {
  END_HEADERS,
  END_STREAM,
  FRAME,
  frameHead,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
} from "../../otlp/client/http2/frames.ts";

/** A frame; `length` may say something else than the truth. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer,
  length = payload.length,
): Buffer {
  return Buffer.concat([frameHead(length, type, flags, streamId), payload]);
}

/** A header block: every field a literal without indexing, names and values as they are, in latin1. */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([prefixed(bytes.length, 7, 0), bytes]);
}

/** An integer with an N-bit prefix. Source: RFC 7541, 5.1. */
export function prefixed(value: number, bits: number, first: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([first | value]);
  const bytes = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Pairs of setting and value. */
export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  return frame(
    FRAME.settings,
    0,
    0,
    Buffer.concat(pairs.flatMap(([id, value]) => [Buffer.from([id >> 8, id & 255]), uint32(value)])),
  );
}

/** What a server that means well says first: windows that no request of ours fills. */
export const GREETING = Buffer.concat([
  settings([4, MAX_WINDOW_BYTES]),
  frame(FRAME.windowUpdate, 0, 0, uint32(2 ** 30)),
]);

/** DATA with the five bytes that gRPC puts in front of a message. */
export function grpcData(streamId: number, message: Buffer, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length >>> 0, 1);
  return dataFrames(streamId, Buffer.concat([prefix, message]));
}

/** DATA in frames of the size that everybody must take. */
export function dataFrames(streamId: number, bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += MAX_FRAME_BYTES) {
    frames.push(frame(FRAME.data, 0, streamId, bytes.subarray(at, at + MAX_FRAME_BYTES)));
  }
  return Buffer.concat(frames);
}

/** HEADERS, split into CONTINUATION frames where they are long. */
export function headers(
  streamId: number,
  fields: readonly (readonly [string, string])[],
  flags = END_HEADERS,
): Buffer {
  const block = headerBlock(fields);
  if (block.length <= MAX_FRAME_BYTES) return frame(FRAME.headers, flags, streamId, block);
  const frames = [frame(FRAME.headers, flags & ~END_HEADERS, streamId, block.subarray(0, MAX_FRAME_BYTES))];
  for (let at = MAX_FRAME_BYTES; at < block.length; at += MAX_FRAME_BYTES) {
    const isLast = at + MAX_FRAME_BYTES >= block.length;
    frames.push(
      frame(
        FRAME.continuation,
        isLast ? flags & END_HEADERS : 0,
        streamId,
        block.subarray(at, at + MAX_FRAME_BYTES),
      ),
    );
  }
  return Buffer.concat(frames);
}

/** The whole answer of a server that takes a request. */
export function goodAnswer(streamId: number): Buffer {
  return Buffer.concat([
    headers(streamId, [
      [":status", "200"],
      ["content-type", "application/grpc"],
    ]),
    grpcData(streamId, Buffer.alloc(0)),
    headers(streamId, [["grpc-status", "0"]], END_HEADERS | END_STREAM),
  ]);
}
