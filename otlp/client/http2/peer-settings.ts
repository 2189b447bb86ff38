import { ERROR, Http2Error, INITIAL_WINDOW_BYTES, MAX_FRAME_BYTES, MAX_WINDOW_BYTES } from "./frames.ts";

/** What the other end lets us do. Source: RFC 9113, 6.5.2. */
export interface PeerSettings {
  /** Memory that it has for header fields which come again. */
  headerTableBytes: number;
  /** Streams that may be open at a time. */
  maxStreams: number;
  /** Bytes of a new stream that may be sent before it asks for more. */
  windowBytes: number;
  /** Payload of the longest frame that it takes. */
  maxFrameBytes: number;
}

export const DEFAULT_PEER_SETTINGS: Readonly<PeerSettings> = {
  headerTableBytes: 4096,
  maxStreams: Number.POSITIVE_INFINITY,
  windowBytes: INITIAL_WINDOW_BYTES,
  maxFrameBytes: MAX_FRAME_BYTES,
};

const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const MAX_HEADER_LIST_SIZE = 6;
const SETTING_BYTES = 6;
const LARGEST_FRAME_BYTES = 2 ** 24 - 1;

/** Settings as they are after a SETTINGS frame, which says what changed. Throws Http2Error for values that there are not. */
export function settingsAfter(before: Readonly<PeerSettings>, payload: Buffer): PeerSettings {
  if (payload.length % SETTING_BYTES !== 0) {
    throw new Http2Error(ERROR.frameSize, `settings of ${payload.length} bytes came`);
  }
  const settings = { ...before };
  for (let at = 0; at < payload.length; at += SETTING_BYTES) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case HEADER_TABLE_SIZE:
        settings.headerTableBytes = value;
        break;
      case ENABLE_PUSH:
        if (value !== 0) throw new Http2Error(ERROR.protocol, "a server wants to be pushed to");
        break;
      case MAX_CONCURRENT_STREAMS:
        settings.maxStreams = value;
        break;
      case INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW_BYTES)
          throw new Http2Error(ERROR.flowControl, `a window of ${value} bytes came`);
        settings.windowBytes = value;
        break;
      case MAX_FRAME_SIZE:
        if (value < MAX_FRAME_BYTES || value > LARGEST_FRAME_BYTES)
          throw new Http2Error(ERROR.protocol, `a largest frame of ${value} bytes was asked for`);
        settings.maxFrameBytes = value;
        break;
    }
  }
  return settings;
}

/** SETTINGS that a client of unary calls sends: nothing may be pushed to it, and it keeps header lists up to `maxListBytes`. */
export function clientSettings(maxListBytes: number): Buffer {
  const payload = Buffer.alloc(2 * SETTING_BYTES);
  payload.writeUInt16BE(ENABLE_PUSH, 0);
  payload.writeUInt16BE(MAX_HEADER_LIST_SIZE, SETTING_BYTES);
  payload.writeUInt32BE(maxListBytes, SETTING_BYTES + 2);
  return payload;
}
